from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean("LNX-INITRAMFS-001", "all", guest()),
    clean("LNX-INITRAMFS-001", "no NVMe", guest(initramfs_missing=("nvme", "nvme_core"))),
    dirty(
        "LNX-INITRAMFS-001", "made elsewhere", guest(initramfs_missing=("hv_storvsc", "hv_vmbus")), "storvsc", "vmbus"
    ),
    absent("LNX-INITRAMFS-001", "nothing told", guest(initramfs_missing=NONE), "undetermined"),
    absent("LNX-INITRAMFS-001", "Flatcar", guest(distribution="flatcar", initramfs_missing=UNREAD), "not applicable"),
    unknown("LNX-INITRAMFS-001", "not read", guest(initramfs_missing=UNREAD), "cut off"),
    clean("LNX-NVME-001", "all", guest(os_disk="nvme0n1", nvme_timeout=True)),
    dirty("LNX-NVME-001", "no timeout", guest(os_disk="nvme0n1"), "nvme_core.io_timeout=240"),
    dirty("LNX-NVME-001", "no driver", guest(os_disk="nvme0n1", initramfs_missing=("nvme",)), "no nvme", "io_timeout"),
    absent("LNX-NVME-001", "SCSI", guest(initramfs_missing=("nvme",)), "not applicable"),
    unknown("LNX-NVME-001", "not read", guest(os_disk="nvme0n1", nvme_timeout=UNREAD), "cut off"),
    unknown("LNX-NVME-001", "the disk is not known", guest(os_disk=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_initramfs(claim: Claim) -> None:
    claim.verify()
