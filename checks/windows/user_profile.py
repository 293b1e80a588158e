"""User profiles of a Windows guest."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-PROFILE-001",
    "nobody but the built-in administrator has a profile",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Each profile may hold Store packages that Sysprep stops at, and its files go into the image: documents, "
    "browser data, keys. Every machine made from it has the account.",
    fix="Remove-LocalUser NAME, then Get-CimInstance Win32_UserProfile | Where-Object LocalPath -eq FOLDER | "
    "Remove-CimInstance.",
    source="https://learn.microsoft.com/troubleshoot/windows-client/deployment/"
    "sysprep-fails-remove-or-update-store-apps",
    grade="D",
)
def check_extra_profiles_absent(guest: WindowsGuest) -> list[Problem]:
    told = guest.profiles.extra_profiles.value_or(())
    found = [problem(observed="a profile", expected="none", where=folder) for folder in told]
    more = guest.profiles.extra_profiles_total.value_or(0) - len(told)
    return [*found, problem(observed=f"{more} more", expected="none", where="profiles")] if more > 0 else found
