from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import azure_facts, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "AZ-DATA-001"
DISK = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/golden-data"


def azure(disks: Any, platform: str = "linux") -> Observation:
    return observation(platform, azure=azure_facts(data_disks=disks))


CLAIMS = (
    clean(CHECK, "none", azure(())),
    dirty(CHECK, "one", azure((DISK,)), "data disk golden-data"),
    absent(CHECK, "nothing told", azure(Fact.missing()), "passed"),
    absent(CHECK, "Windows", azure((DISK,), "windows"), "not applicable"),
    unknown(CHECK, "not told", azure(Fact.unknown("ARM answered 403")), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_data_disk(claim: Claim) -> None:
    claim.verify()
