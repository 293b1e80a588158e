"""The guest agent, as the control plane sees it."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, UnknownFact

_WHERE = "the instance view's vmAgent"


@check(
    "AZ-AGENT-001",
    "the guest agent reports Ready",
    phase="pre",
    severity="blocker",
    why="Scripts reach the guest through its agent, and on Linux the agent does the deprovisioning. A silent agent "
    "means a run that hangs half-way.",
    fix="Restart the agent in the guest: systemctl restart walinuxagent (waagent on other distributions), or "
    "Restart-Service RdAgent, WindowsAzureGuestAgent. Then wait until az vm get-instance-view shows Ready.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux",
    grade="D",
)
def check_agent_ready(azure: AzureFacts) -> list[Problem]:
    if azure.power_state.value != "running":
        # Seen in real records: a stopped VM keeps showing the last Ready of its agent.
        raise UnknownFact(f"the VM is {azure.power_state.value}, so the agent status that the platform shows is stale")
    if azure.agent.absent:
        return [problem(observed="no agent is listed", expected="Ready", where=_WHERE)]
    status = azure.agent.value.display_status
    if status == "Ready":
        return []
    return [problem(observed=status or "no status", expected="Ready", where=_WHERE)]
