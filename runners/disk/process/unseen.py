"""Volumes that were opened and that no rule looks into: what is in them is in the image all the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.mounts import mounted, named
from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.tree import Node, Tree, observe
from runners.disk.process.windows_starting import foreign

# EFI's own partition and its extension (GPT), and the former in an old partition table
_OF_EFI = ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "bc13c2ff-59e6-4262-a352-b275fd6f7172", "239")
_BOOT_POINTS = {"/boot", "/boot/efi", "/efi"}
_INSIDE = "so no rule looked at what is in it"


def unseen_by_linux(root: FoundVolume, volumes: list[FoundVolume]) -> Mapping[str, str]:
    """Return why no rule looks into a volume beside the root, by the volumes' names. Raises `Unreadable`."""
    tree = mounted(root, volumes)
    points = named(root, volumes)
    hung = _hung(tree)
    found = {}
    for item in volumes:
        if item is root:
            continue
        if item.root is not None and not any(item.root is node for node in hung) and not _is_empty(item):
            found[item.name] = f"{_why_not(tree, points.get(item.name, ()))}, {_INSIDE}"
        elif item.ntfs is not None:
            found[item.name] = f"it is NTFS in a Linux system, {_INSIDE}"
        elif _is_other_fat(item) and not _starts_linux(item, points):
            found[item.name] = f"it is FAT and no system partition of EFI, {_INSIDE}"
    return found


def unseen_by_windows(system: NtfsVolume, volumes: list[FoundVolume]) -> Mapping[str, str]:
    """Return why no rule looks into a volume beside drive C, by the volumes' names."""
    found = {}
    for item in volumes:
        if item.ntfs is not None and item.ntfs is not system:
            other = observe("it", partial(foreign, item.ntfs))
            if not other.known or not other.absent:
                what = f"holds {other.value}" if other.known else "can't be looked through"
                found[item.name] = f"it is not drive C, and {what} beside what starts and mends Windows, {_INSIDE}"
        elif item.root is not None:
            found[item.name] = f"it is {item.filesystem} in a Windows system, {_INSIDE}"
        elif _is_other_fat(item):
            found[item.name] = f"it is FAT and no system partition of EFI, {_INSIDE}"
    return found


def or_all(volumes: list[FoundVolume], look: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
    """Return which volumes `look` calls unseen, and why: every one that was opened where it can't say. Never raises."""
    told = observe("the volumes beside the system's", look)
    if told.known:
        return told.value
    reason = str(told.to_json()["unknown"])
    return {item.name: reason for item in volumes if item.root is not None or item.ntfs is not None}


def _hung(tree: Tree) -> list[Node]:
    """Return the root folders of volumes to which paths of the system lead, as the rules follow them."""
    found = []
    for point, node in tree.mounts.items():
        # What is mounted below a volume that is not read is never reached.
        reached = observe(point, partial(tree.node, point))
        if reached.known and not reached.absent and reached.value is node:
            found.append(reached.value)
    return found


def _why_not(tree: Tree, points: tuple[str, ...]) -> str:
    """Return why a volume is in no tree. `points`: where /etc/fstab names it."""
    if not points:
        return "it is mounted by no line of /etc/fstab"
    reason = tree.mounts.get(points[0])
    return f"it is not mounted on {points[0]}, where /etc/fstab names it" + (
        f": {reason}" if isinstance(reason, str) else ""
    )


def _is_other_fat(item: FoundVolume) -> bool:
    return item.filesystem == "fat" and item.kind not in _OF_EFI


def _starts_linux(item: FoundVolume, points: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a FAT is where the system starts from, and no other volume has its name."""
    mine = set(points.get(item.name, ()))
    others = {point for name, found in points.items() if name != item.name for point in found}
    return bool(mine) and mine <= _BOOT_POINTS and not mine & others


def _is_empty(item: FoundVolume) -> bool:
    """Return whether a file system is as mkfs makes it. One that was not unmounted cleanly can't show it."""
    if item.root is None or item.unclean:
        return False
    empty = observe("it", partial(_holds_nothing, item.root))
    return empty.known and empty.value


def _holds_nothing(root: Node) -> bool:
    inside = root.entries()
    return not inside or (set(inside) == {"lost+found"} and not inside["lost+found"].entries())
