"""Hyper-V's virtual switches: the condition under which Sysprep supports the role."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.announced import problems_of_announced


@check(
    "WIN-SWITCH-001",
    "Hyper-V has no virtual switch",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep supports Hyper-V only without virtual networks. A switch is bound to a network adapter that machines "
    "made from the image do not have, and takes their network down with it.",
    fix="Get-VMSwitch | Remove-VMSwitch -Force; where only the Default Switch of a client edition is left, Hyper-V "
    "makes it again: Disable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-support-for-server-roles",
    grade="D",
)
def check_virtual_switch_absent(guest: WindowsGuest) -> list[Problem]:
    if guest.virtual_switches.absent:
        return problems_of_announced(guest, ("Hyper-V", "Microsoft-Hyper-V"), "its service vmms")
    count = guest.virtual_switches.value
    return [problem(observed=f"{count} virtual switch(es)", expected="none", where="Get-VMSwitch")] if count else []
