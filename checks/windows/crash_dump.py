"""What an image that is uploaded keeps when Windows or a program on it crashes."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, Wanted, differences, for_upload

_SYSTEM = (
    Wanted("CrashDumpEnabled", ("2",)),
    Wanted("DumpFile", (r"%SystemRoot%\MEMORY.DMP",)),
    Wanted("NMICrashDump", ("1",)),
)
# Microsoft's list names the last one CrashCount, which Windows Error Reporting does not know.
_PROGRAMS = (
    Wanted("DumpFolder", (r"C:\CrashDumps", r"%SystemDrive%\CrashDumps")),
    Wanted("DumpType", ("2",)),
    Wanted("DumpCount", ("10",)),
)


@check(
    "WIN-DUMP-001",
    "Windows keeps a kernel dump when it crashes or is told to",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=for_upload,
    why="Without a dump there is nothing to find out from why a machine made from the image stopped.",
    fix="Set CrashDumpEnabled to 2, DumpFile to %SystemRoot%\\MEMORY.DMP and NMICrashDump to 1.",
    source=CHECKLIST,
    grade="D",
)
def check_kernel_dump(guest: WindowsGuest) -> list[Problem]:
    where = r"HKLM\SYSTEM\CurrentControlSet\Control\CrashControl"
    return differences(guest.vhd_upload.system_settings.value, _SYSTEM, where)


@check(
    "WIN-DUMP-002",
    "Windows Error Reporting keeps dumps of programs",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=for_upload,
    why="A service that crashes at the first start of a machine leaves its only trace there.",
    fix="Set DumpFolder to C:\\CrashDumps, DumpType to 2 and DumpCount to 10 (DWORDs but the first).",
    source=f"{CHECKLIST}; that the value it calls CrashCount is DumpCount is recalled",
    grade="D",
)
def check_program_dumps(guest: WindowsGuest) -> list[Problem]:
    where = r"HKLM\SOFTWARE\Microsoft\Windows\Windows Error Reporting\LocalDumps"
    return differences(guest.vhd_upload.system_settings.value, _PROGRAMS, where)
