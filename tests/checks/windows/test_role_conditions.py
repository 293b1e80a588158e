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


CONDITIONS = (
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

# A role is listed, and what tells its condition is not there: nobody knows whether the condition holds.
LISTED = tuple(
    dirty(check, f"{name} is listed only", guest(installed_roles=(name,)), part)
    for check, name, part in (
        ("WIN-SWITCH-001", "Hyper-V", "vmms"),
        ("WIN-IIS-001", "web-server", "applicationHost.config"),
        ("WIN-WDS-001", "WDS-Transport", "WDSServer"),
    )
)
CLIENTS = tuple(
    claim
    for check, feature in (("WIN-SWITCH-001", "Microsoft-Hyper-V"), ("WIN-IIS-001", "IIS-WebServer"))
    for claim in (
        dirty(check, "enabled on a client", guest(installed_roles=Fact.missing(), client_features=(feature,)), feature),
        clean(check, "not enabled on a client", guest(installed_roles=Fact.missing(), client_features=())),
        unknown(check, "a client's features not read", guest(client_features=UNREAD), "denied"),
    )
)

CLAIMS = CONDITIONS + LISTED + CLIENTS


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_role_conditions(claim: Claim) -> None:
    claim.verify()
