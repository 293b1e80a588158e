"""Where accounts keep their files on a Linux disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from glob import escape

from runners.disk.process.tree import Missing, Tree

_MOST_NAMES = 500
# What system accounts have for a home and share with the whole system: /, /bin, /usr/sbin, /dev/null, /var/spool/lpd
_OF_THE_SYSTEM = re.compile(
    r"|/(?:bin|sbin|usr|dev|proc|sys|run|boot|etc|tmp|nonexistent|var(?!/lib/|/www))(?:/.*)?|/var/lib"
)
_NO_SHELL = ("nologin", "false", "sync", "halt", "shutdown")


def accounts(tree: Tree) -> Mapping[str, str]:
    """Return the accounts of /etc/passwd with their homes. Raises `Missing` and `Unreadable`."""
    # azureuser:x:1000:1000::/home/azureuser:/bin/bash
    fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    return {item[0]: item[5].rstrip("/") for item in fields if len(item) == 7}


def homes(tree: Tree) -> tuple[str, ...]:
    """Return the homes that hold accounts' files: those that /etc/passwd names, and what is left in /home."""
    # A shell says little of whose files are there: root may have nologin, and a service its keys in /var/lib/NAME.
    fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    named = {item[5].rstrip("/") for item in fields if len(item) == 7 and _is_home(item[5].rstrip("/"), item[6])}
    with suppress(Missing):
        named |= {f"/home/{name}" for name in tree.names("home", _MOST_NAMES)}
    return tuple(sorted(home for home in named if home.startswith("/")))


def _is_home(path: str, shell: str) -> bool:
    can_log_in = shell.strip().rpartition("/")[2] not in _NO_SHELL  # an empty field is /bin/sh
    return can_log_in or not _OF_THE_SYSTEM.fullmatch(path)


def in_homes(tree: Tree, patterns: Iterable[str]) -> list[str]:
    """Return `patterns` with each `~` replaced by every home."""
    found = []
    for pattern in patterns:
        if pattern.startswith("~/"):
            found += [escape(home) + pattern[1:] for home in homes(tree)]
        else:
            found.append(pattern)
    return found
