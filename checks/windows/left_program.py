"""What acts by itself on machines made from a Windows image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Policy, WindowsDisk
from checks.parts import each_there


@check(
    "WIN-TASK-001",
    "no scheduled task is left but Windows' own",
    phase="post",
    platform="windows",
    severity="warning",
    why="A task of the build runs on every machine made from the image, as whoever it was made for; the one that "
    "ran Sysprep among them.",
    fix="Unregister-ScheduledTask -TaskName NAME in the source VM, and seal again; or name its path in allow_tasks "
    "in the fleet file.",
    source="community record of images",
    grade="C",
)
def check_scheduled_tasks_gone(disk: WindowsDisk, policy: Policy) -> list[Problem]:
    allowed = {path.lower() for path in policy.allow_tasks}
    found = each_there(disk.agents.scheduled_tasks, "a task", "none")
    return [item for item in found if item.where.lower() not in allowed]


@check(
    "WIN-STARTUP-001",
    "no program of the build runs at the next start",
    phase="post",
    platform="windows",
    severity="warning",
    why="The first start of every machine made from the image runs it.",
    fix=r"Remove the value below HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce, or the file; then seal "
    "again.",
    source="https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys",
    grade="D",
)
def check_startup_programs_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.agents.startup_programs, "it runs at the next start", "nothing")


@check(
    "WIN-SETUPSCRIPT-001",
    "no script of the build runs when a machine is set up",
    phase="post",
    platform="windows",
    severity="warning",
    why="Windows Setup, or Azure's own script, runs it on every machine made from the image, as SYSTEM.",
    fix="Read the script; delete it where it was meant for the source VM, and waive this rule where it is meant for"
    " the new ones.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/add-a-custom-script-to-windows-setup, and"
    " a community record of SetupComplete2.cmd",
    grade="C",
)
def check_setup_scripts_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.agents.setup_scripts, "Setup runs it", "a script that was reviewed, or none")


@check(
    "WIN-AVD-002",
    "no Azure Virtual Desktop agent is in the image",
    phase="post",
    platform="windows",
    severity="blocker",
    why="The agent is registered with a host pool. Machines made from an image with it can't join one.",
    fix="Build the image from a VM that was never in a host pool.",
    source="https://learn.microsoft.com/azure/virtual-desktop/set-up-golden-image",
    grade="D",
)
def check_virtual_desktop_agent_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.agents.virtual_desktop_agents, "installed", "no agent of a host pool")


@check(
    "WIN-IDENTITY-002",
    "no agent's identity of the source VM is in the image",
    phase="post",
    platform="windows",
    severity="warning",
    why="Each machine made from the image reports to the agent's server as the source VM.",
    fix="Offboard or disconnect the agent, or delete its keys or its identity file, in the source VM; then seal again.",
    source="https://github.com/actions/runner-images/issues/9659 for Defender; recalled for the others",
    grade="R",
)
def check_agent_identity_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.agents.agents_with_identity, "an identity of the source VM", "none")


@check(
    "WIN-AGENT-004",
    "the guest agent's services are in the image",
    phase="post",
    platform="windows",
    severity="info",
    why="Machines made from the image need them: without the agent, Azure can neither run extensions nor see how a "
    "machine is.",
    fix="Install the VM agent in the source VM, and seal again unless the VM was generalized.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-windows",
    grade="D",
)
def check_agent_services_registered(disk: WindowsDisk) -> list[Problem]:
    there = disk.agents.agent_services.value_or(())
    return [
        problem(observed="not registered", expected="a service", where=f"service {name}")
        for name in ("RdAgent", "WindowsAzureGuestAgent")
        if name not in there
    ]
