"""The disk inside of a VHDX, a qcow2 or a dynamic VHD, found by dissect.

What dissect does not look at is looked at here first: whether the file was closed, and whether it is a disk of its own.
"""

from __future__ import annotations

from typing import Protocol

from dissect.hypervisor.disk.c_vhdx import FILE_PARAMETERS_GUID, METADATA_REGION_GUID
from dissect.hypervisor.disk.qcow2 import QCow2
from dissect.hypervisor.disk.vhd import VHD
from dissect.hypervisor.disk.vhdx import VHDX, MetadataTable, RegionTable
from dissect.util.stream import AlignedStream

from runners.disk.process.checksum import sealed
from runners.disk.process.stream import Bytes, Window
from runners.disk.process.tree import Unreadable

_KIB = 1024
_PARENT = (
    "it holds only what differs from a parent file, which is not read. Make it a disk of its own: "
    "qemu-img convert -O qcow2, or Convert-VHD"
)


class Disk(Bytes, Protocol):
    """A whole disk."""

    @property
    def size(self) -> int:
        """Size in bytes."""
        ...


def open_container(file: Disk, container: str) -> Disk:
    """Return the disk that `file` holds: itself where `container` is `raw`. Raises `Unreadable`."""
    if container == "raw":
        return file
    opener = {"vhd": _vhd, "vhdx": _vhdx, "qcow2": _qcow2}[container]
    try:
        return _Inner(opener(file))
    except (Unreadable, MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything
        raise Unreadable(f"the {container} is damaged or of a kind that is not read ({type(error).__name__})") from None


class _Inner:
    """What a container gives, never less than was asked for: dissect skips what a file that was cut lacks."""

    def __init__(self, stream: AlignedStream) -> None:
        self.size = int(stream.size)
        self._stream = stream

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk, short only at its end."""
        length = min(length, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        self._stream.seek(offset)
        data = bytes(self._stream.read(length))
        if len(data) != length:
            raise EOFError(f"{len(data)} bytes in place of {length} at {offset}: the container was cut")
        return data


def _stream(file: Disk) -> Window:
    return Window(file, 0, file.size)


def _vhd(file: Disk) -> AlignedStream:
    head = file.read(0, 512)
    if head[:8] != b"conectix" or head != file.read(file.size - 512, 512):
        raise Unreadable("the copy of the footer at the start of the VHD is not as the footer: it was not closed")
    return VHD(_stream(file))


def _vhdx(file: Disk) -> AlignedStream:
    # [MS-VHDX] 2.2.2: two headers, the one with the higher number counts; bytes 48 to 64 name a log to be replayed.
    headers = [file.read(place * _KIB, 4 * _KIB) for place in (64, 128)]
    whole = [header for header in headers if header[:4] == b"head" and sealed(header, 4)]
    if not whole:
        raise Unreadable("neither header of the VHDX matches its checksum: it is damaged")
    newest = max(whole, key=lambda header: int.from_bytes(header[8:16], "little"))
    if any(newest[48:64]):
        raise Unreadable("the VHDX was not closed: changes wait in its log. Mount it once, or convert it with qemu-img")
    # 2.2.3: dissect reads the first region table and not its checksum.
    table = file.read(192 * _KIB, 64 * _KIB)
    if table[:4] != b"regi" or not sealed(table, 4):
        raise Unreadable("the region table of the VHDX does not match its checksum: it is damaged")
    stream = _stream(file)
    place = RegionTable(stream, 192 * _KIB).get(METADATA_REGION_GUID)
    if MetadataTable(stream, place.file_offset, place.length).get(FILE_PARAMETERS_GUID).has_parent:
        raise Unreadable(_PARENT)
    stream.seek(0)  # where dissect begins without saying so
    return VHDX(stream)


def _qcow2(file: Disk) -> AlignedStream:
    # docs/interop/qcow2.txt of QEMU: big-endian; version at 4, backing file's place at 8, encryption at 32, features
    # that a reader must know at 72: 0 dirty (counts of references only), 1 corrupt, 2 data elsewhere, 3 compression. 4,
    # extended entries, dissect 3.21 reads without end.
    head = file.read(0, 104)
    version, parent = int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:16], "big")
    if version != 3:
        raise Unreadable(f"it is a qcow2 of version {version}; 3 is read. Convert it: qemu-img convert -O qcow2")
    if parent:
        raise Unreadable(_PARENT)
    if any(head[32:36]):
        raise Unreadable("the qcow2 is encrypted")
    features = int.from_bytes(head[72:80], "big")
    if features & 0b10:
        raise Unreadable("the qcow2 is marked as corrupt: qemu-img check -r all")
    if features & 0b100:
        raise Unreadable("the qcow2 keeps its data in another file, which is not read. Convert it: qemu-img convert")
    if features >> 4:
        raise Unreadable("the qcow2 has features that are not read, such as extended_l2. Convert it: qemu-img convert")
    return QCow2(_stream(file)).open()
