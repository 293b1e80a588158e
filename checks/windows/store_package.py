"""Store packages (AppX, MSIX): users and the image must have the same."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, StorePackage, WindowsGuest
from checks.windows.version import is_client, is_server

_SOURCE = "https://learn.microsoft.com/troubleshoot/windows-client/deployment/sysprep-fails-remove-or-update-store-apps"
_REMOVE = (
    "(Get-AppxPackage -AllUsers NAME).PackageUserInformation shows who has it. As that user, or for all of them: "
    "Get-AppxPackage -AllUsers NAME | Remove-AppxPackage -AllUsers"
)
_NEWER = "no user has a newer Store package than is provisioned for all"
_NEWER_WHY = (
    "The Store updated it for one user, so it is no longer the package that is provisioned, and Sysprep's check of "
    "packages ends with 0x80073cf2."
)
_NEWER_FIX = f"{_REMOVE}; or provision the newer version: Add-AppxProvisionedPackage -Online."
_AUTO_DOWNLOAD_OFF = 2


@check(
    "WIN-APPX-001",
    "every Store package that a user has is provisioned for all users",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep accepts packages that all users get, and stops with 0x80073cf2 at one that only some user has: an app "
    "that was deprovisioned but is still installed, or one that its installer registered for a single user.",
    fix=f"{_REMOVE}; or provision it: Add-AppxProvisionedPackage -Online.",
    source=_SOURCE,
    grade="D",
)
def check_store_packages_provisioned(guest: WindowsGuest) -> list[Problem]:
    return _problems(guest.appx.unprovisioned_packages, guest.appx.unprovisioned_packages_total)


@check(
    "WIN-APPX-002",
    f"{_NEWER} (client editions)",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=is_client,
    why=_NEWER_WHY,
    fix=_NEWER_FIX,
    source=_SOURCE,
    grade="D",
)
def check_store_packages_not_newer(guest: WindowsGuest) -> list[Problem]:
    return _problems(guest.appx.newer_packages, guest.appx.newer_packages_total)


@check(
    "WIN-APPX-003",
    f"{_NEWER} (servers)",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=is_server,
    why=f"{_NEWER_WHY} Servers have few packages, and reports of this are of client editions.",
    fix=_NEWER_FIX,
    source=_SOURCE,
    grade="D",
)
def check_store_packages_not_newer_on_server(guest: WindowsGuest) -> list[Problem]:
    return _problems(guest.appx.newer_packages, guest.appx.newer_packages_total)


@check(
    "WIN-APPX-004",
    "the Store does not update packages by itself",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=is_client,
    why="The Store may update a package between this look and Sysprep's, and Sysprep then stops at it.",
    fix=r"Set the policy: reg add HKLM\SOFTWARE\Policies\Microsoft\WindowsStore /v AutoDownload /t REG_DWORD /d 2 /f. "
    "It stays in the image, so decide whether machines made from it shall keep it.",
    source="community record of several image builders that set this policy before Sysprep; Microsoft's page on "
    "failures with Store apps says to stop updates, not how",
    grade="C",
)
def check_store_updates_off(guest: WindowsGuest) -> list[Problem]:
    policy = guest.appx.store_auto_download
    if not policy.absent and policy.value == _AUTO_DOWNLOAD_OFF:
        return []
    where = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsStore, AutoDownload"
    seen = "no policy" if policy.absent else policy.value
    return [problem(observed=seen, expected=_AUTO_DOWNLOAD_OFF, where=where)]


def _problems(packages: Fact[tuple[StorePackage, ...]], total: Fact[int]) -> list[Problem]:
    # Absent: this Windows has no Store packages, as Server Core has not.
    told = packages.value_or(())
    found = [
        problem(
            observed=f"{package.installed} installed for a user",
            expected=f"{package.provisioned}, as provisioned" if package.provisioned else "provisioned, or removed",
            where=f"package {package.name}",
        )
        for package in told
    ]
    more = total.value_or(0) - len(told)
    return [*found, problem(observed=f"{more} more", expected="none", where="packages")] if more > 0 else found
