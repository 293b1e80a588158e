from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, SystemMount
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "LNX-VOLUME-001"


def guest(*mounts: tuple[str, str, str]) -> Observation:
    return observation(guest=linux_guest(system_mounts=tuple(SystemMount(*mount) for mount in mounts)))


def seen(fact: Fact[Any]) -> Observation:
    return observation(guest=linux_guest(system_mounts=fact))


ROOT = ("/", "/dev/sda1", "ext4")
CLAIMS = (
    clean(CHECK, "one ext4 root", guest(ROOT)),
    clean(CHECK, "ext4 root, FAT for EFI", guest(ROOT, ("/boot/efi", "/dev/sda15", "vfat"))),
    dirty(CHECK, "xfs", guest(("/", "/dev/sda2", "xfs")), "xfs on /dev/sda2"),
    dirty(CHECK, "LVM", guest(("/", "/dev/mapper/rootvg-rootlv", "ext4")), "device mapper"),
    dirty(CHECK, "a container's root", guest(("/", "overlay", "overlay")), "overlay"),
    dirty(CHECK, "/var of its own", guest(ROOT, ("/var", "/dev/sda3", "ext4")), "/var"),
    dirty(CHECK, "/boot on xfs", guest(ROOT, ("/boot", "/dev/sda2", "xfs")), "/boot"),
    absent(CHECK, "no mounts at all", seen(Fact.missing()), "undetermined"),
    unknown(CHECK, "mounts not read", seen(Fact.unknown("the probe was cut off")), "cut off"),
    unknown(CHECK, "no root among them", guest(("/boot", "/dev/sda2", "ext4")), "no root file system"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_volume(claim: Claim) -> None:
    claim.verify()
