"""A fixed VHD, as which Azure exports every disk: the disk, then a footer."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.arm.blob_content import Content, Sparse

FOOTER_SIZE = 512

# Virtual Hard Disk Image Format Specification (Microsoft, 2006), "Hard Disk Footer Format", big-endian:
# cookie, features, version, data offset, time, creator, creator version, creator's host, original size, current size,
# cylinders, heads, sectors, disk type, checksum, unique id, saved state; zeros to the end
_LAYOUT = struct.Struct(">8sIIQI4sI4sQQHBBII16sB")
_FIXED = 2
_NO_DATA_OFFSET = 0xFFFF_FFFF_FFFF_FFFF
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FixedVhd:
    """`disk` as a fixed VHD. Both calls may block."""

    disk: Content
    unique_id: uuid.UUID
    created: datetime

    def size(self) -> int:
        """Return the length in bytes, footer included."""
        return self.disk.size() + FOOTER_SIZE

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes; short only at the end."""
        size = self.disk.size()
        data = b""
        if offset < size:
            data = self.disk.read(offset, min(length, size - offset))
        if offset + length > size:
            footer = fixed_footer(size, self.unique_id, self.created)
            data += footer[max(0, offset - size) : offset + length - size]
        return data

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what may hold anything but zeros between two offsets: all of it where the disk can't tell."""
        size = self.disk.size()
        if isinstance(self.disk, Sparse):
            yield from self.disk.spans(begin, min(end, size))
            begin = max(begin, size)
        if begin < end:
            yield begin, end


def fixed_footer(size: int, unique_id: uuid.UUID, created: datetime) -> bytes:
    """Return the 512 bytes that follow `size` bytes of disk."""
    cylinders, heads, sectors = _geometry(size // 512)

    def pack(checksum: int) -> bytes:
        seconds = int((created - _EPOCH).total_seconds())
        return _LAYOUT.pack(
            b"conectix", 2, 0x0001_0000, _NO_DATA_OFFSET, seconds, b"wa\0\0", 0x0007_0000, b"Wi2k",
            size, size, cylinders, heads, sectors, _FIXED, checksum, unique_id.bytes, 0,
        ).ljust(FOOTER_SIZE, b"\0")  # fmt: skip

    return pack(~sum(pack(0)) & 0xFFFF_FFFF)


def _geometry(total: int) -> tuple[int, int, int]:
    """Return cylinders, heads and sectors a track for `total` sectors, by the specification's appendix."""
    total = min(total, 65535 * 16 * 255)
    if total >= 65535 * 16 * 63:
        return total // 255 // 16, 16, 255
    sectors = 17
    tracks = total // sectors
    heads = max((tracks + 1023) // 1024, 4)
    if tracks >= heads * 1024 or heads > 16:
        sectors, heads = 31, 16
        tracks = total // sectors
    if tracks >= heads * 1024:
        sectors, heads = 63, 16
        tracks = total // sectors
    return tracks // heads, heads, sectors
