"""Which volumes a disk has, and which of them can be read."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

from dissect.volume.disk import Disk as PartitionTable
from dissect.volume.disk.schemes import GPT

from runners.disk.process.container import Disk
from runners.disk.process.filesystems import HEAD, NOT_RECOGNISED, FoundVolume, open_volume
from runners.disk.process.lvm import PhysicalVolume, is_physical, logical_volumes, open_physical
from runners.disk.process.stream import Window
from runners.disk.process.tree import Unreadable

_MOST_PARTITIONS = 64
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


def survey(disk: Disk) -> list[FoundVolume]:
    """Return every volume of the disk. Never raises for what is on the disk.

    The order is the partition table's, and then that of the logical volumes in their group.
    """
    parts = _Parts(disk)
    try:
        table = PartitionTable(Window(disk, 0, disk.size))
        partitions = list(table.partitions)
    except Exception:  # noqa: BLE001 - hostile bytes make a parser raise anything
        found = [_whole_disk(disk, parts)]
    else:
        if len(partitions) > _MOST_PARTITIONS:
            return [FoundVolume("disk", "unreadable", f"a partition table with {len(partitions)} entries")]
        found = [_partition(disk, table.scheme, item, parts) for item in partitions]
    return found + parts.logical()


class _Parts:
    """Opens what partitions hold, and remembers the physical volumes of LVM among them."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._physical: list[PhysicalVolume] = []

    def open(self, name: str, start: int, size: int, known_as: tuple[str, ...] = ()) -> FoundVolume:
        window = Window(self._disk, start, size)
        found = open_volume(name, window, known_as)
        if found.reason != NOT_RECOGNISED:
            return found
        try:
            window.seek(0)
            if not is_physical(window.read(HEAD)):
                return found
            physical = open_physical(window, start)
        except Unreadable as reason:
            return FoundVolume(name, "unreadable", str(reason))
        except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything
            return FoundVolume(name, "unreadable", f"its LVM metadata is damaged ({type(error).__name__})")
        if not physical.text:
            return FoundVolume(name, "unreadable", physical.reason or "LVM without any metadata, which is not read")
        self._physical.append(physical)
        return FoundVolume(name, "lvm")

    def logical(self) -> list[FoundVolume]:
        found: list[FoundVolume] = []
        try:
            for item in logical_volumes(self._disk, self._physical):
                if item.window is None:
                    found.append(FoundVolume(item.name, "unreadable", item.reason, known_as=item.known_as))
                else:
                    found.append(open_volume(item.name, item.window, item.known_as))
        except Unreadable as reason:
            return [FoundVolume("LVM", "unreadable", str(reason))]
        except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything
            return [FoundVolume("LVM", "unreadable", f"its metadata is damaged ({type(error).__name__})")]
        return found


def _whole_disk(disk: Disk, parts: _Parts) -> FoundVolume:
    found = parts.open("disk", 0, disk.size)
    if found.reason == NOT_RECOGNISED:
        return FoundVolume("disk", "unreadable", "it has no partition table and no file system that the reader knows")
    return found


def _partition(disk: Disk, scheme: object, partition: Any, parts: _Parts) -> FoundVolume:
    name = f"partition {partition.number}"
    if str(partition.type).lower() in _UNFORMATTED:
        return FoundVolume(name, "none")
    size = partition.size
    known_as: tuple[str, ...]
    if isinstance(scheme, GPT) and isinstance(partition.disk, GPT):
        # The last sector of a GPT partition belongs to it; dissect leaves it out.
        size += _SECTOR
        known_as = (f"PARTUUID={partition.guid}", f"PARTLABEL={partition.name}")
    else:
        # An old partition table has a number of its own in front of its boot code's end.
        (signature,) = struct.unpack("<I", disk.read(440, 4))
        known_as = (f"PARTUUID={signature:08x}-{partition.number:02x}",)
    if partition.offset + size > disk.size:
        return FoundVolume(name, "unreadable", "it reaches past the end of the disk: the disk was cut")
    return replace(parts.open(name, partition.offset, size, known_as), kind=str(partition.type).lower())
