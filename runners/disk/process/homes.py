"""Where accounts keep their files on a Linux disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from glob import escape

from runners.disk.process.search import files
from runners.disk.process.tree import Missing, Tree, Unreadable

_MOST_NAMES = 10000
_MOST_HOMES = 2000
_DEEPEST = 5
# What system accounts have for a home and share with the whole system: /, /bin, /usr/sbin, /dev/null, /var/spool/lpd
_OF_THE_SYSTEM = re.compile(
    r"|/(?:bin|sbin|usr|dev|proc|sys|run|boot|etc|tmp|nonexistent|var(?!/lib/|/www))(?:/.*)?|/var/lib"
)
_MAKERS = (
    "/etc/default/useradd",
    "/etc/adduser.conf",
    "/etc/sssd/sssd.conf",
    "/etc/sssd/conf.d/*.conf",
    "/etc/samba/smb.conf",
)
# HOME=/srv/homes     DHOME=/home     override_homedir = /homes/%d/%u     template homedir = /home/%D/%U
_MADE_IN = re.compile(
    r"^[ \t]*(?:D?HOME|(?:fallback|override)_homedir|homedir_substring|template homedir)[ \t]*="
    r"[ \t]*\"?(/[^\s%\"]*)(%?)",
    re.MULTILINE,
)
_NO_SHELL = ("nologin", "false", "sync", "halt", "shutdown")


def accounts(tree: Tree) -> Mapping[str, str]:
    """Return the accounts of /etc/passwd with their homes. Raises `Missing` and `Unreadable`."""
    # azureuser:x:1000:1000::/home/azureuser:/bin/bash
    fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    return {item[0]: item[5].rstrip("/") for item in fields if len(item) == 7}


def homes(tree: Tree) -> tuple[str, ...]:
    """Return the homes that hold accounts' files: those that /etc/passwd names, and what is left where homes are made.

    Accounts of a directory are not in /etc/passwd, and their homes may be in folders of their own, such as
    /home/example.com/jdoe. Raises `Missing` without accounts, `Unreadable` where there is more than is looked at.
    """
    # A shell says little of whose files are there: root may have nologin, and a service its keys in /var/lib/NAME.
    fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    owned = {item[5].rstrip("/"): item[6] for item in fields if len(item) == 7}
    named = {home for home, shell in owned.items() if _is_home(home, shell)}
    left = {home for place in _places(tree) for home in _left(tree, place, set(owned))}
    return tuple(sorted(home for home in named | left if home.startswith("/")))


def _places(tree: Tree) -> tuple[str, ...]:
    """Return the folders in which homes are made: /home, and what programs that make them are told."""
    found = {"/home"}
    for path in files(tree, _MAKERS):
        for folder, pattern in _MADE_IN.findall(tree.text(path.lstrip("/"))):
            place = folder.rpartition("/")[0] if pattern else folder.rstrip("/")
            if not _OF_THE_SYSTEM.fullmatch(place):
                found.add(place)
    return tuple(sorted(found))


def _left(tree: Tree, place: str, owned: Set[str]) -> list[str]:
    """Return what may be a home below a folder: what is in it, in that, and in folders that hold nothing but folders.

    What is in the home of an account of /etc/passwd is its own.
    """
    found = [f"{place}/{name}" for name in _names(tree, place)]
    waiting = [(path, 1) for path in found]
    while waiting:
        path, depth = waiting.pop()
        if path in owned or not _is_folder(tree, path, follow=False):
            continue
        names = _names(tree, path)
        below = [f"{path}/{name}" for name in names if not name.startswith(".")]
        folders = [item for item in below if _is_folder(tree, item)]
        if depth > 1 and len(folders) < len(names):
            continue  # with files, or what programs keep in a home, it is a home itself
        found += folders
        if len(found) > _MOST_HOMES or (depth > _DEEPEST and folders):
            raise Unreadable(f"below {place} lies more than is searched for homes ({_MOST_HOMES}, {_DEEPEST} deep)")
        waiting += [(item, depth + 1) for item in folders]
    return found


def _names(tree: Tree, folder: str) -> tuple[str, ...]:
    try:
        return tree.names(folder, _MOST_NAMES)
    except Missing:
        return ()


def _is_folder(tree: Tree, path: str, *, follow: bool = True) -> bool:
    try:
        return tree.node(path, follow=follow).kind == "folder"
    except Missing:
        return False


def _is_home(path: str, shell: str) -> bool:
    can_log_in = shell.strip().rpartition("/")[2] not in _NO_SHELL  # an empty field is /bin/sh
    return can_log_in or not _OF_THE_SYSTEM.fullmatch(path)


def in_homes(tree: Tree, patterns: Iterable[str]) -> list[str]:
    """Return `patterns` with each `~` replaced by every home."""
    found = []
    known = homes(tree)
    for pattern in patterns:
        if pattern.startswith("~/"):
            found += [escape(home) + pattern[1:] for home in known]
        else:
            found.append(pattern)
    return found
