"""A stopped disk in a local file: raw, VHD, VHDX or qcow2. The file is opened for reading, and never written.

Only the file's ends are looked at here, to tell what it is. What a container holds is found by the reader process.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from runners.disk.source import Container
from runners.disk.vhd import COOKIE, FOOTER, is_dynamic, payload_size
from runners.errors import DiskError

_HEAD = 64 * 1024
_QCOW2, _VHDX = b"QFI\xfb", b"vhdxfile"
# First bytes, their place, what they are of. None of them begins a disk that a machine can start from.
_OTHERS = (
    (b"KDMV", 0, "a VMDK"),
    (b"# Disk DescriptorFile", 0, "the descriptor of a VMDK"),
    (b"\x7f\x10\xda\xbe", 64, "a VDI"),
    (b"\x1f\x8b", 0, "compressed (gzip)"),
    (b"\xfd7zXZ\0", 0, "compressed (xz)"),
    (b"BZh", 0, "compressed (bzip2)"),
    (b"\x28\xb5\x2f\xfd", 0, "compressed (zstd)"),
    (b"PK\x03\x04", 0, "a zip archive"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7z archive"),
    (b"ustar", 257, "a tar archive"),
)
_UNPACK = "Unpack or convert it (qemu-img convert -O qcow2 ...) and name the result"


class DiskFile:
    """A disk in a file; a `BlockSource` that says what container its bytes are. Blocks; use it from one thread."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._bytes_read = 0
        self._requests = 0
        self._seen = self._look()
        self._total = os.lseek(descriptor, 0, os.SEEK_END)
        self._size = self._total
        self._container: Container = "raw"
        self._container, self._size = self._recognise()
        self._bytes_read = self._requests = 0  # of the disk, not of what told its kind

    def __repr__(self) -> str:
        return f"<DiskFile {self._path} ({self._container})>"

    def __enter__(self) -> DiskFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def container(self) -> Container:
        """What the file is; of a fixed VHD the footer is left off, and it is `raw`."""
        return self._container

    @property
    def size(self) -> int:
        """Size in bytes: of the disk where the container is `raw`, otherwise of the file."""
        return self._size

    @property
    def bytes_read(self) -> int:
        """How many bytes were read from the file."""
        return self._bytes_read

    @property
    def requests(self) -> int:
        """How often the file was read."""
        return self._requests

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes, short only at the end. Raises `DiskError`, also where the file changes meanwhile."""
        end = min(offset + max(0, length), self._size)
        if offset < 0 or offset >= end:
            return b""
        data = bytearray()
        try:
            while len(data) < end - offset:
                part = os.pread(self._descriptor, end - offset - len(data), offset + len(data))
                self._requests += 1
                if not part:
                    break
                data += part
        except OSError as error:
            raise DiskError(f"reading {self._path} at {offset} failed: {error.strerror}; nothing was changed") from None
        self._bytes_read += len(data)
        if len(data) < end - offset or self._look() != self._seen:
            raise DiskError(f"{self._path} changed while it was read. Is something still writing to this disk?")
        return bytes(data)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _look(self) -> tuple[int, int]:
        seen = os.fstat(self._descriptor)
        return seen.st_size, seen.st_mtime_ns

    def _recognise(self) -> tuple[Container, int]:
        """Return what the file is, and its size. Raises `DiskError` for what can't be read, or can't be told apart."""
        head = self.read(0, _HEAD)
        footer = self.read(max(0, self._total - FOOTER), FOOTER)
        if footer.startswith(COOKIE) and len(footer) == FOOTER:
            # The footer goes first: what it says, no guest could write, who can write the first bytes of its disk.
            return ("vhd", self._total) if is_dynamic(footer) else ("raw", payload_size(self._total, footer))
        if head.startswith(COOKIE):
            raise DiskError("it begins as a dynamic VHD and does not end as one: the file was cut. Copy it again")
        for magic, container in ((_QCOW2, "qcow2"), (_VHDX, "vhdx")):
            if head.startswith(magic):
                if head[510:512] == b"\x55\xaa" or head[512:520] == b"EFI PART":
                    raise DiskError(
                        f"it begins as a {container} and as a raw disk with partitions: a guest may have made it so "
                        "to show another disk than its own. Convert it with the format named: qemu-img convert -f raw"
                    )
                return ("qcow2" if container == "qcow2" else "vhdx"), self._total
        for magic, place, name in _OTHERS:
            if head[place:].startswith(magic):
                raise DiskError(f"it is {name}, which is not read. {_UNPACK}")
        if self._total < FOOTER or not any(head):
            # An empty head is no disk that anything starts from; a download that was only begun looks like this.
            raise DiskError(f"it begins with {len(head)} bytes of nothing: no disk is in it. Was it copied whole?")
        return "raw", self._total


def open_disk_file(path: str | Path) -> DiskFile:
    """Open a raw, VHD (fixed or dynamic), VHDX or qcow2 file, or a block device; the caller closes it.

    Pass it to `runners.disk.reader.examine`. What the file is, is told by its bytes, not by its name. Raises
    `DiskError`, whose text begins with the path, where it can't be read or is nothing that is read. A container that is
    damaged, was not closed, or has a parent is told by `examine`.
    """
    path = Path(path)
    try:
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISBLK(kind)):
            raise DiskError(f"{path}: it is no file; name a raw disk, a VHD, a VHDX or a qcow2")
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise DiskError(f"{path}: it can't be opened: {error.strerror}") from None
    try:
        return DiskFile(path, descriptor)
    except DiskError as error:
        os.close(descriptor)
        raise DiskError(f"{path}: {error}") from None
