"""NTFS, by dissect.ntfs."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any, BinaryIO

from dissect.ntfs import NTFS
from dissect.ntfs.c_ntfs import ATTRIBUTE_TYPE_CODE

from runners.disk.process.stream import Window
from runners.disk.process.tree import Missing, Unreadable

_VOLUME_RECORD, _LOG_RECORD = 3, 2
_DIRTY = 0x0001
_NO_CLIENT, _CLEAN = 0xFFFF, 0x0002
_RESTART_PAGES = 64 * 1024


def open_ntfs(volume: Window) -> NtfsVolume:
    """Return the volume. Raises what dissect raises."""
    return NtfsVolume(NTFS(volume))


class NtfsVolume:
    """Paths on one NTFS volume, in any case, without following reparse points."""

    def __init__(self, fs: Any) -> None:
        self._fs = fs
        self.examined = 0

    def record(self, path: str) -> Any:
        """Return the file record at `path`, parts separated by slashes. Raises `Missing` or `Unreadable`."""
        self.examined += 1
        node = self._fs.mft.root
        for part in path.split("/"):
            if not node.is_dir():
                raise Missing(path)
            try:
                node = node.index("$I30").search(part).dereference()
            except KeyError:
                raise Missing(path) from None
            if not int(node.header.Flags) & 1:
                raise Unreadable(f"the folder of {path} names a file that was deleted: the volume is damaged")
            if node.is_reparse_point():
                # A link, a mount point, or a file that is kept elsewhere: what it stands for is not followed.
                raise Unreadable(f"{path} leads through a reparse point, which is not followed")
        return node

    def stream(self, path: str) -> BinaryIO:
        """Return the file's content as a file. Raises `Missing` or `Unreadable`."""
        node = self.record(path)
        if node.is_dir():
            raise Unreadable(f"{path} is a folder")
        content: BinaryIO = node.open()
        return content

    def content(self, path: str, most: int) -> bytes:
        """Return the whole file. Raises `Missing`, and `Unreadable` where it is longer than `most` or cut."""
        node = self.record(path)
        size = node.size()
        if node.is_dir() or size > most:
            raise Unreadable(f"{path} is no file of at most {most} bytes")
        return self._exactly(node.open(), size, path)

    def tail(self, path: str, most: int) -> bytes:
        """Return the last bytes of a file, at most `most`."""
        node = self.record(path)
        size = node.size()
        stream = node.open()
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
        return ""

    def _exactly(self, stream: BinaryIO, size: int, path: str) -> bytes:
        data = stream.read(size)
        if len(data) != size:
            raise Unreadable(f"{path} is cut: its clusters lie outside of the disk")
        return data


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
