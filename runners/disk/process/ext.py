"""ext2, ext3 and ext4, by dissect.extfs.

dissect stops quietly at a damaged folder entry and reads some features wrongly. A file that was not found would then
be taken for one that is not there, so folders are parsed here, and a file system with other features is not read.
"""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dissect.extfs import ExtFS

from runners.disk.process.ext_checksum import ExtChecksums
from runners.disk.process.stream import Window
from runners.disk.process.tree import Node, Unreadable

_LARGEST_FOLDER = 8 * 1024 * 1024
_LONGEST_LINK = 4096

# Incompatible features that dissect.extfs reads rightly (fs/ext4/ext4.h: EXT4_FEATURE_INCOMPAT_*).
_RECOVER = 0x0004
_KNOWN = {
    0x0002: "filetype",
    _RECOVER: "needs recovery",
    0x0040: "extents",
    0x0080: "64bit",
    0x0100: "mmp",
    0x0200: "flex_bg",
    0x0400: "ea_inode",
    0x2000: "metadata_csum_seed",
    0x4000: "large_dir",
    0x10000: "encrypt",
    0x20000: "casefold",
}
_WAITING = "its journal holds changes that a read-only look does not see"
_ENCRYPTED, _INDEXED, _INLINE = 0x800, 0x1000, 0x10000000
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


@dataclass(frozen=True, slots=True)
class ExtVolume:
    """An opened file system."""

    filesystem: str
    root: Node
    unclean: str
    """Why its state is not what the system last saw; empty where it was unmounted cleanly."""
    known_as: tuple[str, ...]
    """Its UUID and label, as /etc/fstab has them."""


def open_ext(volume: Window) -> ExtVolume:
    """Return the file system. Raises `Unreadable`, and what dissect raises."""
    fs = ExtFS(volume)
    features = int(fs.sb.s_feature_incompat)
    strange = features & ~sum(_KNOWN)
    if strange:
        raise Unreadable(f"ext4 with features that the reader does not know (0x{strange:x})")
    if fs.block_size > 32768:
        raise Unreadable(f"ext4 with blocks of {fs.block_size} bytes, which the reader does not know")
    if volume.size < fs.block_count * fs.block_size:
        raise Unreadable("ext4 that is larger than its partition")
    name = "ext4" if features & 0x0040 else "ext3" if int(fs.sb.s_feature_compat) & 4 else "ext2"
    known_as = [f"UUID={UUID(bytes=bytes(fs.sb.s_uuid))}"]
    label = bytes(fs.sb.s_volume_name).split(b"\0")[0].decode("utf-8", "backslashreplace")
    if label:
        known_as.append(f"LABEL={label}")
    return ExtVolume(
        name, _ExtNode(fs, fs.root, ExtChecksums(fs)), _WAITING if features & _RECOVER else "", tuple(known_as)
    )


class _ExtNode:
    """One inode."""

    def __init__(self, fs: Any, inode: Any, checksums: ExtChecksums) -> None:
        self.fs = fs
        self._inode = inode
        self._checksums = checksums
        self._checked = False

    @property
    def kind(self) -> str:
        self._check()
        if int(self._inode.inode.i_links_count) == 0:
            raise Unreadable("a folder names an inode that was deleted: the file system is damaged")
        return _KINDS.get(stat.S_IFMT(int(self._inode.inode.i_mode)), "other")

    def entries(self) -> dict[str, Node]:
        data = self.content(_LARGEST_FOLDER)
        indexed = bool(int(self._inode.inode.i_flags) & _INDEXED)
        self._checksums.check_folder(self._inode, data, indexed=indexed)
        found: dict[str, Node] = {}
        offset = 0
        while offset < len(data):
            # struct ext4_dir_entry_2: inode, length of the record, length of the name, type, name
            number, length, name_length, _ = struct.unpack_from("<IHBB", data, offset)
            if length < 8 + name_length or length % 4 or offset + length > len(data):
                raise Unreadable("a folder has a damaged entry, so it can't be said what is in it")
            name = data[offset + 8 : offset + 8 + name_length].decode("utf-8", "backslashreplace")
            if number and name not in (".", ".."):
                found[name] = _ExtNode(self.fs, self.fs.get_inode(number), self._checksums)
            offset += length
        return found

    def content(self, most: int) -> bytes:
        self._check()
        flags = int(self._inode.inode.i_flags)
        if flags & _ENCRYPTED:
            raise Unreadable("a folder or file on the way is encrypted (fscrypt)")
        if flags & _INLINE:
            raise Unreadable("a folder or file on the way is kept inside its inode, which the reader does not know")
        if self._inode.size > most:
            raise Unreadable(f"a file or folder of {self._inode.size} bytes is larger than the {most} that are read")
        data: bytes = self._inode.open().read(self._inode.size)
        if len(data) != self._inode.size:
            raise Unreadable("a file or folder is cut: its blocks lie outside of the disk")
        return data

    def _check(self) -> None:
        if not self._checked:
            self._checksums.check_inode(self._inode)
            self._checked = True

    @property
    def size(self) -> int:
        self._check()
        return int(self._inode.size)

    def target(self) -> str:
        return self.content(_LONGEST_LINK).decode("utf-8", "backslashreplace")
