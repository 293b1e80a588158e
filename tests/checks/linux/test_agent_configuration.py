from __future__ import annotations

from typing import Any

import pytest

from checks.facts import BadSwitch, Fact, LinuxAgent, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


def agent(version: str) -> LinuxAgent:
    return LinuxAgent(path="/usr/sbin/waagent", version=f"WALinuxAgent-{version} running on rhel 8.1", traceback="")


NO_VERSION = LinuxAgent(path="/usr/sbin/waagent", version="", traceback="ImportError")
OFF = {"AutoUpdate.Enabled": "False"}
NEWER_ON = {"AutoUpdate.Enabled": "False", "AutoUpdate.UpdateToLatestVersion": "True"}
NEWER_OFF = {"AutoUpdate.Enabled": "True", "AutoUpdate.UpdateToLatestVersion": "False"}

CLAIMS = (
    clean("LNX-AGENT-005", "2.7.3, as Debian has it", guest()),
    clean("LNX-AGENT-005", "old, but it updates itself", guest(agent=agent("2.2.40"))),
    clean("LNX-AGENT-005", "just recent enough", guest(agent=agent("2.2.53.1"), agent_configuration=OFF)),
    dirty("LNX-AGENT-005", "old for ever", guest(agent=agent("2.2.53"), agent_configuration=OFF), "2.2.53 running"),
    dirty("LNX-AGENT-005", "no version, no updates", guest(agent=NO_VERSION, agent_configuration=OFF), "no version"),
    absent("LNX-AGENT-005", "no agent", guest(agent=NONE), "undetermined"),
    unknown("LNX-AGENT-005", "version not read", guest(agent=UNREAD), "cut off"),
    unknown(
        "LNX-AGENT-005", "old, settings not read", guest(agent=agent("2.2.40"), agent_configuration=UNREAD), "cut off"
    ),
    clean("LNX-AGENT-006", "nothing said", guest()),
    clean("LNX-AGENT-006", "the newer name counts", guest(agent_configuration=NEWER_ON)),
    dirty("LNX-AGENT-006", "off, as Debian ships it", guest(agent_configuration=OFF), "updates are off"),
    dirty("LNX-AGENT-006", "off by the newer name", guest(agent_configuration=NEWER_OFF), "updates are off"),
    absent("LNX-AGENT-006", "no agent", guest(agent_configuration=NONE), "undetermined"),
    unknown("LNX-AGENT-006", "settings not read", guest(agent_configuration=UNREAD), "cut off"),
    clean("LNX-AGENT-007", "y and n alone", guest()),
    dirty(
        "LNX-AGENT-007",
        "yes",
        guest(bad_switches=(BadSwitch("ResourceDisk.Format", "yes"),)),
        "ResourceDisk.Format=yes",
    ),
    absent("LNX-AGENT-007", "no waagent.conf", guest(bad_switches=NONE), "passed"),
    unknown("LNX-AGENT-007", "waagent.conf not read", guest(bad_switches=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_agent_configuration(claim: Claim) -> None:
    claim.verify()
