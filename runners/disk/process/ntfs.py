"""NTFS, by dissect.ntfs."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any, BinaryIO

from dissect.ntfs import NTFS
from dissect.ntfs.c_ntfs import ATTRIBUTE_TYPE_CODE

from runners.disk.process.ntfs_folder import FolderEntry, folder_entries
from runners.disk.process.stream import Window
from runners.disk.process.tree import Missing, Unreadable

_VOLUME_RECORD, _LOG_RECORD = 3, 2
_DIRTY = 0x0001
_NO_CLIENT, _CLEAN = 0xFFFF, 0x0002
_RESTART_PAGES = 64 * 1024
_ENCRYPTED = 0x4000
_WOF = 0x80000017
_HIBERNATION = "hiberfil.sys"


def open_ntfs(volume: Window) -> NtfsVolume:
    """Return the volume. Raises what dissect raises."""
    return NtfsVolume(NTFS(volume))


class NtfsVolume:
    """Paths on one NTFS volume, in any case, without following reparse points."""

    def __init__(self, fs: Any) -> None:
        self._fs = fs
        self._folders: dict[int, dict[str, FolderEntry]] = {}
        self.examined = 0

    def record(self, path: str) -> Any:
        """Return the file record at `path`, parts separated by slashes. Raises `Missing` or `Unreadable`.

        A file that Windows keeps compressed elsewhere (WOF) is there, but has no content of its own: see `content`.
        """
        self.examined += 1
        node = self._fs.mft.root
        parts = path.split("/") if path else []
        for number, part in enumerate(parts):
            if not node.is_dir():
                raise Missing(path)
            entry = self._listing(node, "/".join(parts[:number])).get(part.upper())
            if entry is None:
                raise Missing(path)
            node = self._fs.mft.get(entry.segment)
            if not int(node.header.Flags) & 1:
                raise Unreadable(f"the folder of {path} names a file that was deleted: the volume is damaged")
            if node.is_reparse_point() and _tag(node) != _WOF:
                # A link, a mount point, or a file that is kept elsewhere: what it stands for is not followed.
                raise Unreadable(f"{path} leads through a reparse point, which is not followed")
        return node

    def names(self, path: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted, without short names. Raises `Missing` or `Unreadable`."""
        return tuple(entry.name for entry in self._entries(path) if not entry.short)

    def links(self, path: str) -> frozenset[str]:
        """Return those names in a folder that lead elsewhere: symbolic links and mount points."""
        found = [(entry.name, self._fs.mft.get(entry.segment)) for entry in self._entries(path) if not entry.short]
        return frozenset(name for name, node in found if node.is_reparse_point() and _tag(node) != _WOF)

    def is_folder(self, path: str) -> bool:
        """Return whether the path is a folder. Raises `Missing` or `Unreadable`."""
        return bool(self.record(path).is_dir())

    def size(self, path: str) -> int:
        """Return the length of a file in bytes. Raises `Missing` or `Unreadable`."""
        node = self.record(path)
        return 0 if node.is_dir() else int(node.size())

    def _entries(self, path: str) -> list[FolderEntry]:
        node = self.record(path)
        if not node.is_dir():
            raise Unreadable(f"{path} is no folder")
        return list(self._listing(node, path).values())

    def _listing(self, node: Any, path: str) -> dict[str, FolderEntry]:
        if node.segment not in self._folders:
            self._folders[node.segment] = folder_entries(self._fs, node, path)
        return self._folders[node.segment]

    def stream(self, path: str) -> BinaryIO:
        """Return the file's content as a file. Raises `Missing` or `Unreadable`."""
        content: BinaryIO = self._data(path)[0]
        return content

    def content(self, path: str, most: int) -> bytes:
        """Return the whole file. Raises `Missing`, and `Unreadable` where it is longer than `most` or cut."""
        stream, size = self._data(path)
        if size > most:
            raise Unreadable(f"{path} is no file of at most {most} bytes")
        return self._exactly(stream, size, path)

    def tail(self, path: str, most: int) -> bytes:
        """Return the last bytes of a file, at most `most`."""
        stream, size = self._data(path)
        stream.seek(max(0, size - most))
        return self._exactly(stream, min(size, most), path)

    def modified(self, path: str) -> datetime:
        """Return when the file was last modified, UTC, from $STANDARD_INFORMATION."""
        moment: datetime = self.record(path).attributes.STANDARD_INFORMATION[0].attribute.last_modification_time
        return moment

    def unclean(self) -> str:
        """Return why the volume can't be taken for what the system last saw; empty where it was closed cleanly."""
        information = self._fs.mft.get(_VOLUME_RECORD).open("", ATTRIBUTE_TYPE_CODE.VOLUME_INFORMATION).read(12)
        # $VOLUME_INFORMATION: 8 reserved bytes, version, flags
        if struct.unpack_from("<H", information, 10)[0] & _DIRTY:
            return "the NTFS volume is marked dirty: it was not shut down cleanly, or waits for chkdsk"
        log = self._fs.mft.get(_LOG_RECORD).open()
        if not _log_clean(log.read(_RESTART_PAGES)):
            return "the NTFS log holds changes that are not in their place yet: Windows was not shut down cleanly"
        if self._hibernated():
            return "Windows is hibernated: what is on the disk is not what it last saw"
        return ""

    def _hibernated(self) -> bool:
        """Return whether hiberfil.sys holds a system to go on with. The same test as ntfs-3g makes before it mounts."""
        try:
            return self._data(_HIBERNATION)[0].read(4).lower() == b"hibr"
        except Missing:
            return False

    def _data(self, path: str) -> tuple[BinaryIO, int]:
        """Return a file's content and its length. Raises `Unreadable` for what is no plain file on this volume."""
        node = self.record(path)
        if node.is_dir():
            raise Unreadable(f"{path} is a folder")
        if node.is_reparse_point():
            raise Unreadable(f"{path} is kept compressed by Windows (WOF), which is not read")
        if int(node.attributes.STANDARD_INFORMATION[0].attribute.attr.FileAttributes) & _ENCRYPTED:
            raise Unreadable(f"{path} is encrypted by EFS")
        return node.open(), int(node.size())

    def _exactly(self, stream: BinaryIO, size: int, path: str) -> bytes:
        data = stream.read(size)
        if len(data) != size:
            raise Unreadable(f"{path} is cut: its clusters lie outside of the disk")
        return data


def _tag(node: Any) -> int:
    return int(node.attributes[ATTRIBUTE_TYPE_CODE.REPARSE_POINT][0].attribute.tag)


def _log_clean(start: bytes) -> bool:
    """Return whether the start of $LogFile says that nothing is open. The same test as ntfs-3g makes before it mounts.

    There are two restart pages, the second one page further; the later one (by log sequence number) counts.
    """
    if start[:4] == b"\xff\xff\xff\xff":
        return True  # emptied: ntfs-3g and chkdsk leave it so
    pages: list[tuple[int, bool]] = []
    offset = 0
    for _ in range(2):
        if start[offset : offset + 4] != b"RSTR":
            break
        (page_size,) = struct.unpack_from("<I", start, offset + 16)
        (area,) = struct.unpack_from("<H", start, offset + 24)
        sequence, _, _, in_use, flags = struct.unpack_from("<QHHHH", start, offset + area)
        pages.append((sequence, in_use == _NO_CLIENT or bool(flags & _CLEAN)))
        offset += page_size
    return bool(pages) and max(pages)[1]
