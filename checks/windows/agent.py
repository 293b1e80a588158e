"""The Azure guest agent on Windows: its services, its version, and whether guest and platform agree."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, UnknownFact, WindowsGuest

_MINIMUM = (2, 7, 41491, 1010)


@check(
    "WIN-AGENT-001",
    "the guest agent's services are running",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="The agent registers a part of its own with Sysprep. When it is only half installed, Sysprep stalls in that "
    "part for minutes or for ever.",
    fix="Start-Service RdAgent, WindowsAzureGuestAgent; where one does not exist, install the agent's MSI again.",
    source="https://developer.hashicorp.com/packer/integrations/hashicorp/azure/latest/components/builder/arm",
    grade="D",
)
def check_agent_services_running(guest: WindowsGuest) -> list[Problem]:
    services = guest.agent_services.value_or(())
    if not services:
        expected = "RdAgent and WindowsAzureGuestAgent"
        return [problem(observed="no service of the agent", expected=expected, where="Win32_Service")]
    return [
        problem(observed=service.status or "no status", expected="Running", where=f"service {service.name}")
        for service in services
        if service.status.lower() != "running"
    ]


@check(
    "WIN-AGENT-002",
    "guest and platform agree on whether the guest agent works",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Services that run without reaching the platform, or a Ready that the guest knows nothing of, mean that one of "
    "the two is stale. The run asks both, and would wait for the one that is wrong.",
    fix="Restart-Service RdAgent, WindowsAzureGuestAgent and wait a few minutes; when they still differ, read "
    r"C:\WindowsAzure\Logs\WaAppAgent.log.",
    source="our own inference: both say whether the agent works, each in its way",
    grade="X",
)
def check_agent_views_equal(azure: AzureFacts, guest: WindowsGuest) -> list[Problem]:
    if azure.power_state.value != "running":
        raise UnknownFact(f"the VM is {azure.power_state.value}, so the agent status that the platform shows is stale")
    services = guest.agent_services.value_or(())
    runs = bool(services) and all(service.status.lower() == "running" for service in services)
    status = "no agent" if azure.agent.absent else azure.agent.value.display_status or "no status"
    if runs == (status == "Ready"):
        return []
    seen = "every service of the agent runs" if runs else "not every service of the agent runs"
    return [
        problem(observed=f"the platform says {status}; in the guest {seen}", expected="the same", where="guest agent")
    ]


@check(
    "WIN-AGENT-003",
    "the guest agent is one that Azure supports",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Microsoft helps with agents from this version on only, and every machine made from the image starts with the "
    "agent that is in it.",
    fix="Install the newest agent: https://github.com/Azure/WindowsVMAgent/releases",
    source="https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/support-extensions-agent-version",
    grade="E",
)
def check_agent_supported(azure: AzureFacts) -> list[Problem]:
    version = azure.agent.value.version
    try:
        # 2.7.41491.1095
        numbers = tuple(int(part) for part in version.split("."))
    except ValueError:
        raise UnknownFact(f"the platform names no version of the agent, but {version!r}") from None
    if numbers >= _MINIMUM:
        return []
    expected = f"{'.'.join(map(str, _MINIMUM))} or later"
    return [problem(observed=version, expected=expected, where="the instance view's vmAgent")]
