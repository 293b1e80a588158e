"""Volumes that no rule looks into make the coverage incomplete: whatever is in them is in the image."""

from __future__ import annotations

import uuid
from typing import cast

import pytest

from checks.healthy import sealed_observation
from checks.judgement import judge
from reports.evidence import CoverageRecord
from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.linux import unseen
from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.tree import Node, Unreadable
from runners.disk.process.unseen import unseen_by_linux, unseen_by_windows
from runners.disk.process.windows import unseen as unseen_windows
from runners.disk.reader import examine
from runners.observe.disk import parse
from tests.checks.claims import catalogue
from tests.runners.disk.disks import ImageSource, swapped
from tests.runners.disk.test_linux import seen
from tests.runners.disk.test_linux_residue import tree
from tests.runners.disk.test_ntfs import volume

EFI = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
RECOVERY = "de94bba4-06d1-4d4d-a16a-bfd50179d6ac"
BASIC = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"


class Names:
    """An NTFS volume of which only the names in its folders are asked. A path that ends in a slash is a folder."""

    def __init__(self, *paths: str, damaged: str | None = None) -> None:
        self._paths, self._damaged = ("$MFT", "$Volume", ".", *paths), damaged

    def names(self, path: str) -> tuple[str, ...]:
        if path == self._damaged:
            raise Unreadable("damaged")
        below = [item.removeprefix(f"{path}/") for item in self._paths if not path or item.startswith(f"{path}/")]
        return tuple(dict.fromkeys(item.partition("/")[0] for item in below if item))

    def is_folder(self, path: str) -> bool:
        return any(item.startswith(f"{path}/") for item in self._paths)


def ntfs(*paths: str, kind: str = BASIC, damaged: str | None = None) -> FoundVolume:
    return FoundVolume("other", "ntfs", ntfs=cast("NtfsVolume", Names(*paths, damaged=damaged)), kind=kind)


def ext4(
    *files: str, name: str = "other", fstab: str = "", known_as: tuple[str, ...] = (), unclean: str = ""
) -> FoundVolume:
    root = tree({"etc/fstab": fstab, **dict.fromkeys(files)} if fstab else dict.fromkeys(files)).node("/")
    return FoundVolume(name, "ext4", root=root, known_as=known_as, unclean=unclean)


def linux(other: FoundVolume, fstab: str = "LABEL=data /data auto nofail\nUUID=5EA1-F001 /boot/efi vfat\n") -> str:
    root = ext4(fstab=fstab, name="root")
    return unseen_by_linux(root, [root, other]).get("other", "")


def test_a_volume_that_no_line_names_was_not_looked_at() -> None:
    assert "no line of /etc/fstab" in linux(ext4("backup"))
    assert linux(ext4("backup", known_as=("LABEL=data",))) == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("LABEL=data /data ext4 noauto,nofail 0 0", "on demand"),
        ("LABEL=data /data xfs nofail 0 0", "fstab says xfs"),
        ("LABEL=data /data ext4 nofail 0 0\nLABEL=more /data ext4", "several volumes there"),
        ("LABEL=data /data ext4 bind 0 0", "a bind mount"),
        ("LABEL=other /mnt ext4 nofail 0 0\nLABEL=data /mnt/data ext4 nofail 0 0", "not mounted on /mnt/data"),
        ("LABEL=data none swap sw 0 0", "no line of /etc/fstab"),
    ],
)
def test_a_volume_that_is_named_and_not_mounted_was_not_looked_at(line: str, reason: str) -> None:
    assert reason in linux(ext4("backup/shadow", known_as=("LABEL=data",)), f"{line}\n")


def test_volumes_of_one_label_or_not_unmounted_cleanly_were_not_looked_at() -> None:
    root = ext4(fstab="LABEL=data /data auto nofail\n", name="root")
    two = [ext4("backup", name=name, known_as=("LABEL=data",)) for name in ("one", "two")]
    found = unseen_by_linux(root, [root, *two])
    assert sorted(found) == ["one", "two"]
    assert "several volumes of this disk are LABEL=data" in found["one"]
    assert "not unmounted cleanly" in linux(ext4("backup", known_as=("LABEL=data",), unclean="its log"))
    assert linux(ext4(unclean="its log")) != ""


def test_what_can_t_be_looked_through_is_not_empty() -> None:
    class Hostile:
        kind = "folder"

        def entries(self) -> dict[str, object]:
            raise EOFError

    assert linux(FoundVolume("other", "ext4", root=cast("Node", Hostile()))) != ""


def test_where_nobody_can_say_which_volumes_were_looked_at_none_was() -> None:
    two = [ext4("etc/passwd", name=name) for name in ("one", "two")]
    assert sorted(unseen(two)) == ["one", "two"]
    assert list(unseen_windows([ntfs("x")])) == ["other"]


def test_a_fat_of_the_boot_loader_is_told_by_a_name_of_its_own() -> None:
    root = ext4(fstab="LABEL=EFI /boot/efi vfat\nLABEL=EFI /data vfat\n", name="root")
    fats = [FoundVolume(name, "fat", kind=BASIC, known_as=("LABEL=EFI",)) for name in ("one", "two")]
    assert sorted(unseen_by_linux(root, [root, *fats])) == ["one", "two"]
    assert sorted(unseen_by_linux(root, [root, fats[0]])) == ["one"]


def test_an_empty_volume_has_nothing_to_look_at() -> None:
    assert linux(ext4()) == linux(ext4("lost+found")) == ""
    assert linux(ext4("lost+found/x")) != ""


@pytest.mark.parametrize(
    "volume",
    [
        FoundVolume("other", "swap"),
        FoundVolume("other", "lvm"),
        FoundVolume("other", "none"),
        FoundVolume("other", "fat", kind=EFI),
        FoundVolume("other", "fat", kind="239"),
        FoundVolume("other", "fat", kind=BASIC, known_as=("UUID=5EA1-F001",)),
        FoundVolume("other", "unreadable", "encrypted with LUKS"),
    ],
    ids=str,
)
def test_what_starts_the_system_and_what_tells_of_itself_is_none(volume: FoundVolume) -> None:
    assert linux(volume) == ""


def test_other_file_systems_of_a_linux_disk_were_not_looked_at() -> None:
    assert "NTFS in a Linux system" in linux(ntfs())
    assert "no system partition of EFI" in linux(FoundVolume("other", "fat", kind=BASIC))
    assert "no system partition of EFI" in linux(FoundVolume("other", "fat", known_as=("LABEL=data",)))


STARTER = ("Boot/BCD", "bootmgr", "BOOTNXT", "BOOTSECT.BAK", "System Volume Information/tracking.log")
MENDER = ("Recovery/WindowsRE/Winre.wim", "Recovery/WindowsRE/boot.sdi", "Recovery/WindowsRE/ReAgent.xml")
SHADOW = "System Volume Information/{5ea1f001-0000-4000-8000-000000000001}{3808876b-c176-4e48-b7ae-04046e6cc752}"


@pytest.mark.parametrize(
    "volume",
    [
        ntfs(*STARTER),
        ntfs(*STARTER, *MENDER),
        ntfs(*MENDER, "Recovery/Logs/Reload.xml", "System Volume Information/tracking.log", kind=RECOVERY),
        ntfs(*MENDER, kind=BASIC),
        ntfs("Recovery/5ea1f001-0000-11ee-8000-000000000001/Winre.wim", "bootmgr", "Boot/BCD"),
        ntfs("Recovery/WindowsRE/", kind=RECOVERY),
        ntfs("System Volume Information/WPSettings.dat"),
        ntfs(),
        FoundVolume("other", "fat", kind=EFI),
        FoundVolume("other", "unreadable", "ReFS, which is not read"),
    ],
)
def test_of_a_windows_disk_what_starts_and_mends_it_needs_no_look(volume: FoundVolume) -> None:
    system = ntfs("Windows/")
    assert system.ntfs is not None
    assert unseen_by_windows(system.ntfs, [system, volume]) == {}


@pytest.mark.parametrize(
    ("volume", "reason"),
    [
        (ntfs(*STARTER, "Backup/x"), "holds Backup beside"),
        (ntfs("$RECYCLE.BIN/S-1-5-21-1/$R1.pfx", "System Volume Information/x"), "holds $RECYCLE.BIN"),
        (ntfs(*STARTER, "$RECYCLE.BIN/S-1-5-21-1/$R1.pfx"), "holds $RECYCLE.BIN"),
        (ntfs("$Backup/shadow"), "holds $Backup"),
        (ntfs(SHADOW), "holds System Volume Information/{5ea1f001"),
        (ntfs(*STARTER, SHADOW), "holds System Volume Information/{5ea1f001"),
        (ntfs("System Volume Information/Dedup/x"), "holds System Volume Information/Dedup"),
        (ntfs("Recovery/unattend.xml"), "holds Recovery/unattend.xml"),
        (ntfs(*MENDER, "Recovery/OEM/x", kind=RECOVERY), "holds Recovery/OEM"),
        (ntfs(*MENDER, "Recovery/WindowsRE/install.wim"), "holds Recovery/WindowsRE/install.wim"),
        (ntfs(*MENDER, "Recovery/WindowsRE/boot.sdi/x"), "holds Recovery/WindowsRE/boot.sdi"),
        (ntfs(*MENDER, "Recovery/Logs/old/x.xml"), "holds Recovery/Logs/old"),
        (ntfs("Recovery/Logs/x", kind=RECOVERY), "holds Recovery/Logs/x"),
        (ntfs("Data", kind=RECOVERY), "holds Data"),
        (ntfs("Boot/BCD", "System Volume Information/x"), "holds Boot"),
        (ntfs("Boot/BCD", "bootmgr/x"), "holds Boot"),
        (ntfs(damaged=""), "can't be looked through"),
        (ntfs(*MENDER, damaged="Recovery/WindowsRE"), "can't be looked through"),
        (ext4("x"), "ext4 in a Windows system"),
        (FoundVolume("other", "fat", kind=BASIC), "it is FAT"),
    ],
)
def test_of_a_windows_disk_all_else_was_not_looked_at(volume: FoundVolume, reason: str) -> None:
    system = ntfs("Windows/")
    assert system.ntfs is not None
    assert reason in unseen_by_windows(system.ntfs, [system, volume])["other"]


def test_a_second_windows_volume_of_a_real_disk_is_looked_through() -> None:
    system = ntfs("Windows/")
    assert system.ntfs is not None
    other = FoundVolume("other", "ntfs", ntfs=volume())
    assert "holds $Recycle.Bin beside" in unseen_by_windows(system.ntfs, [system, other])["other"]


def test_a_real_disk_with_a_volume_that_nothing_mounts_is_not_wholly_read() -> None:
    disk = seen("linux-unmounted")
    verdict = judge(catalogue()["DISK-COVERAGE-001"], sealed_observation(disk=disk))
    assert verdict.outcome == "undetermined"
    assert "partition 2: it is mounted by no line of /etc/fstab" in verdict.reason
    assert not CoverageRecord.of(disk.coverage).complete


@pytest.mark.parametrize(("options", "whole"), [("nofail", True), ("noauto,nofail", False)])
def test_a_line_of_fstab_that_mounts_nothing_leaves_a_real_disk_unread(options: str, *, whole: bool) -> None:
    remark = b"# /etc/fstab: static file system information"
    line = f"LABEL=data /data ext4 {options} 0 0".encode()
    disk = swapped("linux-unmounted", remark, line.ljust(len(remark)))
    assert CoverageRecord.of(parse(examine(ImageSource(disk), "linux")).coverage).complete is whole


@pytest.mark.parametrize(("platform", "whole"), [("linux", True), ("windows", False)])
def test_a_fat_that_is_not_marked_as_efi_s_is_read_by_no_rule_unless_linux_starts_from_it(
    platform: str, whole: bool
) -> None:
    disk = swapped(f"{platform}-sealed", uuid.UUID(EFI).bytes_le, uuid.UUID(BASIC).bytes_le)
    assert CoverageRecord.of(parse(examine(ImageSource(disk), platform)).coverage).complete is whole
