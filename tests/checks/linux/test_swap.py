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


CHECK = "LNX-SWAP-001"

CLAIMS = (
    clean(CHECK, "none", guest()),
    dirty(CHECK, "a file", guest(swap_on_os_disk=("/swapfile",)), "OS disk sda: /swapfile"),
    dirty(CHECK, "two", guest(swap_on_os_disk=("/dev/sda3", "/swapfile")), "/dev/sda3", "/swapfile"),
    absent(CHECK, "no swap at all", guest(swap_on_os_disk=NONE), "passed"),
    unknown(CHECK, "not read", guest(swap_on_os_disk=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_swap(claim: Claim) -> None:
    claim.verify()
