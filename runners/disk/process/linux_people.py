"""Accounts of people on a stopped Linux disk: those that can be logged in to by somebody, and are no service's."""

from __future__ import annotations

import re

from runners.disk.process.tree import Missing, Tree, Unreadable

_MOST = 500
_NOBODY = 65534
# useradd's own defaults, where /etc/login.defs does not say otherwise
_UID_MIN, _UID_MAX = 1000, 60000
# UID_MIN                  1000
_LIMIT = re.compile(r"^[ \t]*(UID_MIN|UID_MAX)[ \t]+(\S+)", re.MULTILINE)


def human_accounts(tree: Tree) -> tuple[str, ...]:
    """Return the accounts of /etc/passwd whose uid is one that useradd gives to people, or is 0 and not root's.

    Whatever shell and password they have: a key is enough to log in, and a shell is changed in a moment. Raises
    `Unreadable` for a file without root, or with a line that is none of passwd's.
    """
    least, most = _limits(tree)
    found, root = [], False
    try:
        text = tree.text("etc/passwd")
    except Missing:
        raise Unreadable("there is no /etc/passwd, so nobody can tell whose accounts there are") from None
    for number, line in enumerate(text.splitlines(), start=1):
        # azureuser:x:1000:1000::/home/azureuser:/bin/bash    +::::::  (NIS, which names no account of this disk)
        fields = line.split(":")
        if not line.strip() or line[0] in "+-#":
            continue
        if len(fields) != 7 or not fields[0] or not fields[2].isascii() or not fields[2].isdecimal():
            raise Unreadable(f"line {number} of /etc/passwd is damaged, so nobody can tell whose account it is")
        uid = int(fields[2])
        root = root or (fields[0] == "root" and uid == 0)
        if (uid == 0 and fields[0] != "root") or (least <= uid <= most and uid != _NOBODY):
            found.append(fields[0][:64])
    if not root:
        raise Unreadable("/etc/passwd names no root, so it is no whole file")
    if len(found) > _MOST:
        raise Unreadable(f"{len(found)} accounts of people are more than the {_MOST} that are listed")
    return tuple(found)


def _limits(tree: Tree) -> tuple[int, int]:
    """Return the least and the greatest uid of people."""
    try:
        said = dict(_LIMIT.findall(tree.text("etc/login.defs")))
    except Missing:
        said = {}
    numbers = []
    for key, default in (("UID_MIN", _UID_MIN), ("UID_MAX", _UID_MAX)):
        try:
            numbers.append(int(said.get(key, str(default)), 0))
        except ValueError:
            raise Unreadable(f"{key} in /etc/login.defs is no number") from None
    # Lower limits than useradd's own hide nobody: a wide range only finds more.
    return min(numbers[0], _UID_MIN), max(numbers[1], _UID_MAX)
