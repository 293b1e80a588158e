"""Settings of Windows in an image that is uploaded: clock, disks, folders, power."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, Wanted, differences, for_upload

_CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
_HIGH_PERFORMANCE = "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c"


@check(
    "WIN-CLOCK-001",
    "Windows takes the machine's clock for UTC",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="The clock of a machine in Azure is UTC. Taken for local time it is hours off until it is synchronized, and "
    "signatures and tickets are refused so long.",
    fix=r"Set RealTimeIsUniversal (DWORD) in HKLM\SYSTEM\CurrentControlSet\Control\TimeZoneInformation to 1.",
    source=CHECKLIST,
    grade="D",
)
def check_clock_universal(guest: WindowsGuest) -> list[Problem]:
    wanted = (Wanted("RealTimeIsUniversal", ("1",)),)
    return differences(guest.vhd_upload.system_settings.value, wanted, rf"{_CONTROL}\TimeZoneInformation")


@check(
    "WIN-SAN-001",
    "Windows brings every disk online by itself",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="With another policy the data disks of machines made from the image stay offline until somebody signs in.",
    fix="diskpart: san policy=onlineall",
    source=CHECKLIST,
    grade="D",
)
def check_disks_online(guest: WindowsGuest) -> list[Problem]:
    wanted = (Wanted("SanPolicy", ("1",)),)
    where = r"HKLM\SYSTEM\CurrentControlSet\Services\partmgr\Parameters"
    return differences(guest.vhd_upload.system_settings.value, wanted, where)


@check(
    "WIN-TEMP-001",
    "TEMP and TMP are Windows' own folder",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=for_upload,
    why="A folder on a disk that machines made from the image do not have makes installers and services fail there.",
    fix="Set TEMP and TMP of the system's environment to %SystemRoot%\\TEMP, as expandable strings.",
    source=CHECKLIST,
    grade="D",
)
def check_temporary_folder(guest: WindowsGuest) -> list[Problem]:
    wanted = tuple(Wanted(name, (r"%SystemRoot%\TEMP",)) for name in ("TEMP", "TMP"))
    return differences(guest.vhd_upload.system_settings.value, wanted, rf"{_CONTROL}\Session Manager\Environment")


@check(
    "WIN-POWERPLAN-001",
    "the power plan is high performance",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=for_upload,
    why="Another plan saves power that a virtual machine does not have, by making it slower.",
    fix="powercfg /setactive SCHEME_MIN",
    source=f"{CHECKLIST}; the plan's GUID is recalled",
    grade="D",
)
def check_power_plan(guest: WindowsGuest) -> list[Problem]:
    plan = guest.vhd_upload.power_plan.value
    if plan.lower() == _HIGH_PERFORMANCE:
        return []
    return [problem(observed=plan, expected=_HIGH_PERFORMANCE, where="powercfg /getactivescheme")]
