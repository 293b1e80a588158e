"""Restarts that Windows waits for."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_UPDATES = "https://learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image"
_RESTART = "Restart-Computer; look again, since one restart may ask for the next."
_SIGNS = {
    "rebootpending": "component servicing waits for a restart",
    "packagespending": "packages wait for a restart to be installed",
    "rebootrequired": "Windows Update waits for a restart",
}


@check(
    "WIN-RESTART-001",
    "no update waits for a restart",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep looks for updates that are half installed, and refuses with 0x8007139f.",
    fix=_RESTART,
    source=f"community records of the error; {_UPDATES} has Windows updated and restarted first",
    grade="C",
)
def check_update_restart_done(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed=_SIGNS.get(sign.lower(), sign), expected="no restart is pending", where=f"registry key {sign}")
        for sign in guest.servicing.restart_signs.value_or(())
    ]


@check(
    "WIN-RESTART-002",
    "no file waits for a restart to be replaced or deleted",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep only notes this in its log and goes on. The files are exchanged at the first start of each machine "
    "made from the image, in the middle of its setup.",
    fix=_RESTART,
    source="Sysprep's own log in https://github.com/notepad-plus-plus/notepad-plus-plus/issues/13675",
    grade="I",
)
def check_file_renames_done(guest: WindowsGuest) -> list[Problem]:
    count = guest.servicing.pending_renames.value_or(0)
    where = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager, PendingFileRenameOperations"
    return [problem(observed=f"{count} file(s)", expected="none", where=where)] if count else []


@check(
    "WIN-RESTART-003",
    "the computer's new name does not wait for a restart",
    phase="pre",
    platform="windows",
    severity="warning",
    why="The rename and Sysprep's own change of the name meet at the same start, and nobody says which of them wins.",
    fix=_RESTART,
    source="recalled: Windows keeps the name that is in use and the next one in two registry keys",
    grade="R",
)
def check_computer_rename_done(guest: WindowsGuest) -> list[Problem]:
    if not guest.servicing.computer_rename_pending.value:
        return []
    where = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName"
    return [problem(observed="another name from the next start on", expected="one name", where=where)]
