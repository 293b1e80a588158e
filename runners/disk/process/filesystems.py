"""Which file system is on a volume, and whether it can be read: by what its first bytes say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dissect.fat import FATFS

from runners.disk.process.ext import open_ext
from runners.disk.process.ntfs import NtfsVolume, open_ntfs
from runners.disk.process.stream import Window
from runners.disk.process.tree import Node, Unreadable
from runners.disk.process.xfs import open_xfs

HEAD = 128 * 1024
NOT_RECOGNISED = "no file system that the reader knows"


@dataclass(frozen=True, slots=True)
class FoundVolume:
    """One volume, opened if it could be."""

    name: str
    filesystem: str
    reason: str = ""
    root: Node | None = None
    """The root folder of a Linux file system."""
    ntfs: NtfsVolume | None = None
    unclean: str = ""
    """Why what is in `root` is not what the system last saw; empty for a file system that was unmounted cleanly."""
    known_as: tuple[str, ...] = ()
    """How /etc/fstab may call it: `UUID=...`, `LABEL=...`, `PARTUUID=...`, `/dev/mapper/rootvg-rootlv`."""
    kind: str = ""
    """What its partition is for, as the partition table says: a GUID, or the number in an old table."""

    def to_json(self, unseen: str = "") -> dict[str, str]:
        """Return what the report says of it. `unseen`: why no rule looks into it."""
        return {"name": self.name, "filesystem": self.filesystem, "reason": self.reason or unseen}


def open_volume(name: str, volume: Window, known_as: tuple[str, ...] = ()) -> FoundVolume:
    """Return the volume, opened or with the reason why not. Never raises for what is on it."""
    try:
        volume.seek(0)
        head = volume.read(HEAD)
        for matches, reason in _NOT_READ:
            if matches(head):
                return FoundVolume(name, "unreadable", reason, known_as=known_as)
        for matches, opener in _READ:
            if matches(head):
                return opener(name, volume, known_as)
        return FoundVolume(name, "unreadable", NOT_RECOGNISED, known_as=known_as)
    except Unreadable as reason:
        return FoundVolume(name, "unreadable", str(reason), known_as=known_as)
    except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything
        damaged = f"its file system is damaged ({type(error).__name__})"
        return FoundVolume(name, "unreadable", damaged, known_as=known_as)


def _ext(name: str, volume: Window, known_as: tuple[str, ...]) -> FoundVolume:
    found = open_ext(volume)
    found.root.entries()
    return FoundVolume(
        name, found.filesystem, root=found.root, unclean=found.unclean, known_as=(*known_as, *found.known_as)
    )


def _xfs(name: str, volume: Window, known_as: tuple[str, ...]) -> FoundVolume:
    root, unclean, names = open_xfs(volume)
    root.entries()
    return FoundVolume(name, "xfs", root=root, unclean=unclean, known_as=(*known_as, *names))


def _ntfs(name: str, volume: Window, known_as: tuple[str, ...]) -> FoundVolume:
    return FoundVolume(name, "ntfs", ntfs=open_ntfs(volume), known_as=known_as)


def _fat(name: str, volume: Window, known_as: tuple[str, ...]) -> FoundVolume:
    list(FATFS(volume).root.iterdir())
    volume.seek(0)
    head = volume.read(512)
    # Serial number: 4 bytes, which blkid writes as UUID=5EA1-F001; the label: 11 bytes, filled up with spaces
    serial, label = (head[67:71], head[71:82]) if head[82:87] == b"FAT32" else (head[39:43], head[43:54])
    number = int.from_bytes(serial, "little")
    names = [f"UUID={number >> 16:04X}-{number & 0xFFFF:04X}"]
    text = label.decode("ascii", "backslashreplace").strip()
    if text and text != "NO NAME":
        names.append(f"LABEL={text}")
    return FoundVolume(name, "fat", known_as=(*known_as, *names))


def _swap(name: str, _: Window, known_as: tuple[str, ...]) -> FoundVolume:
    return FoundVolume(name, "swap", known_as=known_as)


_READ: tuple[tuple[Callable[[bytes], bool], Callable[[str, Window, tuple[str, ...]], FoundVolume]], ...] = (
    (lambda head: head[:4] == b"XFSB", _xfs),
    (lambda head: head[1080:1082] == b"\x53\xef", _ext),
    (lambda head: head[3:11] == b"NTFS    ", _ntfs),
    (lambda head: head[510:512] == b"\x55\xaa" and (head[54:57] == b"FAT" or head[82:87] == b"FAT32"), _fat),
    (lambda head: head[4086:4096] in (b"SWAPSPACE2", b"SWAP-SPACE"), _swap),
)

# An array may still carry the file system that was there before it, so these come first.
_NOT_READ: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head[:6] in (b"LUKS\xba\xbe", b"SKUL\xba\xbe"), "encrypted with LUKS"),
    (lambda head: b"\xfc\x4e\x2b\xa9" in (head[:4], head[4096:4100]), "part of an md RAID array, which is not read"),
    (lambda head: head[3:11] == b"-FVE-FS-", "encrypted with BitLocker"),
    (lambda head: head[65600:65608] == b"_BHRfS_M", "btrfs, which is not read"),
    (lambda head: head[3:11] == b"EXFAT   ", "exFAT, which is not read"),
    (lambda head: head[3:7] == b"ReFS", "ReFS, which is not read"),
)
