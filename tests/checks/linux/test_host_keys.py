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


CHECK = "LNX-HOSTKEY-001"
KEPT = {"Provisioning.Agent": "cloud-init", "Provisioning.RegenerateSshHostKeyPair": "False"}

CLAIMS = (
    clean(CHECK, "waagent removes them", guest()),
    clean(CHECK, "cloud-init replaces them", guest(agent_configuration=KEPT)),
    clean(CHECK, "cloud-init replaces them, as it says", guest(agent_configuration=KEPT, ssh_deletekeys=True)),
    dirty(
        CHECK, "cloud-init keeps them", guest(agent_configuration=KEPT, ssh_deletekeys=False), "ssh_deletekeys: false"
    ),
    dirty(CHECK, "nobody", guest(agent_configuration={}, cloud_init_unit=NONE), "cloud-init does not provision"),
    absent(CHECK, "no agent", guest(agent_configuration=NONE), "undetermined"),
    unknown(CHECK, "settings not read", guest(agent_configuration=UNREAD), "cut off"),
    unknown(CHECK, "cloud-init not read", guest(agent_configuration=KEPT, ssh_deletekeys=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_host_keys(claim: Claim) -> None:
    claim.verify()
