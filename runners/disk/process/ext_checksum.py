"""The checksums that ext4 keeps of inodes and of folders, where it has metadata_csum, as is usual.

Without them a damaged name could not be told from a file that is not there.
https://docs.kernel.org/filesystems/ext4/overview.html#checksums
"""

from __future__ import annotations

import struct
from typing import Any

from runners.disk.process.checksum import crc32c_from
from runners.disk.process.tree import Unreadable

_METADATA_CSUM = 0x0400
_CSUM_SEED = 0x2000
_LOW, _HIGH = 124, 130
"""Where an inode keeps the two halves of its own."""
_CLASSIC = 128
_DAMAGED = "the checksum of {} is wrong: the file system is damaged"


class ExtChecksums:
    """Those of one file system; it checks nothing where there are none."""

    def __init__(self, fs: Any) -> None:
        self._fs = fs
        self._kept = bool(int(fs.sb.s_feature_ro_compat) & _METADATA_CSUM)
        if int(fs.sb.s_feature_incompat) & _CSUM_SEED:
            self._seed = int(fs.sb.s_checksum_seed)
        else:
            self._seed = crc32c_from(0xFFFFFFFF, bytes(fs.sb.s_uuid))

    def check_inode(self, inode: Any) -> None:
        """Raise `Unreadable` where an inode is not what was written."""
        if not self._kept:
            return
        raw = self._raw(inode)
        kept = int.from_bytes(raw[_LOW : _LOW + 2], "little")
        wide = len(raw) > _CLASSIC and int.from_bytes(raw[_CLASSIC : _CLASSIC + 2], "little") >= _HIGH + 2 - _CLASSIC
        bare = bytearray(raw)
        bare[_LOW : _LOW + 2] = bytes(2)
        if wide:
            kept |= int.from_bytes(raw[_HIGH : _HIGH + 2], "little") << 16
            bare[_HIGH : _HIGH + 2] = bytes(2)
        if crc32c_from(self._seed_of(inode), bytes(bare)) & (0xFFFFFFFF if wide else 0xFFFF) != kept:
            raise Unreadable(_DAMAGED.format("an inode"))

    def check_folder(self, inode: Any, data: bytes, *, indexed: bool) -> None:
        """Raise `Unreadable` where a block of a folder's entries is not what was written.

        The inner blocks of an index hold no names, and are left to the entries' own form.
        """
        if not self._kept:
            return
        size, seed = int(self._fs.block_size), self._seed_of(inode)
        for start in range(0, len(data), size):
            block = data[start : start + size]
            number, length = struct.unpack_from("<IH", block)
            if indexed and (start == 0 or (number == 0 and length == size)):
                continue
            # struct ext4_dir_entry_tail: 0, 12, 0, 0xDE, checksum
            zero, tail, _, mark, kept = struct.unpack_from("<IHBBI", block, size - 12)
            if (zero, tail, mark) != (0, 12, 0xDE) or crc32c_from(seed, block[: size - 12]) != kept:
                raise Unreadable(_DAMAGED.format("a folder"))

    def _seed_of(self, inode: Any) -> int:
        number, generation = int(inode.inum), int(inode.inode.i_generation)
        return crc32c_from(self._seed, struct.pack("<II", number, generation))

    def _raw(self, inode: Any) -> bytes:
        sb = self._fs.sb
        group, index = divmod(int(inode.inum) - 1, int(sb.s_inodes_per_group))
        descriptor = self._fs._read_group_desc(group)
        block = int(descriptor.bg_inode_table_lo) | int(getattr(descriptor, "bg_inode_table_hi", 0)) << 32
        self._fs.fh.seek(block * int(self._fs.block_size) + index * int(sb.s_inode_size))
        data: bytes = self._fs.fh.read(int(sb.s_inode_size))
        return data
