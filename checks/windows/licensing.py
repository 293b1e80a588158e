"""The licence of Windows: each generalization resets its activation, which it can do a limited number of times."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_REARM = (
    "https://learn.microsoft.com/troubleshoot/windows-client/setup-upgrade-and-drivers/"
    "error-occurs-when-running-sysprep-generalize"
)
_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform, SkipRearm"


@check(
    "WIN-REARM-001",
    "the licence can be rearmed once more",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep rearms the licence, and stops with 0xc004d307 when that was done too often.",
    fix="Start over from an image that was generalized less often. slmgr /dlv shows the count.",
    source=_REARM,
    grade="D",
)
def check_rearm_left(guest: WindowsGuest) -> list[Problem]:
    # SkipRearm keeps Sysprep from asking for a rearm; WIN-REARM-002 tells of it.
    if guest.licensing.rearms_left.value > 0 or guest.licensing.skip_rearm.value_or(0) == 1:
        return []
    return [problem(observed=0, expected="1 or more", where="SoftwareLicensingService.RemainingWindowsReArmCount")]


@check(
    "WIN-REARM-002",
    "the licence will be rearmed",
    phase="pre",
    platform="windows",
    severity="warning",
    why="With SkipRearm set, machines made from the image share one client id, and a KMS server counts them as one.",
    fix=r"Remove-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    r"\SoftwareProtectionPlatform' -Name SkipRearm",
    source=_REARM,
    grade="D",
)
def check_rearm_requested(guest: WindowsGuest) -> list[Problem]:
    skip = guest.licensing.skip_rearm.value_or(0)
    return [problem(observed=skip, expected="0, or no value", where=_KEY)] if skip else []


@check(
    "WIN-EDITION-001",
    "Windows is no evaluation edition",
    phase="pre",
    platform="windows",
    severity="warning",
    why="An evaluation ends, and allows a handful of rearms only: the machines shut themselves down when it is over.",
    fix="DISM /Online /Set-Edition:EDITION /ProductKey:KEY /AcceptEula, or build from a licensed edition.",
    source="community record",
    grade="C",
)
def check_edition_licensed(guest: WindowsGuest) -> list[Problem]:
    edition = guest.licensing.edition.value
    if "eval" not in edition.lower():
        return []
    where = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion, EditionID"
    return [problem(observed=edition, expected="a licensed edition", where=where)]
