"""A guest's disk as it was at one time: what a snapshot of it holds."""

from __future__ import annotations

import errno
import os
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.images import DiskImage


class FrozenDisk(Protocol):
    """A disk that does not change any more. Both calls may block."""

    def size(self) -> int:
        """Return the length in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        ...


@dataclass(frozen=True)
class FrozenBytes:
    """A disk held in memory."""

    data: bytes

    def size(self) -> int:
        """Return the length in bytes."""
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        return self.data[offset : offset + length]


@dataclass(frozen=True)
class FrozenImage:
    """A disk that is one of the lab's images."""

    image: DiskImage

    def size(self) -> int:
        """Return the length in bytes."""
        return self.image.size

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        return self.image.read(offset, length)


@dataclass(frozen=True)
class EmptyDisk:
    """A disk of zeros, which takes no memory."""

    length: int

    def size(self) -> int:
        """Return the length in bytes."""
        return self.length

    def read(self, offset: int, length: int) -> bytes:
        """Return zeros; short only at the end."""
        return bytes(max(0, min(length, self.length - offset)))

    def spans(self, _begin: int, _end: int) -> Iterator[tuple[int, int]]:
        """Yield nothing: there is nothing but zeros."""
        return iter(())


def written_spans(descriptor: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield first byte and end of what is not a hole of a sparse file, between `begin` and `end`.

    A file system that knows no holes gives one span.
    """
    while begin < end:
        try:
            first = os.lseek(descriptor, begin, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                return
            raise
        if first >= end:
            return
        begin = min(os.lseek(descriptor, first, os.SEEK_HOLE), end)
        yield first, begin


class FrozenFile:
    """A disk in a file of its own, whose name is gone: the file goes with this object."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)
        file.unlink()

    def size(self) -> int:
        """Return the length in bytes."""
        return os.fstat(self._descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        parts = []
        while length > 0 and (part := os.pread(self._descriptor, length, offset)):
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return b"".join(parts)

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what may hold anything but zeros between two offsets."""
        return written_spans(self._descriptor, begin, end)
