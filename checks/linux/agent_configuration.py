"""The settings of waagent that decide what it does before and after the image is made."""

from __future__ import annotations

import re

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest

_FILE = "/etc/waagent.conf"
_OLDEST = (2, 2, 53, 1)
# WALinuxAgent-2.7.3.0 running on debian 12
_VERSION = re.compile(r"WALinuxAgent-([0-9]+(?:\.[0-9]+)*)")


def _updates_itself(guest: LinuxGuest) -> bool:
    """Return whether the agent updates itself: on, unless one of its two names for that is off; the newer one counts.

    AutoUpdate.Enabled is the older name, AutoUpdate.UpdateToLatestVersion the newer.
    """
    settings = guest.agent_configuration.value
    older = settings.get("AutoUpdate.Enabled", "True")
    return settings.get("AutoUpdate.UpdateToLatestVersion", older) == "True"


@check(
    "LNX-AGENT-005",
    "waagent is recent enough, or updates itself",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Azure supports no agent before 2.2.53.1. A machine made from the image would run extensions with an agent "
    "that nobody mends any more.",
    fix="Update the distribution's package (apt-get install --only-upgrade walinuxagent, dnf upgrade WALinuxAgent), or "
    "set AutoUpdate.UpdateToLatestVersion=y in /etc/waagent.conf.",
    source="https://github.com/microsoft/lisa (azure_image_standard.py, verify_waagent_version)",
    grade="C",
)
def check_agent_recent(guest: LinuxGuest) -> list[Problem]:
    text = guest.agent.value.version
    found = _VERSION.match(text)
    version = tuple(int(part) for part in found[1].split(".")) if found else ()
    if version >= _OLDEST or _updates_itself(guest):
        return []
    return [problem(observed=text or "no version", expected="2.2.53.1 or later, or updates", where="waagent -version")]


@check(
    "LNX-AGENT-006",
    "waagent updates itself",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Every machine made from the image keeps the agent of today. Fixes of the agent then come with the "
    "distribution's updates only.",
    fix="Set AutoUpdate.UpdateToLatestVersion=y (AutoUpdate.Enabled=y for older agents) in /etc/waagent.conf.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux",
    grade="D",
)
def check_agent_updates(guest: LinuxGuest) -> list[Problem]:
    if _updates_itself(guest):
        return []
    return [problem(observed="updates are off", expected="AutoUpdate.UpdateToLatestVersion=y", where=_FILE)]


@check(
    "LNX-AGENT-007",
    "every switch of waagent is y or n",
    phase="pre",
    platform="linux",
    severity="warning",
    why="waagent takes any other word, yes and true too, for its built-in default, without a message. For the removal "
    "of host keys and of root's password that default is no.",
    fix="Write y or n in /etc/waagent.conf, and compare with waagent -show-configuration.",
    source="https://github.com/Azure/WALinuxAgent (common/conf.py, get_switch)",
    grade="S",
)
def check_agent_switches_clear(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{switch.key}={switch.value}", expected="y or n", where=_FILE)
        for switch in guest.deprovision.bad_switches.value_or(())
    ]
