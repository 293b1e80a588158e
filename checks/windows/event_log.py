"""Windows' event logs, which Sysprep clears."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-EVENTLOG-001",
    "every event log's folder exists",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep clears the event logs. For one that was moved to a folder that is not there it stops with 0x80070003.",
    fix="Make the folder, or set its path back to %SystemRoot%\\System32\\Winevt\\Logs: wevtutil sl LOG /lfn:FILE",
    source="community record of one machine",
    grade="C",
)
def check_event_log_folder_exists(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="its folder does not exist", expected="a folder", where=f"event log {name}")
        for name in guest.azure_guest.logs_without_folder.value_or(())
    ]
