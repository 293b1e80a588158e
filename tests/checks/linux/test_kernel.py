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
    clean("LNX-KERNEL-001", "the same", guest()),
    dirty("LNX-KERNEL-001", "a newer one is installed", guest(default_kernel="6.1.0-42"), "6.1.0-42"),
    absent("LNX-KERNEL-001", "nothing told", guest(default_kernel=NONE), "undetermined"),
    unknown("LNX-KERNEL-001", "no loader to ask", guest(default_kernel=UNREAD), "cut off"),
    clean("LNX-KERNEL-002", "none", guest()),
    dirty("LNX-KERNEL-002", "pending", guest(reboot_pending=True), "a restart is pending"),
    absent("LNX-KERNEL-002", "nothing told", guest(reboot_pending=NONE), "passed"),
    unknown("LNX-KERNEL-002", "not told", guest(reboot_pending=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_kernel(claim: Claim) -> None:
    claim.verify()
