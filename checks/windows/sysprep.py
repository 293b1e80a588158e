"""Sysprep itself: its program, and what an earlier run of it left."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, WindowsGuest
from checks.parts import problems_of

_OVERVIEW = "https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview"
_FILE = r"C:\Windows\System32\Sysprep\sysprep.exe"
_STATUS = r"HKLM\SYSTEM\Setup\Status\SysprepStatus"


@check(
    "WIN-SYSPREP-001",
    "no Sysprep is running",
    phase="pre",
    platform="windows",
    severity="blocker",
    waivable=False,
    why="Only one Sysprep can run at a time. Whoever started this one is sealing the VM, or it hangs at a dialog that "
    "nobody sees.",
    fix="Find out who started it. When it hangs, go back to a snapshot: a Sysprep that was killed leaves a Windows "
    "that can't be generalized.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-process-overview",
    grade="D",
)
def check_sysprep_ended(guest: WindowsGuest) -> list[Problem]:
    running = [name for name in guest.servicing.busy_processes.value_or(()) if name.lower() == "sysprep"]
    return [problem(observed="it runs", expected="no Sysprep", where="process sysprep.exe") for _ in running]


@check(
    "WIN-SYSPREP-002",
    "Sysprep is there, and is this Windows' own",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Only the Sysprep that came with this Windows can generalize it: another version works on files and settings "
    "that it does not know.",
    fix="sfc /scannow restores the file; otherwise build the VM anew.",
    source=_OVERVIEW,
    grade="D",
)
def check_sysprep_own(guest: WindowsGuest) -> list[Problem]:
    facts = guest.installation
    if facts.sysprep_build.absent:
        return [problem(observed="no such file", expected="Sysprep", where=_FILE)]
    seen, expected = facts.sysprep_build.value, facts.system_build.value
    if seen == expected:
        return []
    return [problem(observed=f"build {seen}", expected=f"build {expected}, as kernel32.dll", where=_FILE)]


@check(
    "WIN-SYSPREP-003",
    "no earlier Sysprep stopped half-way",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep notes here how far it came. After a run that stopped half-way it refuses the next with 0x8007001f, "
    "since part of the machine's identity is gone already.",
    fix="Go back to the snapshot or build the VM anew. Setting the values to 7 and 2, as many recipes have it, hides "
    "the damage.",
    source="community record; Microsoft documents the values nowhere",
    grade="C",
)
def check_sysprep_status_at_rest(guest: WindowsGuest) -> list[Problem]:
    return problems_of(
        lambda: _status(guest.installation.generalization_state, 7, "GeneralizationState"),
        lambda: _status(guest.installation.cleanup_state, 2, "CleanupState"),
    )


def _status(fact: Fact[int], at_rest: int, name: str) -> list[Problem]:
    # A Windows that never saw Sysprep has no values.
    seen = fact.value_or(at_rest)
    return [] if seen == at_rest else [problem(observed=seen, expected=at_rest, where=f"{_STATUS}, {name}")]
