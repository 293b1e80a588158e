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


CHECK = "LNX-PROVISION-001"
AUTO = {"Provisioning.Agent": "auto"}
WAAGENT = {"Provisioning.Agent": "waagent"}

CLAIMS = (
    clean(CHECK, "cloud-init, which starts", guest()),
    clean(CHECK, "auto, cloud-init starts", guest(agent_configuration=AUTO)),
    clean(CHECK, "auto, without cloud-init", guest(agent_configuration=AUTO, cloud_init_unit=NONE)),
    clean(CHECK, "nothing said, cloud-init disabled", guest(agent_configuration={}, cloud_init_unit="disabled")),
    clean(CHECK, "waagent, without cloud-init", guest(agent_configuration=WAAGENT, cloud_init_unit=NONE)),
    dirty(CHECK, "waagent, cloud-init starts", guest(agent_configuration=WAAGENT), "waagent, and cloud-init starts"),
    dirty(
        CHECK,
        "cloud-init, which is masked",
        guest(cloud_init_unit="masked"),
        "cloud-init, and cloud-init does not start",
    ),
    dirty(CHECK, "nobody", guest(agent_configuration={"Provisioning.Agent": "disabled"}), "disabled"),
    absent(CHECK, "cloud-init, which is not there", guest(cloud_init_unit=NONE), "failed", "does not start"),
    unknown(CHECK, "unit not asked for", guest(cloud_init_unit=UNREAD), "cut off"),
    unknown(CHECK, "settings not read", guest(agent_configuration=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_provisioning(claim: Claim) -> None:
    claim.verify()
