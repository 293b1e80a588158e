"""Where accounts keep their files on a Linux disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from glob import escape

from runners.disk.process.tree import Missing, Tree

_MOST_NAMES = 500


def accounts(tree: Tree) -> Mapping[str, str]:
    """Return the accounts of /etc/passwd with their homes. Raises `Missing` and `Unreadable`."""
    # azureuser:x:1000:1000::/home/azureuser:/bin/bash
    fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    return {item[0]: item[5].rstrip("/") for item in fields if len(item) == 7}


def homes(tree: Tree) -> tuple[str, ...]:
    """Return the homes that hold accounts' files: those that /etc/passwd names, and what is left in /home."""
    # Only accounts with a shell: system accounts share /, /bin and the like, which are no homes.
    fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    named = {item[5].rstrip("/") for item in fields if len(item) == 7 and item[6].rstrip().endswith("sh")}
    with suppress(Missing):
        named |= {f"/home/{name}" for name in tree.names("home", _MOST_NAMES)}
    return tuple(sorted(home for home in named if home.startswith("/")))


def in_homes(tree: Tree, patterns: Iterable[str]) -> list[str]:
    """Return `patterns` with each `~` replaced by every home."""
    found = []
    for pattern in patterns:
        if pattern.startswith("~/"):
            found += [escape(home) + pattern[1:] for home in homes(tree)]
        else:
            found.append(pattern)
    return found
