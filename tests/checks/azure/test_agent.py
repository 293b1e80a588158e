from __future__ import annotations

import pytest

from checks.facts import AgentStatus, Fact, Observation
from checks.healthy import azure_facts, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown


def agent(status: str, power: str = "running") -> Observation:
    reported = AgentStatus(version="2.11.1.4", display_status=status, time="2026-11-22T10:00:00+00:00")
    return observation(azure=azure_facts(agent=reported, power_state=power))


CLAIMS = (
    clean("AZ-AGENT-001", "Ready on a running VM", agent("Ready")),
    dirty("AZ-AGENT-001", "Not Ready", agent("Not Ready"), "Not Ready"),
    dirty("AZ-AGENT-001", "a status without words", agent(""), "no status"),
    absent("AZ-AGENT-001", "no agent", observation(azure=azure_facts(agent=Fact.missing())), "failed", "no agent"),
    unknown("AZ-AGENT-001", "the stale Ready of a stopped VM", agent("Ready", power="stopped"), "stale"),
    unknown("AZ-AGENT-001", "ARM refused", observation(azure=azure_facts(agent=Fact.unknown("403"))), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_agent(claim: Claim) -> None:
    claim.verify()
