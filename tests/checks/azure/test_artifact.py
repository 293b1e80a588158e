from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, OsDisk, Unobserved
from checks.healthy import artifact, os_disk, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("ARM answered 403")


def left(kind: str = "disk", **facts: Any) -> Observation:
    resource: Fact[Any] | OsDisk = Fact.missing() if kind == "file" else os_disk(**facts)
    return sealed_observation(artifact=artifact(kind, resource=resource))


CLAIMS = (
    clean("AZ-ARTIFACT-001", "a plain disk", left()),
    clean("AZ-ARTIFACT-001", "a plain snapshot", left("snapshot")),
    dirty("AZ-ARTIFACT-001", "encrypted", left(encryption_settings_enabled=True), "enabled"),
    absent("AZ-ARTIFACT-001", "a file", left("file"), "not applicable"),
    absent("AZ-ARTIFACT-001", "a VM", sealed_observation(), "not applicable", "the target is a VM"),
    unknown("AZ-ARTIFACT-001", "not read", sealed_observation(artifact=Unobserved("ARM answered 403")), "403"),
    unknown("AZ-ARTIFACT-001", "its document unknown", sealed_observation(artifact=artifact(resource=UNREAD)), "403"),
    clean("AZ-ARTIFACT-002", "of a standard VM", left()),
    clean("AZ-ARTIFACT-002", "said to be standard", left(security_type="Standard")),
    dirty("AZ-ARTIFACT-002", "of a Trusted Launch VM", left(security_type="TrustedLaunch"), "TrustedLaunch"),
    absent("AZ-ARTIFACT-002", "a file", left("file"), "not applicable"),
    unknown("AZ-ARTIFACT-002", "not read", sealed_observation(artifact=Unobserved("ARM answered 403")), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_artifact(claim: Claim) -> None:
    claim.verify()
