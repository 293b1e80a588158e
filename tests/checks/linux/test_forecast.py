from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Foretold, Observation, Unobserved
from checks.healthy import foretold, linux_disk, observation, sealed_observation
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown


def told(*items: Foretold, **disk: Any) -> Observation:
    return sealed_observation(before=observation(forecast=items), disk=linux_disk(**disk))


UNREAD: Fact[Any] = Fact.unknown("the file system is damaged")
UNSURE = foretold(Fact.unknown("the probe was cut"))
HISTORIES = foretold(check="LNX-RESIDUE-003", what="shell histories")

CLAIMS = (
    clean("LNX-FORECAST-001", "gone, as foretold", told(foretold(), HISTORIES)),
    clean("LNX-FORECAST-001", "there, as foretold", told(foretold(survives=True), machine_id="set")),
    clean("LNX-FORECAST-001", "nothing sure was foretold", told(UNSURE, machine_id="set")),
    dirty("LNX-FORECAST-001", "there, and foretold to go", told(foretold(), machine_id="set"), "it is there"),
    dirty("LNX-FORECAST-001", "gone, and foretold to stay", told(foretold(survives=True)), "it is gone"),
    dirty(
        "LNX-FORECAST-001",
        "one wrong, one not read",
        told(foretold(), HISTORIES, machine_id="set", shell_histories=UNREAD),
        "LNX-MACHINE-001",
    ),
    absent("LNX-FORECAST-001", "nothing foretold", told(), "not applicable"),
    unknown("LNX-FORECAST-001", "the disk not read", told(foretold(), machine_id=UNREAD), "damaged"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_forecast(claim: Claim) -> None:
    claim.verify()


def test_nobody_who_did_not_see_the_machine_before_is_asked_for_a_forecast() -> None:
    confirmed = sealed_observation(before=Unobserved("mode confirm", applicable=False))

    assert judge(catalogue()["LNX-FORECAST-001"], confirmed).outcome == "not applicable"
