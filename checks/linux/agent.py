"""waagent, the Azure Linux agent: it does the deprovisioning, and it starts the machines made from the image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxDisk, LinuxGuest
from checks.parts import problems_of

# `systemctl is-enabled` prints `alias` for a second name of an enabled unit (waagent for walinuxagent).
_STARTS_AT_BOOT = ("enabled", "alias")


@check(
    "LNX-AGENT-001",
    "waagent is installed, runs without a traceback and has its configuration",
    phase="pre",
    platform="linux",
    severity="blocker",
    waivable=False,
    why="waagent does the deprovisioning. Without its configuration, or with a Python that it can't run on, it prints "
    "a traceback, changes nothing or half, and may still exit 0.",
    fix="Install the distribution's package (walinuxagent, or WALinuxAgent) and see that waagent -version and "
    "waagent -show-configuration both print what they should.",
    source="https://github.com/Azure/WALinuxAgent (agent.py) and recorded runs of waagent 2.7.3 and 2.15",
    grade="T",
)
def check_agent_usable(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _program(guest), lambda: _configuration(guest))


@check(
    "LNX-AGENT-002",
    "waagent starts at boot",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="A machine made from the image reports Ready through its agent. When that does not start, or sleeps because "
    "of its disable file, each new machine ends in OSProvisioningTimedOut.",
    fix="systemctl enable walinuxagent (waagent on other distributions) and rm -f /var/lib/waagent/disable_agent",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_agent_enabled(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _unit(guest), lambda: _disable_file(guest))


@check(
    "LNX-AGENT-003",
    "waagent can deprovision this distribution",
    phase="pre",
    platform="linux",
    severity="blocker",
    waivable=False,
    why="On Clear Linux waagent can't build its deprovision handler: it prints a TypeError, removes nothing and "
    "exits 0.",
    fix="Seal an image of another distribution; no setting of the agent helps.",
    source="https://github.com/Azure/WALinuxAgent (pa/deprovision/factory.py) and a recorded run of waagent 2.15",
    grade="T",
)
def check_agent_supports_distribution(guest: LinuxGuest) -> list[Problem]:
    # os-release says ID=clear-linux-os
    if guest.distribution.value != "clear-linux-os":
        return []
    expected = "a distribution that waagent has a handler for"
    return [problem(observed="clear-linux-os", expected=expected, where="/etc/os-release")]


@check(
    "LNX-AGENT-004",
    "waagent is running",
    phase="pre",
    platform="linux",
    severity="warning",
    why="An agent that does not run here may not run on the machines made from the image either; and the platform "
    "reaches this one through it.",
    fix="systemctl start walinuxagent (waagent on other distributions), and journalctl -u walinuxagent where it fails.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_agent_running(guest: LinuxGuest) -> list[Problem]:
    state = guest.agent_unit_active.value_or("no such unit")
    return [] if state == "active" else [problem(observed=state, expected="active", where="the agent's systemd unit")]


@check(
    "LNX-WAAGENT-001",
    "waagent's folder is there and empty",
    phase="post",
    platform="linux",
    severity="blocker",
    waivable=False,
    proves="deprovisioned",
    why="waagent empties /var/lib/waagent late in its work. What is left there holds private keys and the provisioning "
    "file, makes new machines skip their provisioning, and shows that the deprovisioning stopped before its end.",
    fix="Start the VM unless it was generalized, find the error with waagent -deprovision+user -force, and seal again.",
    source="https://github.com/Azure/WALinuxAgent (pa/deprovision/default.py), recorded runs of waagent 2.7.3 and 2.15",
    grade="T",
)
def check_agent_folder_empty(disk: LinuxDisk) -> list[Problem]:
    where = "/var/lib/waagent"
    if disk.agent_folder.absent:
        return [problem(observed="no such folder", expected="an empty folder", where=where)]
    names = disk.agent_folder.value
    if not names:
        return []
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return [problem(observed=shown, expected="nothing", where=where)]


@check(
    "LNX-WAAGENT-002",
    "waagent's log names no failed deprovisioning",
    phase="post",
    platform="linux",
    severity="blocker",
    waivable=False,
    why="waagent catches whatever goes wrong, writes one line to its log and exits 0. Everything it would have done "
    "after that line stayed undone.",
    fix="Remove the cause that the line names, then seal again.",
    source="https://github.com/Azure/WALinuxAgent (agent.py, main) and recorded runs of waagent 2.7.3 and 2.15",
    grade="T",
)
def check_agent_log_clean(disk: LinuxDisk) -> list[Problem]:
    if disk.agent_log_failure.absent:
        return []
    return [problem(observed=disk.agent_log_failure.value, expected="no failure", where="/var/log/waagent.log")]


def _program(guest: LinuxGuest) -> list[Problem]:
    if guest.agent.absent:
        return [problem(observed="not found", expected="waagent", where="PATH and the agent's usual folders")]
    agent = guest.agent.value
    if agent.traceback:
        return [problem(observed=agent.traceback, expected="a version", where=f"{agent.path} -version")]
    # WALinuxAgent-2.7.3.0 running on debian 12
    if not agent.version.startswith("WALinuxAgent-"):
        seen = agent.version or "nothing"
        return [problem(observed=seen, expected="WALinuxAgent-VERSION", where=f"{agent.path} -version")]
    return []


def _configuration(guest: LinuxGuest) -> list[Problem]:
    if not guest.agent_configuration.absent and guest.agent_configuration.value:
        return []
    return [problem(observed="no configuration", expected="key = value lines", where="waagent -show-configuration")]


def _unit(guest: LinuxGuest) -> list[Problem]:
    state = guest.agent_unit_enabled.value_or("no such unit")
    if state in _STARTS_AT_BOOT:
        return []
    return [problem(observed=state, expected="enabled", where="the agent's systemd unit")]


def _disable_file(guest: LinuxGuest) -> list[Problem]:
    if not guest.agent_disabled_file.value_or(False):
        return []
    return [problem(observed="it exists", expected="no such file", where="/var/lib/waagent/disable_agent")]
