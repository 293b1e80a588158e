"""Where the bytes of a stopped disk come from."""

from __future__ import annotations

from typing import Protocol


class BlockSource(Protocol):
    """The raw disk, without any container's header or footer."""

    @property
    def size(self) -> int:
        """Size of the disk in bytes."""
        ...

    @property
    def bytes_read(self) -> int:
        """How many bytes were taken from where the disk really is."""
        ...

    @property
    def requests(self) -> int:
        """How often it was asked for bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`, short only at the end of the disk. Raises `DiskError`. Blocks."""
        ...
