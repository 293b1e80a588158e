"""Rules of sudo on a stopped Linux disk: which accounts they name, and in which files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from glob import escape
from posixpath import dirname, join

from runners.disk.process.search import matching
from runners.disk.process.tree import Missing, Tree, Unreadable

_MOST_NAMES = 500
_MOST_FILES = 20
_MOST_INCLUDED = 128
"""Files that sudo itself includes in each other at most."""
# The first that is there is sudo's own; openSUSE has the second.
_ROOTS = ("etc/sudoers", "usr/etc/sudoers")
_FOLDER = "etc/sudoers.d"
# @includedir /etc/sudoers.d     #include /etc/sudoers.local     @include "sudoers.%h"
_INCLUDE = re.compile(r'\s*[@#]include(dir)?[ \t]+"?((?:\\.|[^"\\])+?)"?\s*')
# #1000 ALL=(ALL) NOPASSWD:ALL: a rule of an account by its number, and no comment
_BY_NUMBER = re.compile(r"\s*#\d+\s*[,\s].*=")
_REMARK = re.compile(r"\s#(?!-?\d).*")
# azureuser    "two words"    EXAMPLE\\ops    ops@example.com    %wheel    %:other    +netgroup    #1000    !b
_ITEM = re.compile(r'\s*(!*)\s*("[^"]*"|[%+]?:?(?:\\.|[^\s,=:!"\\])+)(?P<more>\s*,)?')
# User_Alias ADMINS = a, b : OTHERS = c
_ALIAS = re.compile(r"(?:^|:)\s*([A-Z][A-Z0-9_]*)\s*=")
_USER_ALIAS = re.compile(r"\s*User_Alias\s+")
# Defaults !authenticate     Defaults:azureuser log_output, !authenticate
_UNASKED = re.compile(r"\s*Defaults(:?)(.*!\s*authenticate\b)")
_NO_RULES = re.compile(r"\s*(?:Defaults|[@#]include|(?:User|Runas|Host|Cmnd|Cmd)_Alias\b)")


def sudo_accounts(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Return the accounts that may do something without a password, with the files that say so.

    An account by its number, which none has, is `#1000`. What groups and everybody may is nobody's own. Raises
    `Missing` without sudo, `Unreadable`.
    """
    return _named(tree, passwordless=True)


def ruled_accounts(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Return as `sudo_accounts` the accounts that may do something with a password."""
    return _named(tree, passwordless=False)


def _named(tree: Tree, *, passwordless: bool) -> dict[str, tuple[str, ...]]:
    lines = [(path, line) for path in _files(tree) for line in _lines(tree, path)]
    aliases = _aliases(line for _, line in lines)
    unasked = _unasked((line for _, line in lines), aliases)
    numbers = _numbers(tree)
    found: dict[str, dict[str, None]] = {}
    for path, line in lines:
        if _NO_RULES.match(line):
            continue
        for account in _accounts(line, aliases):
            free = "NOPASSWD" in line or bool({"ALL", account} & unasked)
            if free is passwordless:
                found.setdefault(numbers.get(account, account)[:64], {})[path] = None
    if len(found) > _MOST_NAMES or any(len(files) > _MOST_FILES for files in found.values()):
        raise Unreadable(f"sudo's files name more than {_MOST_NAMES} accounts, or one in more than {_MOST_FILES} files")
    return {account: tuple(files) for account, files in sorted(found.items())}


def _files(tree: Tree) -> list[str]:
    """Return sudo's own file, all that it includes, and what lies in /etc/sudoers.d, whether it is included or not."""
    waiting = [path for path in _ROOTS if _is_file(tree, path)][:1]
    with suppress(Missing):
        waiting += [f"{_FOLDER}/{name}" for name in tree.names(_FOLDER, _MOST_NAMES)]
    if not waiting and not _is_there(tree, _FOLDER):
        raise Missing(_ROOTS[0])
    found: dict[str, None] = {}
    while waiting:
        path = "/" + waiting.pop(0).lstrip("/")
        if path in found or not _is_file(tree, path):
            continue
        if len(found) >= _MOST_INCLUDED + _MOST_NAMES:
            raise Unreadable(f"sudo's files are more than the {_MOST_INCLUDED + _MOST_NAMES} that are read")
        found[path] = None
        waiting += _included(tree, path)
    return list(found)


def _included(tree: Tree, path: str) -> list[str]:
    found: list[str] = []
    for line in _lines(tree, path):
        if include := _INCLUDE.fullmatch(line):
            place = join(dirname(path), re.sub(r"\\(.)", r"\1", include[2]))
            # %h is the name of the machine, which its deprovisioning has changed.
            found += matching(tree, [escape(place).replace("%h", "*") + ("/*" if include[1] else "")])
    return found


def _lines(tree: Tree, path: str) -> list[str]:
    """Return the lines of a file of sudo. Raises `Unreadable` where one can be none: nothing else tells damage."""
    lines = list(_joined(tree.text(path.lstrip("/"))))
    for line in lines:
        if not line.isprintable() and not line.expandtabs().isprintable():
            raise Unreadable(f"{path} holds bytes that no file of sudo has, so it is damaged")
        if "=" not in line and not _NO_RULES.match(line):
            raise Unreadable(f"{path} has a line that is no rule of sudo, so it is damaged")
    return lines


def _joined(text: str) -> Iterator[str]:
    """Yield the lines that say something, with those in which they go on; a remark goes on in no other line."""
    whole = ""
    for line in text.split("\n"):
        if not whole and line.lstrip().startswith("#") and not (_INCLUDE.fullmatch(line) or _BY_NUMBER.match(line)):
            continue
        whole += line.rstrip(" \t\r")
        if whole.endswith("\\"):
            whole = whole[:-1] + " "
        elif whole.strip():
            yield _REMARK.sub("", whole)
            whole = ""
    if whole.strip():
        yield whole


def _aliases(lines: Iterator[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if start := _USER_ALIAS.match(line):
            rest = line[start.end() :]
            for alias in _ALIAS.finditer(rest):
                found[alias[1]] = (*found.get(alias[1], ()), *_items(rest[alias.end() :]))
    return found


def _unasked(lines: Iterator[str], aliases: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the accounts of which sudo wants no password, whatever their rules say; `ALL` for everybody."""
    found: set[str] = set()
    for line in lines:
        if setting := _UNASKED.match(line):
            everybody = not setting[1] or "ALL" in _items(setting[2])
            found |= {"ALL"} if everybody else set(_accounts(setting[2], aliases))
    return found


def _accounts(users: str, aliases: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the accounts in the list of users with which a text begins. A word in capitals that is no alias is one."""
    waiting, seen = list(_items(users)), set()
    while waiting:
        name = waiting.pop(0)
        if name not in seen and name in aliases:
            waiting += aliases[name]
        seen.add(name)
    return sorted(name for name in seen if name and name != "ALL" and name not in aliases and name[0] not in "%+")


def _items(text: str) -> Iterator[str]:
    """Yield the items of the list with which a text begins, but for those that are excepted."""
    place = 0
    while item := _ITEM.match(text, place):
        if len(item[1]) % 2 == 0:
            yield re.sub(r"\\(.)", r"\1", item[2].strip('"'))
        if not item["more"]:
            return
        place = item.end()


def _numbers(tree: Tree) -> dict[str, str]:
    """Return the accounts of /etc/passwd by their numbers: `#1000`."""
    try:
        fields = [line.split(":") for line in tree.text("etc/passwd").splitlines()]
    except Missing:
        return {}
    return {f"#{item[2]}": item[0] for item in fields if len(item) == 7}


def _is_file(tree: Tree, path: str) -> bool:
    """Return whether a file is there. A link may lead to what the disk does not hold, such as /dev/null."""
    try:
        return tree.node(path).kind == "file"
    except Missing:
        return False


def _is_there(tree: Tree, path: str) -> bool:
    try:
        tree.node(path)
    except Missing:
        return False
    return True
