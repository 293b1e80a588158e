from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, Policy
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

MISSING: Fact[Any] = Fact.missing()


def asked(options: tuple[str, ...] | None, **facts: Any) -> Observation:
    return observation(guest=linux_guest(**facts), policy=Policy(cloud_init=options))


CLAIMS = (
    clean("LNX-CLEAN-001", "installed", asked(())),
    dirty("LNX-CLEAN-001", "not installed", asked(("logs",), cloud_init_tool=MISSING), "not found"),
    absent("LNX-CLEAN-001", "not installed, and off", asked(None, cloud_init_tool=MISSING), "not applicable"),
    unknown("LNX-CLEAN-001", "not looked at", asked((), cloud_init_tool=Fact.unknown("cut off")), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_cleaning(claim: Claim) -> None:
    claim.verify()
