from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import azure_facts, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "AZ-TRUST-001"


def azure(security_type: Any) -> Observation:
    return observation(azure=azure_facts(security_type=security_type))


CLAIMS = (
    clean(CHECK, "Standard", azure("Standard")),
    dirty(CHECK, "Trusted Launch", azure("TrustedLaunch"), "SecurityType=TrustedLaunch"),
    dirty(CHECK, "confidential", azure("ConfidentialVM"), "SecurityType=ConfidentialVM"),
    absent(CHECK, "no security type", azure(Fact.missing()), "passed"),
    unknown(CHECK, "not read", azure(Fact.unknown("ARM answered 403")), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_trusted_launch(claim: Claim) -> None:
    claim.verify()
