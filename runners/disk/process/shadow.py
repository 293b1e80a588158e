"""Shadow files, classified: what kind of password each account has, and never the password."""

from __future__ import annotations

from checks.facts.linux_guest import PasswordField
from runners.disk.process.tree import Unreadable

_MOST_FIELDS = 5000
# The shortest hash of crypt(3), DES: rqXexS6ZhobKA. Locks are shorter: !, *, !!, x, *LOCK*, *NP*
_SHORTEST_HASH = 13
_COLONS = 8


def classify(text: str, path: str) -> tuple[PasswordField, ...]:
    """Return each account's field as `hash`, `locked` or `empty`. Raises `Unreadable` for what is no shadow file.

    A hash behind a lock (`!$6$...`) is a hash: `passwd -u` brings it back, and whoever has the file can crack it. What
    can't be told from a hash counts as one: the rule of the probe `accounts`, which looks at the running guest.
    """
    fields = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        # azureuser:$y$j9T$...:20779:0:99999:7:::
        name, colon, rest = line.partition(":")
        if not colon or not name:
            raise Unreadable(f"line {number} of {path} has no password field")
        if line.count(":") != _COLONS:
            raise Unreadable(f"line {number} of {path} has not the nine fields of a shadow file, so it is damaged")
        fields.append(PasswordField(account=name[:64], kind=kind(rest.partition(":")[0])))
    if len(fields) > _MOST_FIELDS:
        raise Unreadable(f"{path} has {len(fields)} lines, more than the {_MOST_FIELDS} that are listed")
    return tuple(fields)


def kind(field: str) -> str:
    """Return how one password field looks: `hash`, `locked` or `empty`."""
    if not field:
        return "empty"
    rest = field.lstrip("!*")
    return "hash" if "$" in rest or len(rest.encode(errors="replace")) >= _SHORTEST_HASH else "locked"
