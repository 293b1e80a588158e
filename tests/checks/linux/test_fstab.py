from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Mount, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


DATA = Mount("/data", "/dev/sdc1")

CLAIMS = (
    clean("LNX-FSTAB-001", "no error", guest()),
    dirty("LNX-FSTAB-001", "errors", guest(fstab_valid=False), "/etc/fstab"),
    absent("LNX-FSTAB-001", "no fstab", guest(fstab_valid=NONE), "passed"),
    unknown("LNX-FSTAB-001", "no findmnt", guest(fstab_valid=UNREAD), "cut off"),
    clean("LNX-FSTAB-002", "by name", guest()),
    dirty("LNX-FSTAB-002", "by number", guest(bare_devices=(DATA,)), "/dev/sdc1 on /data"),
    absent("LNX-FSTAB-002", "no fstab", guest(bare_devices=NONE), "passed"),
    unknown("LNX-FSTAB-002", "not read", guest(bare_devices=UNREAD), "cut off"),
    clean("LNX-FSTAB-003", "the OS disk alone", guest()),
    dirty("LNX-FSTAB-003", "a data disk", guest(mounts_without_nofail=(DATA,)), "/dev/sdc1 on /data"),
    absent("LNX-FSTAB-003", "no fstab", guest(mounts_without_nofail=NONE), "passed"),
    unknown("LNX-FSTAB-003", "not read", guest(mounts_without_nofail=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_fstab(claim: Claim) -> None:
    claim.verify()
