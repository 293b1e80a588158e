"""XFS of version 5, by dissect.xfs.

dissect verifies no checksum, skips what it does not recognise in a folder, and reads space that was reserved and never
written. A file that was not found would then be taken for one that is not there. So superblock, inodes and folders are
verified here (each says its own checksum, place and owner), folders and lists of extents are parsed here, and a file
system with other features is not read.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from dissect.xfs.c_xfs import c_xfs
from dissect.xfs.xfs import XFS, fsb_to_bb, parse_fsblock

from runners.disk.process import xfs_folder
from runners.disk.process.checksum import sealed
from runners.disk.process.stream import Window
from runners.disk.process.tree import Node, Unreadable
from runners.disk.process.xfs_log import BASIC_BLOCK, XfsLog

_LARGEST_FOLDER = 8 * 1024 * 1024
_MOST_EXTENTS = 65_536
_DEEPEST = 8

# Incompatible features that are read rightly (fs/xfs/libxfs/xfs_format.h: XFS_SB_FEAT_INCOMPAT_*).
_META_UUID, _NEEDS_REPAIR = 0x04, 0x10
_KNOWN = {
    0x01: "file types in folders",
    0x02: "sparse inode chunks",
    _META_UUID: "metadata with an UUID of its own",
    0x08: "large time stamps",
    0x20: "large extent counters",
}
_REALTIME = 0x1
_LOCAL, _EXTENTS, _BTREE = 1, 2, 3
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
_DIRTY = "its log holds changes that a read-only look does not see"


@dataclass(frozen=True, slots=True)
class _Extent:
    """`count` blocks of a file from its block `offset`, at `block` of the disk."""

    offset: int
    block: int
    count: int
    written: bool


def open_xfs(volume: Window) -> tuple[Node, str, tuple[str, ...]]:
    """Return the root folder, why its state is not what the system last saw (or nothing), and its UUID and label.

    Raises `Unreadable`, and what dissect raises.
    """
    fs = _FileSystem(volume)
    names = [f"UUID={UUID(bytes=bytes(fs.sb.sb_uuid))}"]
    label = bytes(fs.sb.sb_fname).rstrip(b"\0").decode("utf-8", "backslashreplace")
    if label:
        names.append(f"LABEL={label}")
    return _XfsNode(fs, int(fs.sb.sb_rootino)), "" if fs.log().unmounted() else _DIRTY, tuple(names)


class _FileSystem:
    """The superblock, and blocks by their number."""

    def __init__(self, volume: Window) -> None:
        _demand_superblock(volume)
        self._volume = volume
        self.xfs = XFS(volume)
        self.sb = self.xfs.sb
        self.block_size = int(self.sb.sb_blocksize)
        if volume.size < int(self.sb.sb_dblocks) * self.block_size:
            raise Unreadable("XFS that is larger than its volume")
        has_own = int(self.sb.sb_features_incompat) & _META_UUID
        self.uuid = bytes(self.sb.sb_meta_uuid if has_own else self.sb.sb_uuid)

    def linear(self, block: int, count: int) -> int:
        """Return the place of a run of blocks, counted from the volume's start. Raises `Unreadable` outside of it."""
        group, inside = fsb_to_bb(block, int(self.sb.sb_agblklog))
        place = int(group) * int(self.sb.sb_agblocks) + int(inside)
        if inside + count > int(self.sb.sb_agblocks) or place + count > int(self.sb.sb_dblocks):
            raise Unreadable("a file or folder names blocks outside of the file system: it is damaged")
        return place

    def blocks(self, place: int, count: int) -> bytes:
        self._volume.seek(place * self.block_size)
        data: bytes = self._volume.read(count * self.block_size)
        if len(data) != count * self.block_size:
            raise Unreadable("a file or folder is cut: its blocks lie outside of the disk")
        return data

    def log(self) -> XfsLog:
        count = int(self.sb.sb_logblocks)
        if not int(self.sb.sb_logstart):
            raise Unreadable("XFS whose log lies on another device, so it is not known to be clean")
        start = self.linear(int(self.sb.sb_logstart), count) * self.block_size

        def read(first: int, number: int) -> bytes:
            self._volume.seek(start + first * BASIC_BLOCK)
            data: bytes = self._volume.read(number * BASIC_BLOCK)
            return data

        return XfsLog(read, count * self.block_size // BASIC_BLOCK)


def _demand_superblock(volume: Window) -> None:
    """Raise `Unreadable` unless the superblock is whole and of a kind that is read."""
    volume.seek(0)
    head = volume.read(4096)
    version, sector = struct.unpack_from(">HH", head, 100)
    if version & 0xF != 5:
        raise Unreadable(f"XFS of version {version & 0xF}, without checksums, which is not read")
    if sector not in (512, 1024, 2048, 4096) or not sealed(head[:sector], 224):
        raise Unreadable("XFS whose superblock does not match its checksum: it is damaged")
    (features,) = struct.unpack_from(">I", head, 216)
    if features & _NEEDS_REPAIR:
        raise Unreadable("XFS that says of itself that it needs xfs_repair")
    strange = features & ~sum(_KNOWN)
    if strange:
        raise Unreadable(f"XFS with features that the reader does not know (0x{strange:x})")
    if head[126]:
        raise Unreadable("XFS that was not finished by mkfs or growfs")


class _XfsNode:
    """One inode."""

    def __init__(self, fs: _FileSystem, number: int) -> None:
        self._fs = fs
        self._number = number

    @cached_property
    def _inode(self) -> Any:
        """Return the inode, verified."""
        found = self._fs.xfs.get_inode(self._number)
        core = found.inode
        data: bytes = found._buf.getvalue()
        # struct xfs_dinode, version 3: checksum at 100, own number at 152, UUID of the file system at 160
        if (
            int(core.di_version) != 3
            or not sealed(data, 100)
            or int.from_bytes(data[152:160], "big") != self._number
            or data[160:176] != self._fs.uuid
        ):
            raise Unreadable("an inode does not match its checksum: the file system is damaged")
        if int(core.di_mode) == 0 or int(core.di_nlink) == 0:
            raise Unreadable("a folder names an inode that was deleted: the file system is damaged")
        return found

    @property
    def kind(self) -> str:
        return _KINDS.get(stat.S_IFMT(int(self._inode.inode.di_mode)), "other")

    @property
    def size(self) -> int:
        return int(self._inode.inode.di_size)

    def entries(self) -> dict[str, Node]:
        return {name: _XfsNode(self._fs, number) for name, number in self._names()}

    def content(self, most: int) -> bytes:
        if self.size > most:
            raise Unreadable(f"a file or folder of {self.size} bytes is larger than the {most} that are read")
        if int(self._inode.inode.di_flags) & _REALTIME:
            raise Unreadable("a file lies on the realtime device of its XFS, which is not read")
        if int(self._inode.inode.di_format) == _LOCAL:
            return self._local()
        data = bytearray(self.size)
        size = self._fs.block_size
        for extent in self._extents():
            # Space may be reserved behind the end of a file; and what was reserved and never written reads as zeros.
            count = min(extent.count, -(-self.size // size) - extent.offset)
            if count > 0 and extent.written:
                start = extent.offset * size
                part = self._fs.blocks(self._fs.linear(extent.block, extent.count), count)
                data[start : start + len(part)] = part[: self.size - start]
        return bytes(data)

    def target(self) -> str:
        if int(self._inode.inode.di_format) == _LOCAL:
            return self._local().decode("utf-8", "backslashreplace")
        extents = list(self._extents())
        if len(extents) != 1 or extents[0].count * self._fs.block_size > 65536:
            raise Unreadable("a symbolic link is spread over several places, which the reader does not know")
        place = self._fs.linear(extents[0].block, extents[0].count)
        data = self._fs.blocks(place, extents[0].count)
        # struct xfs_dsymlink_hdr: magic, offset, bytes, checksum, UUID, owner, block; 56 bytes, then the target
        magic, offset, length = struct.unpack_from(">4sII", data)
        if magic != b"XSLM" or offset or length != self.size or not self._is_own(data, 12, 16, 32, 40, place):
            raise Unreadable("a symbolic link does not match its checksum: the file system is damaged")
        return data[56 : 56 + length].decode("utf-8", "backslashreplace")

    def _local(self) -> bytes:
        """Return content that is kept inside of the inode."""
        data: bytes = self._inode.datafork().read(self.size)
        if len(data) != self.size:
            raise Unreadable("a file or folder is cut: its inode is damaged")
        return data

    def _names(self) -> Iterator[tuple[str, int]]:
        if self.kind != "folder":
            raise Unreadable("something that is no folder was read as one")
        if int(self._inode.inode.di_format) == _LOCAL:
            yield from xfs_folder.short(self._local())
            return
        per_block = 1 << int(self._fs.sb.sb_dirblklog)
        wide = per_block * self._fs.block_size
        if self.size > _LARGEST_FOLDER or not self.size or self.size % wide or wide > 65536:
            raise Unreadable(f"a folder of {self.size} bytes is not one of at most {_LARGEST_FOLDER} that are read")
        found: dict[int, int] = {}
        for extent in self._extents():
            place = self._fs.linear(extent.block, extent.count)
            for number in range(max(0, min(extent.count, self.size // self._fs.block_size - extent.offset))):
                if not extent.written:
                    raise Unreadable("a folder has a block that was never written: it is damaged")
                found[extent.offset + number] = place + number
        # A folder whose every name in a block is gone may have a hole there; but it never starts with one.
        firsts = sorted({number // per_block for number in found})
        if not firsts or firsts[0] != 0:
            raise Unreadable("a folder has lost its first block: it is damaged")
        for first in firsts:
            places = [found.get(first * per_block + number) for number in range(per_block)]
            data = b"".join(self._fs.blocks(place, 1) for place in places if place is not None)
            if places[0] is None or len(data) != wide or not self._is_own(data, 4, 24, 40, 8, places[0]):
                raise Unreadable("a block of a folder does not match its checksum: the file system is damaged")
            yield from xfs_folder.block(data, single=self.size == wide)

    def _is_own(self, data: bytes, checksum: int, uuid: int, owner: int, block: int, place: int) -> bool:
        """Return whether a block is whole, of this file system, of this inode, and where it belongs.

        The numbers are where the block has each of these; its place counts in basic blocks.
        """
        return (
            sealed(data, checksum)
            and data[uuid : uuid + 16] == self._fs.uuid
            and int.from_bytes(data[owner : owner + 8], "big") == self._number
            and int.from_bytes(data[block : block + 8], "big") == place * self._fs.block_size // BASIC_BLOCK
        )

    def _extents(self) -> Iterator[_Extent]:
        """Yield the extents in the order of the file. Raises `Unreadable` unless they are all there, and in order."""
        expected, end = int(self._inode.data_extents), 0
        if expected > _MOST_EXTENTS:
            raise Unreadable(f"a file or folder lies in {expected} pieces, more than the {_MOST_EXTENTS} that are read")
        records = self._records(expected)
        if len(records) != expected:
            raise Unreadable("a file or folder names more or fewer pieces than it has: the file system is damaged")
        for record in records:
            offset, block, count, unwritten = parse_fsblock(record)
            if offset < end or not count:
                raise Unreadable("the pieces of a file or folder overlap: the file system is damaged")
            end = offset + count
            yield _Extent(offset, block, count, not unwritten)

    def _records(self, expected: int) -> list[bytes]:
        layout = int(self._inode.inode.di_format)
        if layout == _EXTENTS:
            return _cut(self._inode.datafork().read(expected * 16))
        if layout != _BTREE:
            raise Unreadable("something that holds no data was read as a file")
        fork = self._inode.datafork()
        root = c_xfs.xfs_bmdr_block(fork)
        level, count, most = int(root.bb_level), int(root.bb_numrecs), (fork.size - 4) // 16
        if not 1 <= level <= _DEEPEST or not 1 <= count <= most:
            raise Unreadable("the list of a file's pieces is damaged")
        fork.seek(4 + most * 8)
        found: list[bytes] = []
        for pointer in struct.unpack(f">{count}Q", fork.read(count * 8)):
            self._collect(pointer, level - 1, found, expected)
        return found

    def _collect(self, pointer: int, level: int, found: list[bytes], expected: int) -> None:
        """Append the records below one block of the tree to `found`."""
        place = self._fs.linear(pointer, 1)
        data = self._fs.blocks(place, 1)
        # struct xfs_btree_block, long form with checksums: magic, level, count, siblings, block at 24, LSN, UUID at 40,
        # owner at 56, checksum at 64; 72 bytes in all
        magic, actual, count = struct.unpack_from(">4sHH", data)
        most = (self._fs.block_size - 72) // 16
        if (
            magic != b"BMA3"
            or actual != level
            or not 1 <= count <= most
            or not self._is_own(data, 64, 40, 56, 24, place)
        ):
            raise Unreadable("the list of a file's pieces does not match its checksum: the file system is damaged")
        if level == 0:
            found += _cut(data[72 : 72 + count * 16])
            if len(found) > expected:
                raise Unreadable("a file or folder has more pieces than it says: the file system is damaged")
            return
        for child in struct.unpack_from(f">{count}Q", data, 72 + most * 8):
            self._collect(child, level - 1, found, expected)


def _cut(data: bytes) -> list[bytes]:
    return [data[place : place + 16] for place in range(0, len(data), 16)]
