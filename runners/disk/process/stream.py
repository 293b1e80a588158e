"""A part of the disk as the seekable file that dissect wants."""

from __future__ import annotations

from typing import Protocol

from dissect.util.stream import AlignedStream


class Bytes(Protocol):
    """Something that gives bytes by offset."""

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes, short only at the end."""
        ...


class Window(AlignedStream):  # type: ignore[misc]  # dissect has no types
    """`size` bytes of the disk from `start`. Reads past the disk's end are short, and so found out by who reads."""

    size: int

    def __init__(self, disk: Bytes, start: int, size: int) -> None:
        super().__init__(size, align=4096)
        self._disk = disk
        self._start = start

    def _read(self, offset: int, length: int) -> bytes:
        return self._disk.read(self._start + offset, min(length, self.size - offset))
