"""Where the bytes of a stopped disk come from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from runners.disk.sas import SasSource
from runners.disk.vhd import FOOTER, payload_size
from runners.errors import DiskError

__all__ = ["BlockSource", "FileSource", "SasSource"]


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


class FileSource:
    """A raw disk or a fixed VHD in a local file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes_read = 0
        self._requests = 0
        try:
            self._file = path.open("rb")
            total = self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise DiskError(f"the disk {path} can't be opened: {error.strerror}") from None
        self._size = total
        try:
            if total == 0:
                raise DiskError(f"the disk {path} is empty")
            self._size = payload_size(total, self.read(max(0, total - FOOTER), FOOTER))
        except DiskError:
            self._file.close()
            raise

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Size of the disk in bytes, without a VHD's footer."""
        return self._size

    @property
    def bytes_read(self) -> int:
        """How many bytes were read from the file."""
        return self._bytes_read

    @property
    def requests(self) -> int:
        """How often the file was read."""
        return self._requests

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk. Raises `DiskError` where the file can't be read, or is shorter than it was."""
        length = max(0, min(length, self._size - offset))
        try:
            self._file.seek(offset)
            data = self._file.read(length)
        except OSError as error:
            raise DiskError(f"reading {length} bytes at {offset} of {self._path} failed: {error.strerror}") from None
        if len(data) != length:
            raise DiskError(f"the disk {self._path} became shorter while it was read")
        self._bytes_read += length
        self._requests += 1
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
