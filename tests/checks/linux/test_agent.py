from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, LinuxAgent, Observation, Unobserved
from checks.healthy import linux_disk, linux_guest, observation, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
# The last line of what waagent 2.7.3 prints under a Python that is too new for it
TRACEBACK = "ModuleNotFoundError: No module named 'imp'"


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


def disk(**overrides: Any) -> Observation:
    return sealed_observation(disk=linux_disk(**overrides))


def agent(version: str, traceback: str = "") -> LinuxAgent:
    return LinuxAgent(path="/usr/sbin/waagent", version=version, traceback=traceback)


USABLE = (
    clean("LNX-AGENT-001", "Debian's package", guest()),
    dirty("LNX-AGENT-001", "a traceback", guest(agent=agent("", TRACEBACK)), "'imp'"),
    dirty("LNX-AGENT-001", "no version printed", guest(agent=agent("")), "nothing"),
    dirty("LNX-AGENT-001", "another program of that name", guest(agent=agent("usage: waagent")), "usage: waagent"),
    dirty("LNX-AGENT-001", "an empty configuration", guest(agent_configuration={}), "-show-configuration"),
    dirty(
        "LNX-AGENT-001",
        "broken in both ways",
        guest(agent=agent("", TRACEBACK), agent_configuration=Fact.missing()),
        "-version",
        "-show-configuration",
    ),
    dirty(
        "LNX-AGENT-001",
        "a traceback seen, the configuration not",
        guest(agent=agent("", TRACEBACK), agent_configuration=UNREAD),
        "'imp'",
    ),
    absent("LNX-AGENT-001", "no agent", guest(agent=Fact.missing()), "failed", "not found"),
    absent(
        "LNX-AGENT-001", "no configuration", guest(agent_configuration=Fact.missing()), "failed", "no configuration"
    ),
    unknown("LNX-AGENT-001", "not looked for", guest(agent=UNREAD), "cut off"),
    unknown("LNX-AGENT-001", "configuration not read", guest(agent_configuration=UNREAD), "cut off"),
)

ENABLED = (
    clean("LNX-AGENT-002", "enabled", guest()),
    clean("LNX-AGENT-002", "asked by its second name", guest(agent_unit_enabled="alias")),
    dirty("LNX-AGENT-002", "disabled", guest(agent_unit_enabled="disabled"), "disabled"),
    dirty("LNX-AGENT-002", "masked", guest(agent_unit_enabled="masked"), "masked"),
    dirty(
        "LNX-AGENT-002", "enabled until the next boot", guest(agent_unit_enabled="enabled-runtime"), "enabled-runtime"
    ),
    dirty("LNX-AGENT-002", "its disable file", guest(agent_disabled_file=True), "disable_agent"),
    dirty(
        "LNX-AGENT-002",
        "disabled twice",
        guest(agent_unit_enabled="disabled", agent_disabled_file=True),
        "systemd unit",
        "disable_agent",
    ),
    absent("LNX-AGENT-002", "no unit", guest(agent_unit_enabled=Fact.missing()), "failed", "no such unit"),
    absent("LNX-AGENT-002", "no disable file", guest(agent_disabled_file=Fact.missing()), "passed"),
    unknown("LNX-AGENT-002", "no systemctl", guest(agent_unit_enabled=UNREAD), "cut off"),
    unknown("LNX-AGENT-002", "disable file not looked for", guest(agent_disabled_file=UNREAD), "cut off"),
)

RUNNING = (
    clean("LNX-AGENT-004", "active", guest()),
    dirty("LNX-AGENT-004", "failed", guest(agent_unit_active="failed"), "failed"),
    absent("LNX-AGENT-004", "no unit", guest(agent_unit_active=Fact.missing()), "warned", "no such unit"),
    unknown("LNX-AGENT-004", "no systemctl", guest(agent_unit_active=UNREAD), "cut off"),
)

DISTRIBUTION = (
    clean("LNX-AGENT-003", "Debian", guest(distribution="debian")),
    dirty("LNX-AGENT-003", "Clear Linux", guest(distribution="clear-linux-os"), "clear-linux-os"),
    absent("LNX-AGENT-003", "no os-release", guest(distribution=Fact.missing()), "undetermined"),
    unknown("LNX-AGENT-003", "os-release not read", guest(distribution=UNREAD), "cut off"),
    unknown("LNX-AGENT-003", "no guest", observation(guest=Unobserved("Run Command failed")), "Run Command failed"),
)

FOLDER = (
    clean("LNX-WAAGENT-001", "empty", disk(agent_folder=())),
    dirty("LNX-WAAGENT-001", "ovf-env.xml is left", disk(agent_folder=("ovf-env.xml",)), "ovf-env.xml"),
    dirty("LNX-WAAGENT-001", "five names, all shown", disk(agent_folder=tuple("abcde")), "a, b, c, d, e / nothing"),
    dirty("LNX-WAAGENT-001", "much is left", disk(agent_folder=tuple("abcdefg")), "a, b, c, d, e and 2 more"),
    absent("LNX-WAAGENT-001", "no folder", disk(agent_folder=Fact.missing()), "failed", "no such folder"),
    unknown("LNX-WAAGENT-001", "folder not read", disk(agent_folder=UNREAD), "cut off"),
)

LOG = (
    clean("LNX-WAAGENT-002", "no failure", disk(agent_log_failure=Fact.missing())),
    dirty(
        "LNX-WAAGENT-002",
        "the line that waagent hides behind exit code 0",
        disk(agent_log_failure="ERROR Agent Failed to run 'deprovision+user': [Errno 2]"),
        "Failed to run 'deprovision+user'",
    ),
    absent("LNX-WAAGENT-002", "no log", disk(agent_log_failure=Fact.missing()), "passed"),
    unknown("LNX-WAAGENT-002", "log not read", disk(agent_log_failure=UNREAD), "cut off"),
)

CLAIMS = USABLE + ENABLED + RUNNING + DISTRIBUTION + FOLDER + LOG


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_agent(claim: Claim) -> None:
    claim.verify()
