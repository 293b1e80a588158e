"""The footer of a VHD. A fixed one is how Azure hands out a managed disk: the raw disk, then 512 bytes."""

from __future__ import annotations

from runners.errors import DiskError

FOOTER = 512
COOKIE = b"conectix"
_FIXED, _DYNAMIC = 2, 3
_WITH_PARENT = 4


def payload_size(total: int, footer: bytes) -> int:
    """Return how many of `total` bytes are the disk itself.

    `footer` is the last 512 bytes of the blob or file. Bytes that are no VHD footer belong to a raw disk. Raises
    `DiskError` for a footer that is damaged, or that is not of a fixed VHD of this size.

    Layout: Virtual Hard Disk Image Format Specification, Microsoft, 2006.
    """
    if len(footer) < FOOTER or not footer.startswith(COOKIE):
        return total
    if is_dynamic(footer):
        raise DiskError("this is a dynamic VHD; convert it: qemu-img convert -O vpc -o subformat=fixed")
    current_size = int.from_bytes(footer[48:56], "big")
    if current_size != total - FOOTER:
        raise DiskError(
            f"the VHD footer says that the disk has {current_size} bytes, and there are {total - FOOTER}: it was cut"
        )
    return current_size


def is_dynamic(footer: bytes) -> bool:
    """Return whether this VHD footer is of a dynamic VHD; a fixed one's is not. Raises `DiskError` for any other."""
    kind, checksum = (int.from_bytes(footer[place : place + 4], "big") for place in (60, 64))
    if checksum != _checksum(footer):
        raise DiskError("the VHD footer at the end of the disk does not match its checksum: the disk is damaged or cut")
    if kind == _WITH_PARENT:
        raise DiskError(
            "this is a differencing VHD, which holds only what differs from its parent. Merge it into its parent, or "
            "convert it to a disk of its own: Convert-VHD -VHDType Fixed"
        )
    if kind not in (_FIXED, _DYNAMIC):
        raise DiskError(f"the VHD footer names a kind of disk ({kind}) that there is not; is the file damaged?")
    return kind == _DYNAMIC


def _checksum(footer: bytes) -> int:
    """One's complement of the sum of all bytes but the checksum's own four."""
    return ~(sum(footer[:64]) + sum(footer[68:FOOTER])) & 0xFFFFFFFF
