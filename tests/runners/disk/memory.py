"""A file system in memory, for the tests of paths and mounts."""

from __future__ import annotations

from dataclasses import dataclass, field

from runners.disk.process.tree import Node, Unreadable


@dataclass
class Entry:
    """A file, folder or link in memory."""

    kind: str = "file"
    text: str = ""
    inside: dict[str, Node] = field(default_factory=dict)
    damaged: bool = False

    def entries(self) -> dict[str, Node]:
        if self.damaged:
            raise Unreadable("a folder has a damaged entry")
        return self.inside

    def content(self, most: int) -> bytes:
        if len(self.text) > most:
            raise Unreadable("larger")
        return self.text.encode()

    @property
    def size(self) -> int:
        return len(self.text)

    def target(self) -> str:
        return self.text


def folder(**inside: Node) -> Entry:
    return Entry("folder", inside=dict(inside))


def link(target: str) -> Entry:
    return Entry("link", target)


def text(content: str) -> Entry:
    return Entry(text=content)
