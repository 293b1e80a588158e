from __future__ import annotations

import pytest

from checks.facts import Fact, Observation
from checks.healthy import azure_facts, observation, sealed_azure_facts, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown


def before(generalized: object) -> Observation:
    return observation(azure=azure_facts(generalized=generalized))


def after(generalized: object) -> Observation:
    return sealed_observation(azure=sealed_azure_facts(generalized=generalized))


CLAIMS = (
    clean("AZ-STATE-001", "no label", before((False,))),
    dirty("AZ-STATE-001", "the label is there", before((True,)), "generalized"),
    dirty("AZ-STATE-001", "the label is there in one of two reads", before((False, True)), "generalized"),
    absent("AZ-STATE-001", "no instance view", before(Fact.missing()), "undetermined"),
    unknown("AZ-STATE-001", "no read at all", before(()), "never read"),
    unknown("AZ-STATE-001", "ARM refused", before(Fact.unknown("403")), "403"),
    clean("AZ-STATE-002", "the label in two reads", after((True, True))),
    dirty("AZ-STATE-002", "no label", after((False, False)), "0 of 2"),
    dirty("AZ-STATE-002", "the label in one of two reads", after((True, False)), "1 of 2"),
    dirty("AZ-STATE-002", "a single read without the label", after((False,)), "0 of 1"),
    absent("AZ-STATE-002", "no instance view", after(Fact.missing()), "undetermined"),
    unknown("AZ-STATE-002", "a single read with the label", after((True,)), "2 reads must agree"),
    unknown("AZ-STATE-002", "no read at all", after(()), "never read"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_os_state(claim: Claim) -> None:
    claim.verify()
