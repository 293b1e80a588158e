"""Volumes that no rule looks into make the coverage incomplete: whatever is in them is in the image."""

from __future__ import annotations

import uuid
from typing import cast

import pytest

from checks.healthy import sealed_observation
from checks.judgement import judge
from reports.evidence import CoverageRecord
from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.tree import Unreadable
from runners.disk.process.unseen import unseen_by_linux, unseen_by_windows
from runners.disk.reader import examine
from runners.observe.disk import parse
from tests.checks.claims import catalogue
from tests.runners.disk.disks import ImageSource, swapped
from tests.runners.disk.test_linux import seen
from tests.runners.disk.test_linux_residue import tree

EFI = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
RECOVERY = "de94bba4-06d1-4d4d-a16a-bfd50179d6ac"
BASIC = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"


class Names:
    """An NTFS volume of which only the names in its root are asked."""

    def __init__(self, *names: str, damaged: bool = False) -> None:
        self._names, self._damaged = names, damaged

    def names(self, path: str) -> tuple[str, ...]:
        assert path == ""
        if self._damaged:
            raise Unreadable("damaged")
        return ("$MFT", "$Volume", ".", *self._names)


def ntfs(*names: str, kind: str = BASIC, damaged: bool = False) -> FoundVolume:
    return FoundVolume("other", "ntfs", ntfs=cast("NtfsVolume", Names(*names, damaged=damaged)), kind=kind)


def ext4(*files: str, name: str = "other", fstab: str = "", known_as: tuple[str, ...] = ()) -> FoundVolume:
    root = tree({"etc/fstab": fstab, **dict.fromkeys(files)} if fstab else dict.fromkeys(files)).node("/")
    return FoundVolume(name, "ext4", root=root, known_as=known_as)


def linux(other: FoundVolume, fstab: str = "LABEL=data /data auto nofail\nUUID=5EA1-F001 /boot/efi vfat\n") -> str:
    root = ext4(fstab=fstab, name="root")
    return unseen_by_linux(root, [root, other]).get("other", "")


def test_a_volume_that_no_line_names_was_not_looked_at() -> None:
    assert "no line of /etc/fstab" in linux(ext4("backup"))
    assert linux(ext4("backup", known_as=("LABEL=data",))) == ""


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


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        (ntfs("Boot", "bootmgr", "BOOTNXT", "System Volume Information"), False),
        (ntfs("Recovery", "Data", kind=RECOVERY), False),
        (ntfs(), False),
        (ntfs("Boot", "bootmgr", "Backup"), True),
        (ntfs(damaged=True), True),
        (ext4("x"), True),
        (FoundVolume("other", "fat", kind=BASIC), True),
        (FoundVolume("other", "fat", kind=EFI), False),
        (FoundVolume("other", "unreadable", "ReFS, which is not read"), False),
    ],
)
def test_of_a_windows_disk_only_what_starts_it_needs_no_look(volume: FoundVolume, told: bool) -> None:
    system = ntfs("Windows")
    assert system.ntfs is not None
    assert bool(unseen_by_windows(system.ntfs, [system, volume])) is told


def test_a_real_disk_with_a_volume_that_nothing_mounts_is_not_wholly_read() -> None:
    disk = seen("linux-unmounted")
    verdict = judge(catalogue()["DISK-COVERAGE-001"], sealed_observation(disk=disk))
    assert verdict.outcome == "undetermined"
    assert "partition 2: it is mounted by no line of /etc/fstab" in verdict.reason
    assert not CoverageRecord.of(disk.coverage).complete


@pytest.mark.parametrize(("platform", "whole"), [("linux", True), ("windows", False)])
def test_a_fat_that_is_not_marked_as_efi_s_is_read_by_no_rule_unless_linux_starts_from_it(
    platform: str, whole: bool
) -> None:
    disk = swapped(f"{platform}-sealed", uuid.UUID(EFI).bytes_le, uuid.UUID(BASIC).bytes_le)
    assert CoverageRecord.of(parse(examine(ImageSource(disk), platform)).coverage).complete is whole
