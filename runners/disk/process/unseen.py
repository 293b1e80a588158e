"""Volumes that were opened and that no rule looks into: what is in them is in the image all the same."""

from __future__ import annotations

from collections.abc import Mapping

from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.mounts import mounted_from
from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.tree import Node, Unreadable

# EFI's own partition and its extension (GPT), and the former in an old partition table
_OF_EFI = ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "bc13c2ff-59e6-4262-a352-b275fd6f7172", "239")
_RECOVERY = ("de94bba4-06d1-4d4d-a16a-bfd50179d6ac", "39")
_BOOT_POINTS = ("/boot", "/boot/efi", "/efi")
_STARTING = {"$RECYCLE.BIN", "BOOT", "BOOTMGR", "BOOTNXT", "BOOTSECT.BAK", "BOOTTEL.DAT", "EFI", "RECOVERY"}
"""What Windows keeps on a volume that only starts it (`System Reserved`), in capitals."""
_OF_NTFS = {".", "SYSTEM VOLUME INFORMATION"}
_INSIDE = "so no rule looked at what is in it"


def unseen_by_linux(root: FoundVolume, volumes: list[FoundVolume]) -> Mapping[str, str]:
    """Return why no rule looks into a volume beside the root, by the volumes' names. Raises `Unreadable`."""
    points = mounted_from(root, volumes)
    found = {}
    for item in volumes:
        if item is root:
            continue
        if item.root is not None and item.name not in points and not _is_empty(item.root):
            found[item.name] = f"it is mounted by no line of /etc/fstab, {_INSIDE}"
        elif item.ntfs is not None:
            found[item.name] = f"it is NTFS in a Linux system, {_INSIDE}"
        elif _is_other_fat(item) and points.get(item.name) not in _BOOT_POINTS:
            found[item.name] = f"it is FAT and no system partition of EFI, {_INSIDE}"
    return found


def unseen_by_windows(system: NtfsVolume, volumes: list[FoundVolume]) -> Mapping[str, str]:
    """Return why no rule looks into a volume beside drive C, by the volumes' names."""
    found = {}
    for item in volumes:
        if item.ntfs is not None and item.ntfs is not system and not _only_starts(item):
            found[item.name] = f"it is neither drive C nor Windows' own for starting and recovery, {_INSIDE}"
        elif item.root is not None:
            found[item.name] = f"it is {item.filesystem} in a Windows system, {_INSIDE}"
        elif _is_other_fat(item):
            found[item.name] = f"it is FAT and no system partition of EFI, {_INSIDE}"
    return found


def _is_other_fat(item: FoundVolume) -> bool:
    return item.filesystem == "fat" and item.kind not in _OF_EFI


def _is_empty(root: Node) -> bool:
    """Return whether a file system is as mkfs makes it."""
    try:
        inside = root.entries()
        return not inside or (set(inside) == {"lost+found"} and not inside["lost+found"].entries())
    except Unreadable:
        return False


def _only_starts(item: FoundVolume) -> bool:
    if item.kind in _RECOVERY:
        return True
    try:
        names = {name.upper() for name in item.ntfs.names("")} if item.ntfs else set()
    except Unreadable:
        return False
    # $MFT, $Volume and the like are the file system itself.
    return {name for name in names if not name.startswith("$") or name in _STARTING} <= _STARTING | _OF_NTFS
