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


CLAIMS = (
    clean("LNX-STARTUP-001", "nothing", guest()),
    dirty("LNX-STARTUP-001", "rc.local", guest(start_scripts=("/etc/rc.local",)), "/etc/rc.local"),
    absent("LNX-STARTUP-001", "nothing to look at", guest(start_scripts=MISSING), "passed"),
    unknown("LNX-STARTUP-001", "not looked", guest(start_scripts=UNREAD), "cut off"),
    clean("LNX-STARTUP-002", "nothing", guest()),
    dirty("LNX-STARTUP-002", "a script", guest(clean_scripts=("/etc/cloud/clean.d/10-mine",)), "10-mine"),
    absent("LNX-STARTUP-002", "no cloud-init", guest(clean_scripts=MISSING), "passed"),
    unknown("LNX-STARTUP-002", "not looked", guest(clean_scripts=UNREAD), "cut off"),
    clean("LNX-REPEAT-001", "a guest with a name", guest(ovf_account=MISSING)),
    clean("LNX-REPEAT-001", "that name, and an ovf-env.xml", guest(static_hostname="localhost")),
    dirty(
        "LNX-REPEAT-001",
        "deprovisioned",
        guest(static_hostname="localhost.localdomain", ovf_account=MISSING),
        "no ovf-env.xml",
    ),
    absent("LNX-REPEAT-001", "no name", guest(static_hostname=MISSING, ovf_account=MISSING), "passed"),
    unknown("LNX-REPEAT-001", "name not read", guest(static_hostname=UNREAD), "cut off"),
    unknown(
        "LNX-REPEAT-001", "ovf-env.xml not read", guest(static_hostname="localhost", ovf_account=UNREAD), "cut off"
    ),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_startup(claim: Claim) -> None:
    claim.verify()
