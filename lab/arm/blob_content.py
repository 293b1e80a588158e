"""What a blob holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable


class Content(Protocol):
    """What a blob holds. Both calls may block."""

    def size(self) -> int:
        """Return the length in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        ...


@runtime_checkable
class Sparse(Protocol):
    """Content that knows which of its parts were never written."""

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield first byte and end of what may hold anything but zeros between two offsets, in order. May block."""
        ...
