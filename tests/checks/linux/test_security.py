from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


def selinux(mode: Any, configured: Any, **overrides: Any) -> Observation:
    return guest(selinux_mode=mode, selinux_configured=configured, **overrides)


CLAIMS = (
    clean("LNX-SELINUX-001", "as configured", selinux("enforcing", "enforcing")),
    clean("LNX-SELINUX-001", "switched off", selinux(MISSING, "disabled")),
    dirty("LNX-SELINUX-001", "permissive for now", selinux("permissive", "enforcing"), "permissive now"),
    dirty("LNX-SELINUX-001", "off for now", selinux(MISSING, "enforcing"), "disabled now"),
    dirty("LNX-SELINUX-001", "on without a file", selinux("enforcing", MISSING), "no configuration"),
    dirty("LNX-SELINUX-001", "a relabelling waits", selinux(UNREAD, UNREAD, relabel_pending=True), "/.autorelabel"),
    absent("LNX-SELINUX-001", "no SELinux", selinux(MISSING, MISSING), "passed"),
    unknown("LNX-SELINUX-001", "mode not read", selinux(UNREAD, "enforcing"), "cut off"),
    unknown("LNX-SELINUX-001", "configuration not read", selinux("enforcing", UNREAD), "cut off"),
    unknown("LNX-SELINUX-001", "relabelling not read", guest(relabel_pending=UNREAD), "cut off"),
    clean("LNX-FIPS-001", "off", guest()),
    dirty("LNX-FIPS-001", "on", guest(fips_mode=True), "fips_enabled"),
    absent("LNX-FIPS-001", "a kernel without it", guest(fips_mode=MISSING), "passed"),
    unknown("LNX-FIPS-001", "not read", guest(fips_mode=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_security(claim: Claim) -> None:
    claim.verify()
