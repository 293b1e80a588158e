"""Which volumes a disk has, and which of them can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dissect.fat import FATFS
from dissect.volume.disk import Disk
from dissect.volume.disk.schemes import GPT

from runners.disk.process.ext import open_ext
from runners.disk.process.ntfs import NtfsVolume, open_ntfs
from runners.disk.process.pipe import Pipe
from runners.disk.process.stream import Window
from runners.disk.process.tree import Node, Unreadable

_MOST_PARTITIONS = 128
_SECTOR = 512

# GPT types that hold no file system, by design.
_UNFORMATTED = {
    "21686148-6449-6e6f-744e-656564454649": "BIOS boot",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "Microsoft reserved",
    "9e1a2d38-c612-4316-aa26-8b49521e5a8b": "PowerPC PReP boot",
}


def unread(volumes: list[FoundVolume]) -> str:
    """Return which volumes could not be read and why, for the reason of an unknown fact."""
    return "; ".join(f"{item.name}: {item.reason}" for item in volumes if item.filesystem == "unreadable")[:800]


@dataclass(frozen=True, slots=True)
class FoundVolume:
    """One volume, opened if it could be."""

    name: str
    filesystem: str
    reason: str = ""
    root: Node | None = None
    """The root folder of a Linux file system."""
    ntfs: NtfsVolume | None = None

    def to_json(self) -> dict[str, str]:
        """Return what the report says of it."""
        return {"name": self.name, "filesystem": self.filesystem, "reason": self.reason}


def survey(disk: Pipe) -> list[FoundVolume]:
    """Return every volume of the disk, in the order of the partition table. Never raises for what is on the disk."""
    try:
        table = Disk(Window(disk, 0, disk.size))
        partitions = list(table.partitions)
    except Exception:  # noqa: BLE001 - hostile bytes make a parser raise anything
        return [_whole_disk(disk)]
    if len(partitions) > _MOST_PARTITIONS:
        return [FoundVolume("disk", "unreadable", f"a partition table with {len(partitions)} entries")]
    return [_partition(disk, table.scheme, item) for item in partitions]


def _whole_disk(disk: Pipe) -> FoundVolume:
    found = _open("disk", Window(disk, 0, disk.size))
    if found.filesystem == "unreadable" and found.reason == _NOT_RECOGNISED:
        return FoundVolume("disk", "unreadable", "it has no partition table and no file system that the reader knows")
    return found


def _partition(disk: Pipe, scheme: object, partition: Any) -> FoundVolume:
    name = f"partition {partition.number}"
    if str(partition.type).lower() in _UNFORMATTED:
        return FoundVolume(name, "none")
    size = partition.size
    if isinstance(scheme, GPT) and isinstance(partition.disk, GPT):
        # The last sector of a GPT partition belongs to it; dissect leaves it out.
        size += _SECTOR
    if partition.offset + size > disk.size:
        return FoundVolume(name, "unreadable", "it reaches past the end of the disk: the disk was cut")
    return _open(name, Window(disk, partition.offset, size))


_NOT_RECOGNISED = "no file system that the reader knows"


def _open(name: str, volume: Window) -> FoundVolume:
    """Open one volume by what its first bytes say."""
    try:
        volume.seek(0)
        head = volume.read(128 * 1024)
        for matches, opener in _FILE_SYSTEMS:
            if matches(head):
                return opener(name, volume)
        for matches, reason in _KNOWN_UNREADABLE:
            if matches(head):
                return FoundVolume(name, "unreadable", reason)
    except Unreadable as reason:
        return FoundVolume(name, "unreadable", str(reason))
    except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything
        return FoundVolume(name, "unreadable", f"its file system is damaged ({type(error).__name__})")
    return FoundVolume(name, "unreadable", _NOT_RECOGNISED)


def _open_ext(name: str, volume: Window) -> FoundVolume:
    filesystem, root = open_ext(volume)
    root.entries()
    return FoundVolume(name, filesystem, root=root)


def _open_ntfs(name: str, volume: Window) -> FoundVolume:
    return FoundVolume(name, "ntfs", ntfs=open_ntfs(volume))


def _open_fat(name: str, volume: Window) -> FoundVolume:
    list(FATFS(volume).root.iterdir())
    return FoundVolume(name, "fat")


def _open_swap(name: str, _: Window) -> FoundVolume:
    return FoundVolume(name, "swap")


_FILE_SYSTEMS: tuple[tuple[Callable[[bytes], bool], Callable[[str, Window], FoundVolume]], ...] = (
    (lambda head: head[1080:1082] == b"\x53\xef", _open_ext),
    (lambda head: head[3:11] == b"NTFS    ", _open_ntfs),
    (lambda head: head[510:512] == b"\x55\xaa" and (head[54:57] == b"FAT" or head[82:87] == b"FAT32"), _open_fat),
    (lambda head: head[4086:4096] in (b"SWAPSPACE2", b"SWAP-SPACE"), _open_swap),
)

_KNOWN_UNREADABLE: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head[:6] in (b"LUKS\xba\xbe", b"SKUL\xba\xbe"), "encrypted with LUKS"),
    (lambda head: head[3:11] == b"-FVE-FS-", "encrypted with BitLocker"),
    (lambda head: any(head[at : at + 8] == b"LABELONE" for at in range(0, 2048, 512)), "LVM, which is not read yet"),
    (lambda head: head[:4] == b"XFSB", "XFS, which is not read yet"),
    (lambda head: head[65600:65608] == b"_BHRfS_M", "btrfs, which is not read"),
    (lambda head: head[3:11] == b"EXFAT   ", "exFAT, which is not read"),
    (lambda head: head[3:7] == b"ReFS", "ReFS, which is not read"),
)
