"""The VM's power state, as the platform tells it."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts

_WHERE = "the instance view's PowerState"


@check(
    "AZ-POWER-001",
    "the VM is running",
    phase="pre",
    severity="blocker",
    waivable=False,
    why="Only a running guest can be looked at and sealed from inside. A VM that is off was never asked, and the "
    "agent status that the platform still shows for it is an old one.",
    fix="A VM that was generalized must never start again: then stop here. Otherwise: az vm start --ids VM_ID, and run "
    "again.",
    source="https://learn.microsoft.com/azure/virtual-machines/states-billing",
    grade="D",
)
def check_power_running(azure: AzureFacts) -> list[Problem]:
    state = azure.power_state.value
    return [] if state == "running" else [problem(observed=state, expected="running", where=_WHERE)]


@check(
    "AZ-POWER-002",
    "the platform itself stopped the VM",
    phase="post",
    severity="blocker",
    waivable=False,
    why="The platform refuses to generalize a running VM, also one that was only shut down from inside, and an image "
    "of a disk that is still written to is torn.",
    fix="az vm deallocate --ids VM_ID, then confirm again.",
    source="https://learn.microsoft.com/azure/virtual-machines/generalize",
    grade="D",
)
def check_power_stopped(azure: AzureFacts) -> list[Problem]:
    state = azure.power_state.value
    if state in ("stopped", "deallocated"):
        return []
    return [problem(observed=state, expected="stopped or deallocated", where=_WHERE)]
