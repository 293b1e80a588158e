"""Disks for the tests: the lab's images as a source of blocks, and damage done to them."""

from __future__ import annotations

import struct
from collections.abc import Callable

from lab.images import DiskImage, open_image

LINUX_ROOT = 3 * 1024 * 1024
"""Where the ext4 volume starts on the lab's Linux disks."""
WINDOWS_VOLUME = 3 * 1024 * 1024
SUPERBLOCK = LINUX_ROOT + 1024


class ImageSource:
    """A `BlockSource` over a disk image. `on_read` is called before each read, with their number so far."""

    def __init__(self, image: DiskImage | str, on_read: Callable[[int], None] | None = None) -> None:
        self.image = open_image(image) if isinstance(image, str) else image
        self.bytes_read = 0
        self.requests = 0
        self._on_read = on_read

    @property
    def size(self) -> int:
        return self.image.size

    def read(self, offset: int, length: int) -> bytes:
        if self._on_read:
            self._on_read(self.requests)
        data = self.image.read(offset, length)
        self.bytes_read += len(data)
        self.requests += 1
        return data


def raw_disk(data: bytes) -> DiskImage:
    """Return a disk of these bytes."""
    return DiskImage(name="test", provenance="constructed", why="made by a test", _raw=data)


def whole(image: DiskImage | str) -> bytes:
    image = open_image(image) if isinstance(image, str) else image
    return image.read(0, image.size)


def swapped(image: str, old: bytes, new: bytes) -> DiskImage:
    """Return the image with every `old` replaced by `new`, which must be as long."""
    assert len(old) == len(new)
    data = whole(image)
    assert old in data, f"{image} has no {old!r}"
    return raw_disk(data.replace(old, new))


def needing_recovery(image: str) -> DiskImage:
    """Return the image as if the VM had been switched off while its ext4 was mounted."""
    disk = open_image(image)
    place = SUPERBLOCK + 0x60
    (incompatible,) = struct.unpack("<I", disk.read(place, 4))
    return disk.replaced(place, struct.pack("<I", incompatible | 0x4))


def in_transaction(image: str) -> DiskImage:
    """Return the image with hives whose last changes are still in their log files."""
    disk = open_image(image)
    data = whole(disk)
    place = data.find(b"regf\x01")
    while place >= 0:
        head = bytearray(data[place : place + 508])
        head[4:8] = struct.pack("<I", 2)
        total = 0
        for (word,) in struct.iter_unpack("<I", bytes(head)):
            total ^= word
        disk = disk.replaced(place, bytes(head) + struct.pack("<I", total))
        place = data.find(b"regf\x01", place + 1)
    return disk


def footer_of_vhd(size: int, *, kind: int = 2) -> bytes:
    """Return the footer of a VHD of `size` bytes; `kind` 2 is fixed, 3 dynamic."""
    head = struct.pack(
        ">8sIIQI4sI4sQQIII",
        *(b"conectix", 2, 0x00010000, 0xFFFFFFFFFFFFFFFF, 0, b"win ", 0x000A0000, b"Wi2k", size, size, 0, kind, 0),
    ).ljust(512, b"\0")
    checksum = ~sum(head) & 0xFFFFFFFF
    return head[:64] + struct.pack(">I", checksum) + head[68:]
