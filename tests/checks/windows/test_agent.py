"""The guest agent, as guest and platform see it."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import AgentStatus, Fact, Observation, Service
from checks.healthy import azure_facts, observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
NONE: Fact[Any] = Fact.missing()
STOPPED = (Service("RdAgent", "Running"), Service("WindowsAzureGuestAgent", "Stopped"))
READY = AgentStatus("2.7.41491.1095", "Ready", "2026-11-22T10:00:00+00:00")


def seen(azure: dict[str, Any] | None = None, **overrides: Any) -> Observation:
    platform = azure_facts(**({"platform": "windows", "agent": READY} | (azure or {})))
    return observation("windows", azure=platform, guest=windows_guest(**overrides))


def version(text: str) -> Observation:
    return seen({"agent": AgentStatus(text, "Ready", "")})


def status(text: str, **overrides: Any) -> Observation:
    return seen({"agent": AgentStatus("2.7.41491.1095", text, "")}, **overrides)


CLAIMS = (
    clean("WIN-AGENT-002", "both say that it works", seen()),
    clean("WIN-AGENT-002", "both say that it does not", status("Not Ready", agent_services=STOPPED)),
    clean("WIN-AGENT-002", "neither knows one", seen({"agent": NONE}, agent_services=())),
    dirty("WIN-AGENT-002", "a stale Ready", seen(agent_services=STOPPED), "says Ready"),
    dirty("WIN-AGENT-002", "it runs without reaching the platform", status("Not Ready"), "says Not Ready"),
    dirty("WIN-AGENT-002", "a status without words", status(""), "no status"),
    absent("WIN-AGENT-002", "the platform lists none", seen({"agent": NONE}), "warned", "no agent"),
    absent("WIN-AGENT-002", "the guest has none", seen(agent_services=NONE), "warned", "says Ready"),
    unknown("WIN-AGENT-002", "services not read", seen(agent_services=UNREAD), "denied"),
    unknown("WIN-AGENT-002", "the VM does not run", seen({"power_state": "stopped"}), "stale"),
    clean("WIN-AGENT-003", "the first that is supported", version("2.7.41491.1010")),
    clean("WIN-AGENT-003", "a later one, as numbers", version("2.10.1.0")),
    dirty("WIN-AGENT-003", "an old one", version("2.7.1198.735"), "2.7.1198.735"),
    absent("WIN-AGENT-003", "no agent", seen({"agent": NONE}), "undetermined"),
    unknown("WIN-AGENT-003", "no version", version("Unknown"), "Unknown"),
    unknown("WIN-AGENT-003", "ARM refused", seen({"agent": UNREAD}), "denied"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_agent(claim: Claim) -> None:
    claim.verify()
