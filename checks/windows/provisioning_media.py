"""The DVD drive that Azure puts a new machine's settings into."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_GENERALIZE = "https://learn.microsoft.com/azure/virtual-machines/generalize"
_SYSTEM = 1
_DENIALS = {
    "Deny_All": "all removable storage is denied",
    "Deny_Read": "reading from CD and DVD is denied",
}


@check(
    "WIN-CDROM-001",
    "the driver of CD and DVD drives starts",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Azure hands a new machine its name and account on a DVD. Without the driver the machine waits in its first "
    "setup until the deployment times out.",
    fix=r"Set-ItemProperty -LiteralPath HKLM:\SYSTEM\CurrentControlSet\Services\cdrom -Name Start -Value 1; restart.",
    source=_GENERALIZE,
    grade="D",
)
def check_cdrom_driver_starts(guest: WindowsGuest) -> list[Problem]:
    start = guest.azure_guest.cdrom_start
    if not start.absent and start.value == _SYSTEM:
        return []
    seen = "no such value" if start.absent else str(start.value)
    where = r"HKLM\SYSTEM\CurrentControlSet\Services\cdrom, Start"
    return [problem(observed=seen, expected=_SYSTEM, where=where)]


@check(
    "WIN-CDROM-002",
    "no policy denies removable storage",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="The policy keeps a new machine from the DVD on which Azure hands it its name and account, as a missing driver "
    "does.",
    fix="Set the policy 'All Removable Storage classes: Deny all access', and the one for reading from CD and DVD, to "
    "Not Configured, then gpupdate /force.",
    source=_GENERALIZE,
    grade="D",
)
def check_removable_storage_allowed(guest: WindowsGuest) -> list[Problem]:
    where = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices"
    return [
        problem(observed=_DENIALS.get(name, name), expected="no denial", where=rf"{where}, {name}")
        for name in guest.azure_guest.removable_storage_denials.value_or(())
    ]
