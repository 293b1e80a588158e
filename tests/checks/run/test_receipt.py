from __future__ import annotations

import pytest

from checks.facts import Unobserved
from checks.healthy import receipt, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "RUN-RECEIPT-001"
DEAD = receipt(outcome="failed", cause="Failed to run 'deprovision+user'")

CLAIMS = (
    clean(CHECK, "succeeded", sealed_observation(receipt=receipt())),
    dirty(CHECK, "failed", sealed_observation(receipt=DEAD), "Failed to run 'deprovision+user'"),
    dirty(
        CHECK, "hung", sealed_observation(receipt=receipt(outcome="hung", cause="no line for 30 min")), "no line for"
    ),
    dirty(
        CHECK, "failed, nobody knows why", sealed_observation(receipt=receipt(outcome="failed")), "no cause was found"
    ),
    absent(
        CHECK,
        "somebody else sealed it",
        sealed_observation(receipt=Unobserved("confirm mode", applicable=False)),
        "not applicable",
        "confirm mode",
    ),
    unknown(
        CHECK, "unknown", sealed_observation(receipt=receipt(outcome="unknown", cause="no serial log")), "no serial"
    ),
    unknown(CHECK, "an outcome that nobody knows", sealed_observation(receipt=receipt(outcome="ok")), "is ok"),
    unknown(CHECK, "no receipt", sealed_observation(receipt=Unobserved("the run was cut off")), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_receipt(claim: Claim) -> None:
    claim.verify()
