"""Logons that a Windows image keeps: automatic ones, cached ones, the machine's own."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, WindowsDisk
from checks.parts import problems_of

_WINLOGON = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"
_SECRETS = r"SECURITY hive, Policy\Secrets"


@check(
    "WIN-LOGON-001",
    "nobody is signed in automatically, and no password for it is left",
    phase="post",
    platform="windows",
    severity="blocker",
    why="The password is there as text, for whoever gets the image; and machines made from it open a session by "
    "themselves.",
    fix=r"Set AutoAdminLogon to 0 and remove DefaultPassword and AutoLogonCount in HKLM:\SOFTWARE\Microsoft\Windows "
    r"NT\CurrentVersion\Winlogon; change the password; then seal again.",
    source="community record of checks of images; "
    "https://learn.microsoft.com/troubleshoot/windows-server/user-profiles-and-logon/turn-on-automatic-logon",
    grade="C",
)
def check_automatic_logon_absent(disk: WindowsDisk) -> list[Problem]:
    return problems_of(
        lambda: _found(disk.accounts.automatic_logon, "automatic logon is on", f"{_WINLOGON}, AutoAdminLogon"),
        lambda: _found(disk.accounts.logon_password, "a password", f"{_WINLOGON}, DefaultPassword"),
    )


@check(
    "WIN-LOGON-002",
    "LSA keeps no password for an automatic logon",
    phase="post",
    platform="windows",
    severity="warning",
    why="The secret is encrypted with keys that are on the same disk.",
    fix="Autologon.exe (Sysinternals), Disable; then seal again, unless the VM was generalized.",
    source="recalled: where Autologon keeps the password",
    grade="R",
)
def check_logon_secret_absent(disk: WindowsDisk) -> list[Problem]:
    return _found(disk.accounts.logon_secret, "a secret", rf"{_SECRETS}\DefaultPassword")


@check(
    "WIN-LOGON-003",
    "no domain logon is cached",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Each is a verifier of the password of somebody of the domain, and can be attacked without the domain.",
    fix="Build the image from a VM that was never in a domain; or leave the domain, set CachedLogonsCount to 0, "
    "restart, and seal again.",
    source="our own inference: a verifier of a password is a secret; "
    "https://learn.microsoft.com/troubleshoot/windows-server/user-profiles-and-logon/cached-domain-logon-information",
    grade="X",
)
def check_cached_logons_absent(disk: WindowsDisk) -> list[Problem]:
    count = disk.accounts.cached_logons.value
    return [problem(observed=f"{count} cached", expected="none", where=r"SECURITY hive, Cache")] if count else []


@check(
    "WIN-LOGON-004",
    "no password of the machine's account in a domain is left",
    phase="post",
    platform="windows",
    severity="warning",
    why="It shows that the machine was in a domain, and is a way into it for as long as the account is there.",
    fix="Take the VM out of the domain, delete its account there, and seal again unless the VM was generalized.",
    source="recalled: where Windows keeps it",
    grade="R",
)
def check_machine_account_absent(disk: WindowsDisk) -> list[Problem]:
    return _found(disk.accounts.machine_account, "a secret", rf"{_SECRETS}\$MACHINE.ACC")


def _found(fact: Fact[bool], observed: str, where: str) -> list[Problem]:
    return [problem(observed=observed, expected="none", where=where)] if fact.value else []
