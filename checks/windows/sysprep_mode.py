"""The mode in which Sysprep is to be launched."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Policy, WindowsGuest


@check(
    "WIN-MODE-001",
    "Sysprep will look for the hardware anew on each clone",
    phase="pre",
    platform="windows",
    severity="warning",
    why="In mode vm a clone skips the search for hardware, so it must have the hardware profile of this VM. An image "
    "that is to start on another series of VMs, or on NVMe as well as SCSI, may misbehave.",
    fix="Leave `sysprep.mode` out of the target's fleet entry, unless all clones will have this VM's size and disk "
    "controller.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-command-line-options; that it "
    "concerns series and controllers in Azure is our inference",
    grade="D",
)
def check_sysprep_mode_portable(guest: WindowsGuest, policy: Policy) -> list[Problem]:
    if policy.sysprep_mode != "vm":
        return []
    seen = f"/mode:vm, on Windows build {guest.build.value}"
    return [problem(observed=seen, expected="no mode", where="sysprep.mode in the fleet file")]
