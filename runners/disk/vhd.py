"""The footer of a fixed VHD, which is how Azure hands out a managed disk: the raw disk, then 512 bytes."""

from __future__ import annotations

import struct

from runners.errors import DiskError

FOOTER = 512
_FIXED = 2


def payload_size(total: int, footer: bytes) -> int:
    """Return how many of `total` bytes are the disk itself.

    `footer` is the last 512 bytes of the blob or file. Bytes that are no VHD footer belong to a raw disk. Raises
    `DiskError` for a footer that is damaged, or that is not of a fixed VHD of this size.

    Layout: Virtual Hard Disk Image Format Specification, Microsoft, 2006.
    """
    if len(footer) < FOOTER or footer[:8] != b"conectix":
        return total
    current_size = int.from_bytes(footer[48:56], "big")
    kind, checksum = struct.unpack_from(">II", footer, 60)
    if checksum != _checksum(footer):
        raise DiskError("the VHD footer at the end of the disk does not match its checksum: the disk is damaged or cut")
    if kind != _FIXED:
        raise DiskError("this is a dynamic or differencing VHD; convert it: qemu-img convert -O vpc -o subformat=fixed")
    if current_size != total - FOOTER:
        raise DiskError(
            f"the VHD footer says that the disk has {current_size} bytes, and there are {total - FOOTER}: it was cut"
        )
    return current_size


def _checksum(footer: bytes) -> int:
    """One's complement of the sum of all bytes but the checksum's own four."""
    return ~(sum(footer[:64]) + sum(footer[68:FOOTER])) & 0xFFFFFFFF
