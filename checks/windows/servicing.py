"""Windows' own servicing: its installer, what it is doing, its component store, and reserved storage."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_DISABLED = 4
_SYSPREP = "sysprep"


@check(
    "WIN-SERVICING-001",
    "the service TrustedInstaller can be started",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep asks this service which updates are pending. Where it can't start, Sysprep stops with 0x80070005.",
    fix="Set-Service -Name TrustedInstaller -StartupType Manual. A service that is gone needs a repaired Windows: sfc "
    "/scannow.",
    source="https://github.com/GoogleCloudPlatform/compute-image-windows/issues/156",
    grade="I",
)
def check_installer_startable(guest: WindowsGuest) -> list[Problem]:
    start, where = guest.servicing.installer_start, "service TrustedInstaller"
    if start.absent:
        return [problem(observed="no such service", expected="manual", where=where)]
    return [problem(observed="disabled", expected="manual", where=where)] if start.value == _DISABLED else []


@check(
    "WIN-SERVICING-002",
    "nothing is being installed",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep that meets a running installation fails its validation, or seals Windows with half an update in it.",
    fix="Wait until these processes have ended. They stay for some minutes after the last question about Windows' "
    "features, and msiexec for ten minutes after an installation.",
    source="community record of what builders wait for",
    grade="C",
)
def check_installations_ended(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="it runs", expected="no installation", where=f"process {name}")
        for name in guest.servicing.busy_processes.value_or(())
        if name.lower() != _SYSPREP
    ]


@check(
    "WIN-SERVICING-003",
    "the component store is healthy",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Damage in the store is copied into every machine, where updates then fail. Microsoft has system files checked "
    "before a Windows becomes an image.",
    fix="DISM /Online /Cleanup-Image /RestoreHealth, then sfc /scannow and a restart.",
    source="https://learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image",
    grade="D",
)
def check_component_store_healthy(guest: WindowsGuest) -> list[Problem]:
    health = guest.servicing.component_store.value
    if health.lower() == "healthy":
        return []
    return [problem(observed=health, expected="Healthy", where="DISM /Online /Cleanup-Image /CheckHealth")]


@check(
    "WIN-RESERVE-001",
    "no update uses reserved storage",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep stops with 0x800F0975 while an update keeps files in reserved storage. The value is a hint only: no "
    "interface tells for certain who uses it.",
    fix="Install all updates and restart until none is left. Do not edit the value; that hides the use.",
    source="https://learn.microsoft.com/troubleshoot/mem/configmgr/os-deployment/windows-11-image-capture-fail",
    grade="D",
)
def check_reserved_storage_unused(guest: WindowsGuest) -> list[Problem]:
    scenario = guest.servicing.reserve_scenario.value_or(0)
    where = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\ReserveManager, ActiveScenario"
    return [problem(observed=scenario, expected=0, where=where)] if scenario else []
