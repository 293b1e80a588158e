"""Windows that was upgraded in place from another."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.parts import problems_of
from checks.windows.version import build_number, is_client

_OVERVIEW = "https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview"
_FIRST_SUPPORTED = 14393  # Windows 10, version 1607


def _unsupported(guest: WindowsGuest) -> bool:
    return is_client(guest) and build_number(guest.build) < _FIRST_SUPPORTED


@check(
    "WIN-UPGRADE-001",
    "Windows older than Windows 10 1607 was not upgraded in place",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=_unsupported,
    why="Sysprep supports an upgraded Windows only from Windows 10, version 1607, on.",
    fix="Build the VM from a clean installation.",
    source=_OVERVIEW,
    grade="D",
)
def check_early_upgrade_absent(guest: WindowsGuest) -> list[Problem]:
    return _sources(guest)


@check(
    "WIN-UPGRADE-002",
    "Windows was not upgraded in place",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=lambda guest: not _unsupported(guest),
    why="Microsoft's permission to generalize an upgraded Windows has a restriction that we could not read in full, "
    "and packages of the old Windows are a known cause of failures. A reset of the PC may leave the same traces.",
    fix="Build the VM from a clean installation; remove Windows.old with Disk Cleanup.",
    source=_OVERVIEW,
    grade="E",
)
def check_upgrade_absent(guest: WindowsGuest) -> list[Problem]:
    return problems_of(lambda: _sources(guest), lambda: _old_folder(guest))


def _sources(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="an upgrade", expected="a clean installation", where=rf"HKLM\SYSTEM\Setup\{name}")
        for name in guest.installation.source_systems.value_or(())
    ]


def _old_folder(guest: WindowsGuest) -> list[Problem]:
    if not guest.installation.windows_old.value_or(False):
        return []
    return [problem(observed="the folder exists", expected="no such folder", where=r"C:\Windows.old")]
