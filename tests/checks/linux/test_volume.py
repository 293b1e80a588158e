from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, SystemMount, UnreadVolume
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK, BESIDE = "LNX-VOLUME-001", "LNX-VOLUME-002"


def guest(*mounts: SystemMount) -> Observation:
    return observation(guest=linux_guest(system_mounts=mounts))


def seen(fact: Fact[Any]) -> Observation:
    return observation(guest=linux_guest(system_mounts=fact))


def plain(point: str, filesystem: str = "ext4", layer: str = "partition", disks: str = "sda") -> SystemMount:
    return SystemMount(point, "/dev/sda1", filesystem, layer, disks)


def logical(point: str, layer: str = "lvm", disks: str = "sda") -> SystemMount:
    return SystemMount(point, f"/dev/mapper/rootvg-{point.strip('/') or 'root'}lv", "xfs", layer, disks)


ROOT, EFI = plain("/"), plain("/boot/efi", "vfat")
RED_HAT = (logical("/"), EFI, plain("/boot", "xfs"), *map(logical, ("/usr", "/var", "/home", "/tmp")))


def beside(*volumes: UnreadVolume | Fact[Any]) -> Observation:
    found = volumes[0] if volumes and isinstance(volumes[0], Fact) else volumes
    return observation(guest=linux_guest(unread_volumes=found))


CLAIMS = (
    clean(BESIDE, "every volume is mounted", beside()),
    dirty(BESIDE, "a second ext4", beside(UnreadVolume("ext", "/dev/sda2")), "/dev/sda2"),
    dirty(BESIDE, "NTFS", beside(UnreadVolume("ntfs", "/dev/sda3")), "on no Linux disk"),
    dirty(BESIDE, "btrfs", beside(UnreadVolume("btrfs", "/dev/dm-1")), "is not read"),
    dirty(BESIDE, "FAT with data", beside(UnreadVolume("fat", "/dev/sda4")), "neither EFI's own nor mounted"),
    dirty(BESIDE, "LUKS", beside(UnreadVolume("encrypted", "/dev/sda4")), "encrypted"),
    dirty(BESIDE, "a part of a RAID", beside(UnreadVolume("raid", "/dev/sda4")), "RAID"),
    dirty(BESIDE, "a thin volume", beside(UnreadVolume("stacked", "/dev/dm-1")), "made of others"),
    dirty(BESIDE, "what nobody knows", beside(UnreadVolume("other", "/dev/sda4")), "no file system"),
    absent(BESIDE, "no volumes at all", beside(Fact.missing()), "passed"),
    unknown(BESIDE, "volumes not read", beside(Fact.unknown("the probe was cut off")), "cut off"),
    clean(CHECK, "one ext4 root", guest(ROOT)),
    clean(CHECK, "ext4 root, FAT for EFI", guest(ROOT, EFI)),
    clean(CHECK, "the layout of Azure's RHEL images", guest(*RED_HAT)),
    clean(CHECK, "/var of its own", guest(ROOT, plain("/var"))),
    clean(CHECK, "/opt on a data disk", guest(ROOT, plain("/opt", disks="sdc"))),
    dirty(CHECK, "/var by a mount unit", guest(ROOT, plain("/var", layer="unlisted")), "else than /etc/fstab"),
    dirty(CHECK, "/home over NFS", guest(ROOT, plain("/home", "nfs4", "other", "unknown")), "nfs4"),
    dirty(CHECK, "btrfs", guest(plain("/", "btrfs", "other", "unknown")), "btrfs on /dev/sda1"),
    dirty(CHECK, "a container's root", guest(SystemMount("/", "overlay", "overlay", "other", "unknown")), "overlay"),
    dirty(CHECK, "a thin volume", guest(logical("/"), logical("/var", "stacked")), "thin"),
    dirty(CHECK, "an encrypted root", guest(logical("/", "crypt")), "an encrypted volume"),
    dirty(CHECK, "a RAID array", guest(plain("/", layer="raid")), "a RAID array"),
    dirty(CHECK, "a bind mount", guest(ROOT, plain("/home", layer="bind")), "a bind mount"),
    dirty(CHECK, "a loop device", guest(ROOT, plain("/tmp", layer="other")), "no partition and no logical volume"),
    dirty(CHECK, "/home on a data disk", guest(ROOT, plain("/home", disks="sdc")), "on sdc"),
    dirty(CHECK, "a volume group over two disks", guest(logical("/", disks="sda,sdc")), "on sda,sdc"),
    dirty(CHECK, "FAT for /var", guest(ROOT, plain("/var", "vfat")), "vfat"),
    dirty(CHECK, "/boot on btrfs", guest(ROOT, plain("/boot", "btrfs")), "/boot"),
    absent(CHECK, "no mounts at all", seen(Fact.missing()), "undetermined"),
    unknown(CHECK, "mounts not read", seen(Fact.unknown("the probe was cut off")), "cut off"),
    unknown(CHECK, "no root among them", guest(plain("/boot")), "no root file system"),
    unknown(CHECK, "no word on the layers", guest(plain("/", layer="unknown", disks="unknown")), "on what / lies"),
    unknown(CHECK, "a disk not told", guest(plain("/", layer="partition", disks="unknown")), "on what / lies"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_volume(claim: Claim) -> None:
    claim.verify()
