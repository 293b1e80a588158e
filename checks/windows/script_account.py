"""The account that Sysprep is launched as in a Windows guest."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Policy, WindowsGuest


def _identity_required(policy: Policy) -> bool:
    return policy.require_supported_identity


@check(
    "WIN-RUNAS-001",
    "Sysprep will run as an administrator, not as SYSTEM",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Microsoft lists Sysprep under the SYSTEM account as unsupported, and that is what Run Command uses. Many "
    "builders do so all the same and it works for them, but nobody helps when it does not.",
    fix="Give `sysprep.run_as` in the target's fleet entry, or a channel that runs as a local administrator (winrm, "
    "with `channel_password_env`).",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview",
    grade="D",
)
def check_script_account_is_administrator(guest: WindowsGuest, policy: Policy) -> list[Problem]:
    return _as_system(guest, policy)


@check(
    "WIN-RUNAS-002",
    "Sysprep will run under an identity that Microsoft supports",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=_identity_required,
    why="The fleet file requires it (`require_supported_identity`), and the scripts run as SYSTEM, under which "
    "Microsoft lists Sysprep as unsupported.",
    fix="Give `sysprep.run_as` with a local administrator, or a channel that runs as one (winrm, with "
    "`channel_password_env`), in the target's fleet entry.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview",
    grade="D",
)
def check_script_account_supported(guest: WindowsGuest, policy: Policy) -> list[Problem]:
    return _as_system(guest, policy)


def _as_system(guest: WindowsGuest, policy: Policy) -> list[Problem]:
    account = policy.run_as or guest.launched_as.value
    # NT AUTHORITY\SYSTEM: the probe says so in English whatever Windows calls it; `run_as` is as a person wrote it
    if account.rpartition("\\")[2].upper() not in ("SYSTEM", "S-1-5-18"):
        return []
    return [problem(observed=account, expected="a local administrator", where="the account of our scripts")]
