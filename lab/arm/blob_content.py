"""What a blob holds."""

from __future__ import annotations

from typing import Protocol


class Content(Protocol):
    """What a blob holds. Both calls may block."""

    def size(self) -> int:
        """Return the length in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        ...
