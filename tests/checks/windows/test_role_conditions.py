"""Hyper-V, IIS and Windows Deployment Services: roles that Sysprep supports on a condition."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


CLAIMS = (
    clean("WIN-SWITCH-001", "Hyper-V without a switch", guest(virtual_switches=0)),
    dirty("WIN-SWITCH-001", "one switch", guest(virtual_switches=1), "1 virtual switch"),
    absent("WIN-SWITCH-001", "no Hyper-V", guest(virtual_switches=Fact.missing()), "passed"),
    unknown("WIN-SWITCH-001", "switches not read", guest(virtual_switches=UNREAD), "denied"),
    clean("WIN-IIS-001", "IIS with plain settings", guest(encrypted_iis_settings=0)),
    dirty("WIN-IIS-001", "an encrypted password", guest(encrypted_iis_settings=2), "2 encrypted"),
    absent("WIN-IIS-001", "no IIS", guest(encrypted_iis_settings=Fact.missing()), "passed"),
    unknown("WIN-IIS-001", "configuration not read", guest(encrypted_iis_settings=UNREAD), "denied"),
    clean("WIN-WDS-001", "installed only", guest(deployment_services_initialized=False)),
    dirty("WIN-WDS-001", "initialized", guest(deployment_services_initialized=True), "initialized"),
    absent("WIN-WDS-001", "no such role", guest(deployment_services_initialized=Fact.missing()), "passed"),
    unknown("WIN-WDS-001", "not read", guest(deployment_services_initialized=UNREAD), "denied"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_role_conditions(claim: Claim) -> None:
    claim.verify()
