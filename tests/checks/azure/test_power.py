from __future__ import annotations

import pytest

from checks.facts import Fact
from checks.healthy import azure_facts, observation, sealed_azure_facts, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

NO_POWER: Fact[str] = Fact.unknown("the platform gave no PowerState")

CLAIMS = (
    clean("AZ-POWER-001", "a running VM", observation(azure=azure_facts(power_state="running"))),
    dirty("AZ-POWER-001", "a stopped VM", observation(azure=azure_facts(power_state="stopped")), "stopped"),
    dirty("AZ-POWER-001", "a VM that is starting", observation(azure=azure_facts(power_state="starting")), "starting"),
    absent("AZ-POWER-001", "no state", observation(azure=azure_facts(power_state=Fact.missing())), "undetermined"),
    unknown("AZ-POWER-001", "a VM without PowerState", observation(azure=azure_facts(power_state=NO_POWER)), "gave no"),
    clean("AZ-POWER-002", "a deallocated VM", sealed_observation(azure=sealed_azure_facts(power_state="deallocated"))),
    clean("AZ-POWER-002", "a stopped VM", sealed_observation(azure=sealed_azure_facts(power_state="stopped"))),
    dirty(
        "AZ-POWER-002", "still running", sealed_observation(azure=sealed_azure_facts(power_state="running")), "running"
    ),
    dirty(
        "AZ-POWER-002",
        "on its way down",
        sealed_observation(azure=sealed_azure_facts(power_state="deallocating")),
        "deallocating",
    ),
    absent(
        "AZ-POWER-002",
        "no state",
        sealed_observation(azure=sealed_azure_facts(power_state=Fact.missing())),
        "undetermined",
    ),
    unknown(
        "AZ-POWER-002",
        "a VM without PowerState",
        sealed_observation(azure=sealed_azure_facts(power_state=NO_POWER)),
        "gave no PowerState",
    ),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_power(claim: Claim) -> None:
    claim.verify()
