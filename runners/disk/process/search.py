"""Finds files of an image by patterns of their paths: bounded, and never quietly less than there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate

from runners.disk.process.tree import Missing, Tree, Unreadable

_MOST_NAMES = 20000
_DEEPEST = 12
_WILD = re.compile(r"[*?\[]")


def matching(tree: Tree, patterns: Iterable[str]) -> Iterator[str]:
    """Yield the paths that match any of `patterns`, each once, in order. Raises `Unreadable`.

    `*`, `?` and `[...]` stand for parts of one name; a pattern that ends with `/**` is whatever lies below a folder,
    at any depth, but for folders. A folder that is not there has nothing in it. Links among the folders of a pattern
    are followed, inside of the image; links below a `**` are not.
    """
    seen: set[str] = set()
    for pattern in patterns:
        head, deep, _ = pattern.partition("/**")
        for path in _expanded(tree, head):
            for found in below(tree, path) if deep else (path,):
                if found not in seen:
                    seen.add(found)
                    yield found


def files(tree: Tree, patterns: Iterable[str]) -> list[str]:
    """Return the files that match and are not empty. Raises `Unreadable`."""
    return [path for path in matching(tree, patterns) if holds_something(tree, path)]


def holds_something(tree: Tree, path: str) -> bool:
    """Return whether `path` is a file with content. A link to what is not on the disk, such as /dev/null, is none."""
    try:
        node = tree.node(path)
    except Missing:
        return False
    return node.kind == "file" and node.size > 0


def below(tree: Tree, folder: str) -> Iterator[str]:
    """Yield all that lies below a folder, at any depth, but folders. Raises `Unreadable` for more than is looked at."""
    waiting, number = [(folder, 0)], 0
    while waiting:
        place, depth = waiting.pop()
        for name in _names(tree, place):
            path = f"{place}/{name}"
            number += 1
            if number > _MOST_NAMES or depth > _DEEPEST:
                raise Unreadable(f"below {folder} lies more than is looked at ({_MOST_NAMES} names, {_DEEPEST} deep)")
            kind = tree.node(path, follow=False).kind
            if kind == "folder":
                waiting.append((path, depth + 1))
            else:
                yield path


def _expanded(tree: Tree, pattern: str) -> list[str]:
    places = [""]
    for part in pattern.strip("/").split("/"):
        if not _WILD.search(part):
            places = [f"{place}/{part}" for place in places]
            continue
        wanted = re.compile(translate(part))
        places = [f"{place}/{name}" for place in places for name in _names(tree, place) if wanted.match(name)]
    return [place for place in places if _is_there(tree, place)]


def _names(tree: Tree, folder: str) -> tuple[str, ...]:
    """Return the names in a folder; none of what is no folder, or not there."""
    try:
        if tree.node(folder).kind != "folder":
            return ()
        return tree.names(folder, _MOST_NAMES)
    except Missing:
        return ()


def _is_there(tree: Tree, path: str) -> bool:
    try:
        tree.node(path, follow=False)
    except Missing:
        return False
    return True
