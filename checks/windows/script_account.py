"""The account that our scripts run as in a Windows guest."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-RUNAS-001",
    "Sysprep will run as an administrator, not as SYSTEM",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Microsoft lists Sysprep under the SYSTEM account as unsupported, and that is what Run Command uses. Many "
    "builders do so all the same and it works for them, but nobody helps when it does not.",
    fix="Use a channel that runs as a local administrator, such as winrm, in the target's fleet entry.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview",
    grade="D",
)
def check_script_account_is_administrator(guest: WindowsGuest) -> list[Problem]:
    account = guest.launched_as.value
    # NT AUTHORITY\SYSTEM; localized Windows translates the first part only
    if account.rpartition("\\")[2].upper() not in ("SYSTEM", "S-1-5-18"):
        return []
    return [problem(observed=account, expected="a local administrator", where="the account of our scripts")]
