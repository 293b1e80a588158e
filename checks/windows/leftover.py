"""Logs, images of memory, caches and traces of the build that a Windows image keeps."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, WindowsDisk
from checks.parts import each_there, problems_of


@check(
    "WIN-MEMORY-001",
    "no image of the source VM's memory is left",
    phase="post",
    platform="windows",
    severity="warning",
    why="Page files and dumps hold whatever was in memory: passwords, keys, documents.",
    fix="Delete the dumps. A page file goes with a restart once none is set for drive C, or ClearPageFileAtShutdown"
    " empties it.",
    source="recalled: where Windows keeps them; "
    "https://learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image (the page file "
    "belongs on the temporary disk)",
    grade="R",
)
def check_memory_files_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.leftovers.memory_files, "it holds memory")


@check(
    "WIN-EVENTLOG-002",
    "the event logs were cleared",
    phase="post",
    platform="windows",
    severity="warning",
    why="Sysprep clears them. Logs of the source VM tell who signed in and which commands ran.",
    fix="wevtutil cl NAME in the source VM, and seal again unless the VM was generalized.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-process-overview",
    grade="D",
)
def check_event_logs_cleared(disk: WindowsDisk) -> list[Problem]:
    logs = disk.leftovers.event_logs.value_or(())
    names = ", ".join(f"{item.name} ({item.size:,} bytes)" for item in logs[:6])
    more = f" and {len(logs) - 6} more" if len(logs) > 6 else ""
    where = r"C:\Windows\System32\winevt\Logs"
    return [problem(observed=names + more, expected="empty logs (68 KiB)", where=where)] if logs else []


@check(
    "WIN-LEFTOVER-001",
    "restore points, recycle bin, Windows.old and downloads are empty",
    phase="post",
    platform="windows",
    severity="warning",
    why="They make the image larger, and hold files that somebody deleted on purpose.",
    fix="vssadmin delete shadows /all; Clear-RecycleBin -Force; Disk Clean-up (cleanmgr) for Windows.old and "
    "downloaded updates; then seal again.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-process-overview for restore "
    "points; recalled for the others",
    grade="R",
)
def check_old_copies_gone(disk: WindowsDisk) -> list[Problem]:
    return problems_of(
        lambda: _counted(disk.leftovers.shadow_copies, "shadow copies", r"C:\System Volume Information"),
        lambda: _counted(disk.leftovers.recycled, "deleted files", r"C:\$Recycle.Bin"),
        lambda: each_there(disk.leftovers.old_windows, "an old Windows", "no such folder"),
        lambda: _counted(disk.leftovers.downloaded_updates, "names", r"C:\Windows\SoftwareDistribution\Download"),
    )


@check(
    "WIN-LEFTOVER-002",
    "no temporary files are left",
    phase="post",
    platform="windows",
    severity="info",
    why="They belong to the source VM, and nobody looked at what is in them.",
    fix=r"Remove-Item C:\Windows\Temp\* -Recurse -Force, and the same for Temp of each profile.",
    source="recalled",
    grade="R",
)
def check_temporary_files_gone(disk: WindowsDisk) -> list[Problem]:
    return _counted(disk.leftovers.temporary_files, "names", r"C:\Windows\Temp and Temp of the profiles")


@check(
    "WIN-TRACE-001",
    "no script of the build or of Run Command, and no agent's log, is left",
    phase="post",
    platform="windows",
    severity="warning",
    why="Scripts that Run Command ran, Sealproof's own among them, and the agent's logs tell of the source VM. "
    "Scripts of others may hold secrets.",
    fix=r"Delete what is below C:\Packages\Plugins\Microsoft.CPlat.Core.RunCommand*, C:\WindowsAzure\Logs and the "
    "script named, in the source VM; what the last command leaves can only be removed on the new machines.",
    source="https://learn.microsoft.com/azure/virtual-machines/windows/run-command (where its logs are); community "
    "record and recalled for the others",
    grade="C",
)
def check_traces_gone(disk: WindowsDisk) -> list[Problem]:
    return problems_of(
        lambda: _files(disk.leftovers.run_command_files, "of Run Command"),
        lambda: each_there(disk.leftovers.agent_logs, "the agent's logs", "an empty folder"),
        lambda: each_there(disk.leftovers.build_scripts, "a script of the build"),
    )


def _counted(fact: Fact[int], what: str, where: str) -> list[Problem]:
    count = fact.value_or(0)
    return [problem(observed=f"{count} {what}", expected="none", where=where)] if count else []


def _files(fact: Fact[tuple[str, ...]], whose: str) -> list[Problem]:
    paths = fact.value_or(())
    more = f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
    return [problem(observed=f"a file {whose}{more}", expected="none", where=paths[0])] if paths else []
