"""The forms in which XFS keeps what is in a folder. Layouts: fs/xfs/libxfs/xfs_da_format.h."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from runners.disk.process.tree import Unreadable

_HEADER, _TAIL, _LEAF_ENTRY = 64, 8, 8
_UNUSED = b"\xff\xff"
_DAMAGED = "a folder has a damaged entry, so it can't be said what is in it"


def short(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield names and inode numbers of a small folder, which is kept inside of its inode.

    struct xfs_dir2_sf_hdr: count, count of long numbers, parent. An entry: length of the name, offset (2 bytes), name,
    type, number. All numbers have eight bytes if one needs them, else four.
    """
    if len(data) < 6:
        raise Unreadable(_DAMAGED)
    count, long = data[0], data[1]
    width = 8 if long else 4
    place = 2 + width
    for _ in range(count):
        length = data[place] if place < len(data) else 0
        end = place + 3 + length + 1 + width
        if not length or end > len(data):
            raise Unreadable(_DAMAGED)
        yield _text(data[place + 3 : place + 3 + length]), int.from_bytes(data[end - width : end], "big")
        place = end
    if place != len(data):
        raise Unreadable(_DAMAGED)


def block(data: bytes, *, single: bool) -> Iterator[tuple[str, int]]:
    """Yield names and inode numbers of one block of a larger folder. Its checksum was verified.

    `single`: the folder has only this one, which then may hold its own index at its end.
    """
    magic = data[:4]
    if magic == b"XDB3" and single:
        # struct xfs_dir2_block_tail: count and stale count of the index, which lies before it
        (count,) = struct.unpack_from(">I", data, len(data) - _TAIL)
        end = len(data) - _TAIL - count * _LEAF_ENTRY
    elif magic == b"XDD3":
        end = len(data)
    else:
        raise Unreadable("a folder has a block that is none of a folder: the file system is damaged")
    place = _HEADER
    while place < end:
        if data[place : place + 2] == _UNUSED:
            (length,) = struct.unpack_from(">H", data, place + 2)
        else:
            # number (8 bytes), length of the name, name, type, and at the end the entry's own place (2 bytes)
            name_length = data[place + 8] if place + 8 < end else 0
            length = -(-(8 + 1 + name_length + 1 + 2) // 8) * 8
            name = data[place + 9 : place + 9 + name_length]
            if not name_length:
                raise Unreadable(_DAMAGED)
            if name not in (b".", b".."):
                yield _text(name), int.from_bytes(data[place : place + 8], "big")
        if not length or length % 8 or place + length > end:
            raise Unreadable(_DAMAGED)
        if int.from_bytes(data[place + length - 2 : place + length], "big") != place:
            raise Unreadable(_DAMAGED)
        place += length
    if place != end:
        raise Unreadable(_DAMAGED)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
