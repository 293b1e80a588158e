"""Keeping what an allow-list names, and telling what was left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.imports.allow_list import KEEP, Tree

# Keys that name a secret, or what may hold one: adminPassword, customData, userData, protectedSettings, accountKey,
# sasUri, publicKeys, connectionString, fileUris, message
_SECRET_KEY = re.compile(
    r"passw|pwd|secret|token|key|sas|credential|certificate|customdata|userdata|settings|connectionstring"
    r"|ssh|admin|message|ur[il]s?$",
    re.IGNORECASE,
)
# Values that are one, whatever they are called: a SAS (sig=...), a key of a storage account (AccountKey=...), an access
# token (eyJ...), a PEM block, an SSH public key (ssh-ed25519 AAAA...), a URL with a password (https://me:secret@host/)
_SECRET_VALUE = re.compile(
    r"[?&;]\s*sig=|accountkey\s*=|sharedaccess|\beyJ[\w-]{10,}|-----BEGIN |\b(?:ssh-|ecdsa-)[\w-]+ AAAA|://[^/\s]*@"
    r"|(?:password|passwd|pwd|secret|token)\s*[=:]",
    re.IGNORECASE,
)
# A URL with a query, which is where SAS and tokens travel
_QUERY = re.compile(r"[a-z][a-z0-9+.-]*://\S*\?", re.IGNORECASE)
_LONGEST = 1024


@dataclass(slots=True)
class Sieve:
    """Collects the paths of what was left out, values never: `model.properties.osProfile.adminPassword`."""

    secrets: list[str] = field(default_factory=list)
    """What may hold a secret, by its name or by how its value looks."""
    others: list[str] = field(default_factory=list)
    """What neither the lab nor a check reads."""

    def keep(self, value: Any, tree: Tree, path: str) -> Any:
        """Return what of `value` the tree names; None for nothing."""
        if isinstance(tree, dict) and isinstance(value, Mapping):
            return self._keep_mapping(value, tree, path)
        if isinstance(tree, list) and isinstance(value, list):
            items = (self.keep(item, tree[0], f"{path}[{index}]") for index, item in enumerate(value))
            return [item for item in items if item is not None]
        if tree == KEEP and isinstance(value, bool | int | float):
            return value
        if tree == KEEP and isinstance(value, str):
            return self._keep_text(value, path)
        self._leave(path, value)
        return None

    def _keep_mapping(self, value: Mapping[str, Any], tree: Mapping[str, Tree], path: str) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in value.items():
            here = f"{path}.{printable(key)}"
            free = "*" in tree
            if key not in tree and not free:
                self._leave(here, item)
            elif free and _SECRET_KEY.search(key):
                self.secrets.append(here)
            else:
                found = self.keep(item, tree.get(key) or tree["*"], here) if free else self.keep(item, tree[key], here)
                if found is not None:
                    kept[key] = found
        return kept

    def _keep_text(self, value: str, path: str) -> str | None:
        if _SECRET_VALUE.search(value) or _QUERY.search(value) or len(value) > _LONGEST:
            self.secrets.append(path)
            return None
        if "${" in value:  # a placeholder to the scenario, which Azure never meant
            self.others.append(path)
            return None
        return value

    def _leave(self, path: str, value: Any) -> None:
        if value in (None, "", [], {}):
            return  # there was nothing
        name = path.rpartition(".")[2]
        (self.secrets if _SECRET_KEY.search(name) else self.others).append(path)


def printable(key: str) -> str:
    """Return a key as it may be shown: short, and without control characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in key)[:80]
