"""The Azure guest agent's services on Windows."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


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
