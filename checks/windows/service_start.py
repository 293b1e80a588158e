"""Windows services that Sysprep or its channel leans on."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, Policy, WindowsGuest

_DISABLED = 4
_CLIENT = 1
_RUN_COMMAND = "https://learn.microsoft.com/azure/virtual-machines/windows/run-command-managed"


def _account_given(policy: Policy) -> bool:
    return policy.run_as is not None


@check(
    "WIN-SERVICE-001",
    "the service dmwappushservice is there and not disabled",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=lambda guest: guest.product_type.value == _CLIENT,
    why="Scripts that take Windows' telemetry away remove this service, and Sysprep's generalize pass was then seen to "
    "fail.",
    fix="Set-Service -Name dmwappushservice -StartupType Manual; where it is gone, repair Windows: sfc /scannow.",
    source="community record of one builder",
    grade="C",
)
def check_push_service_startable(guest: WindowsGuest) -> list[Problem]:
    return _startable(guest.azure_guest.push_service_start, "dmwappushservice")


@check(
    "WIN-SERVICE-002",
    "the Secondary Logon service can start",
    phase="pre",
    platform="windows",
    severity="info",
    why="Managed Run Command needs it to run a script as a named administrator, which is the supported way to run "
    "Sysprep over that channel.",
    fix="Set-Service -Name seclogon -StartupType Manual, if a run-as account shall be used.",
    source=_RUN_COMMAND,
    grade="D",
)
def check_secondary_logon_startable(guest: WindowsGuest) -> list[Problem]:
    return _startable(guest.azure_guest.secondary_logon_start, "seclogon")


@check(
    "WIN-SERVICE-003",
    "the Secondary Logon service, which `sysprep.run_as` needs, can start",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=_account_given,
    why="The fleet file has Sysprep launched as a named account. Managed Run Command starts a script as another "
    "account through this service: without it, nothing is launched.",
    fix="Set-Service -Name seclogon -StartupType Manual, or leave `sysprep.run_as` out of the target's fleet entry.",
    source=_RUN_COMMAND,
    grade="D",
)
def check_secondary_logon_startable_for_account(guest: WindowsGuest, policy: Policy) -> list[Problem]:
    return _startable(guest.azure_guest.secondary_logon_start, "seclogon")


def _startable(start: Fact[int], name: str) -> list[Problem]:
    if start.absent:
        return [problem(observed="no such service", expected="manual", where=f"service {name}")]
    return (
        [problem(observed="disabled", expected="manual", where=f"service {name}")] if start.value == _DISABLED else []
    )
