"""The stopped disk in the layout of Azure's RHEL images: judged as one system, volume by volume."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.facts import LinuxDisk
from lab.images import DiskImage, open_image
from runners.disk.reader import examine
from runners.observe.disk import parse
from tests.runners.disk.disks import ImageSource, swapped
from tests.runners.disk.test_linux import all_facts, reason, seen

MIB = 1024 * 1024
XFS_SIZE = 16 * MIB
PHYSICAL = 19 * MIB
"""Where the volume group's partition starts."""
DATA = PHYSICAL + MIB
"""Where its extents start: the volumes lie there in the order root, usr, var (half), home, tmp, var (rest)."""
HOME = DATA + 40 * MIB


@pytest.fixture(scope="module")
def sealed() -> LinuxDisk:
    return seen("linux-lvm-sealed")


@pytest.mark.parametrize("state", ["configured", "sealed"])
def test_all_facts_are_those_of_the_same_machine_on_one_partition(state: str) -> None:
    spread, single = seen(f"linux-lvm-{state}"), seen(f"linux-{state}")
    assert replace(spread, coverage=single.coverage) == single


def test_coverage_names_every_partition_and_every_logical_volume(sealed: LinuxDisk) -> None:
    assert {volume.name: volume.filesystem for volume in sealed.coverage.volumes} == {
        "partition 1": "fat",
        "partition 2": "xfs",
        "partition 3": "none",
        "partition 4": "lvm",
        **{f"rootvg/{name}lv": "xfs" for name in ("root", "usr", "var", "home", "tmp")},
    }
    assert not any(volume.reason for volume in sealed.coverage.volumes)


def test_little_of_the_disk_is_read() -> None:
    source = ImageSource("linux-lvm-sealed")
    examine(source, "linux")
    assert source.bytes_read < 5 * MIB


def changed(place: int, data: bytes) -> DiskImage:
    return open_image("linux-lvm-sealed").replaced(place, data)


@pytest.mark.parametrize(
    ("head", "word"),
    [(b"LUKS\xba\xbe\x00\x02", "LUKS"), (bytes(65600) + b"_BHRfS_M", "btrfs"), (b"XFSB", "XFS of version 0")],
)
def test_a_volume_that_cannot_be_read_makes_only_what_it_holds_unknown(head: bytes, word: str) -> None:
    disk = seen(changed(HOME, head.ljust(128 * 1024, b"\0")))
    assert "mounts another volume on /home" in reason(disk.homes)
    assert word in reason(disk.homes)
    assert disk.agent_folder.value == ()
    assert disk.machine_id.value == "empty"
    (home,) = [volume for volume in disk.coverage.volumes if volume.name == "rootvg/homelv"]
    assert (home.filesystem, word in home.reason) == ("unreadable", True)


def test_damaged_metadata_of_the_group_makes_everything_unknown() -> None:
    disk = seen(changed(PHYSICAL + 520, b"\xff\xff"))
    assert all("LVM whose label does not match its checksum" in reason(fact) for fact in all_facts(disk))
    assert "unreadable" in {volume.filesystem for volume in disk.coverage.volumes if volume.name == "partition 4"}


def test_an_array_is_not_read_as_what_was_there_before_it() -> None:
    disk = seen(changed(PHYSICAL + 4096, b"\xfc\x4e\x2b\xa9"))
    assert all("md RAID" in reason(fact) for fact in all_facts(disk))


def test_a_mount_of_another_disk_is_unknown_not_what_lies_below() -> None:
    disk = seen(swapped("linux-lvm-sealed", b"/dev/rootvg/varlv", b"/dev/data2/extras"))
    assert "/dev/data2/extras names no volume of this disk" in reason(disk.agent_folder)
    assert disk.homes.value == ()


def test_a_disk_that_was_cut_proves_nothing() -> None:
    data = open_image("linux-lvm-sealed").read(0, 60 * MIB)
    report = examine(ImageSource(DiskImage(name="cut", provenance="constructed", why="cut", _raw=data)), "linux")
    disk = parse(report)
    assert isinstance(disk, LinuxDisk)
    assert all("past the end of the disk" in reason(fact) for fact in all_facts(disk))
