"""A file system inside an image, read with suspicion: bounded, never outside of the image, never half."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol, TypeVar

from checks.facts.fact import Fact

T = TypeVar("T")

LARGEST_FILE = 1024 * 1024
_MOST_LINKS = 40


class Unreadable(Exception):  # noqa: N818 - it says why a fact is unknown, it reports no bug
    """Something could not be read. The text is the reason that the fact will carry: our own words, no file content."""


class Missing(Exception):  # noqa: N818
    """The path is not there: every folder on the way was read whole, and none has it."""


class Node(Protocol):
    """One file, folder or link of a file system."""

    @property
    def kind(self) -> str:
        """`file`, `folder`, `link`, or `other`."""
        ...

    def entries(self) -> dict[str, Node]:
        """Return what is in this folder. Raises `Unreadable` unless the whole folder could be read."""
        ...

    def content(self, most: int) -> bytes:
        """Return the whole content. Raises `Unreadable` where it is damaged or longer than `most`."""
        ...

    def target(self) -> str:
        """Return where this link points."""
        ...

    @property
    def size(self) -> int:
        """Bytes of a file, as its inode says."""
        ...


class Tree:
    """Paths in the file systems of one machine, with symbolic links resolved as if its root were the root of all."""

    def __init__(self, root: Node, mounts: Mapping[str, Node | str] | None = None) -> None:
        """`mounts`: where the system mounts other volumes -> their root folders, or why they are not read."""
        self._root = root
        self._mounts = mounts or {}
        self._folders: dict[tuple[str, ...], dict[str, Node]] = {}
        self.examined = 0

    @property
    def mounts(self) -> Mapping[str, Node | str]:
        """Where the system mounts other volumes -> their root folders, or why they are not read."""
        return self._mounts

    def node(self, path: str, *, follow: bool = True) -> Node:
        """Return what is at `path`. Raises `Missing` or `Unreadable`. `follow`: whether the last part may be a link."""
        here = self._walk(path, follow=follow)
        return here[-1][1] if here else self._root

    def place(self, path: str) -> str:
        """Return the path to which `path` leads when every link on it is followed. Raises as `node` does."""
        return "/" + "/".join(name for name, _ in self._walk(path, follow=True))

    def _walk(self, path: str, *, follow: bool) -> list[tuple[str, Node]]:
        self.examined += 1
        here: list[tuple[str, Node]] = []
        rest = _parts(path)
        links = 0
        while rest:
            name = rest.pop(0)
            if name == "..":
                # At the root, `..` stays at the root: nothing of the host is ever reached.
                del here[-1:]
                continue
            node = self._child(here, name, path)
            kind = self._opened("/".join((*(part for part, _ in here), name)), partial(_kind, node))
            if kind == "link" and (rest or follow):
                links += 1
                if links > _MOST_LINKS:
                    raise Unreadable(f"{path} leads through more than {_MOST_LINKS} symbolic links")
                target = node.target()
                if target.startswith("/"):
                    here = []
                rest = _parts(target) + rest
                continue
            here.append((name, node))
        return here

    def text(self, path: str, most: int = LARGEST_FILE) -> str:
        """Return a text file. Raises `Missing` or `Unreadable`.

        No file of settings holds a NUL: it was damaged, or lost what it held in a crash.
        """
        data = self.content(path, most)
        if path.startswith("etc/") and b"\0" in data:
            raise Unreadable(f"/{path} holds bytes that no text has, so it is damaged")
        return data.decode("utf-8", "replace")

    def content(self, path: str, most: int = LARGEST_FILE) -> bytes:
        """Return the bytes of a file. Raises `Missing` or `Unreadable`."""
        node = self.node(path)
        if node.kind != "file":
            raise Unreadable(f"{path} is no regular file")
        return self._opened(path, partial(node.content, most))

    def names(self, path: str, most: int) -> tuple[str, ...]:
        """Return the names in a folder, sorted. Raises `Missing`, and `Unreadable` for more than `most`."""
        here = self._walk(path, follow=True)
        node = here[-1][1] if here else self._root
        if node.kind != "folder":
            raise Unreadable(f"{path} is no folder")
        names = sorted(self._inside(tuple(name for name, _ in here), node))
        if len(names) > most:
            raise Unreadable(f"{path} holds {len(names)} names, more than the {most} that are listed")
        return tuple(names)

    def _child(self, here: list[tuple[str, Node]], name: str, path: str) -> Node:
        parent = here[-1][1] if here else self._root
        place = tuple(part for part, _ in here)
        if parent.kind != "folder":
            raise Missing(path)
        inside = self._inside(place, parent)
        child = "/" + "/".join((*place, name))
        mounted = self._mounts.get(child)
        if isinstance(mounted, str):
            raise Unreadable(f"the system mounts another volume on {child}, and that volume is not read: {mounted}")
        if mounted is not None:
            return mounted
        if name not in inside:
            raise Missing(path)
        return inside[name]

    def _inside(self, place: tuple[str, ...], node: Node) -> dict[str, Node]:
        if place not in self._folders:
            self._folders[place] = self._opened("/".join(place), node.entries)
        return self._folders[place]

    def _opened(self, path: str, look: Callable[[], T]) -> T:
        """Return what `look` sees of `path`. Raises `Unreadable`, with the path."""
        fact = observe(f"/{path.lstrip('/')}", look)
        if fact.known:
            return fact.value
        reason = str(fact.to_json()["unknown"])
        place = f"/{path.lstrip('/')}"
        raise Unreadable(reason if place in reason else f"{place}: {reason}")


def observe(what: str, look: Callable[[], T]) -> Fact[T]:
    """Return what `look` sees, as a fact."""
    try:
        return Fact.of(look())
    except Missing:
        return Fact.missing()
    except Unreadable as reason:
        return Fact.unknown(str(reason))
    except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything; its text may quote them
        return Fact.unknown(f"reading {what} failed ({type(error).__name__}): the file system is damaged")


def require(what: str, look: Callable[[], T]) -> T:
    """Return what `look` sees. Raises `Unreadable` for whatever keeps it from seeing."""
    fact = observe(what, look)
    if not fact.known:
        raise Unreadable(fact.to_json()["unknown"])
    return fact.value


def there(what: str, look: Callable[[], object]) -> bool:
    """Return whether `look` finds something. Raises `Unreadable` where it can't look."""
    fact = observe(what, look)
    if not fact.known:
        raise Unreadable(fact.to_json()["unknown"])
    return not fact.absent


def _kind(node: Node) -> str:
    return node.kind


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
