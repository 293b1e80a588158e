"""The serial console, where the sealing script of a Linux guest leaves its transcript."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts


@check(
    "AZ-SERIAL-001",
    "boot diagnostics keep the serial log",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="The agent is gone once waagent runs, so the guest's last words reach us over the serial console only. Without "
    "them nobody can tell a run that succeeded from one that died half-way: waagent exits 0 in both cases.",
    fix="az vm boot-diagnostics enable --ids VM_ID",
    source="https://learn.microsoft.com/azure/virtual-machines/boot-diagnostics",
    grade="D",
)
def check_serial_log_kept(azure: AzureFacts) -> list[Problem]:
    if azure.serial_log.value_or(False):
        return []
    where = "VM model, diagnosticsProfile.bootDiagnostics"
    return [problem(observed="boot diagnostics are off", expected="enabled", where=where)]
