"""The volume that Windows is on: other systems beside it, its space, and filters that keep it from being written."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Policy, WindowsGuest

_ENOUGH_MEGABYTES = 1024


@check(
    "WIN-LOADER-001",
    "one Windows is installed",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep gives a new SID to the Windows that it runs in. Another one on the same disks keeps its identity, and "
    "every machine made from the image carries it.",
    fix="bcdedit /enum osloader lists them; take the others away with their volumes, and bcdedit /delete.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview",
    grade="D",
)
def check_loader_single(guest: WindowsGuest) -> list[Problem]:
    count = guest.installation.system_loaders.value
    return [] if count == 1 else [problem(observed=count, expected=1, where="bcdedit /enum osloader")]


def _disk_is_witness(policy: Policy) -> bool:
    return policy.witness == "disk"


@check(
    "WIN-VOLUME-001",
    "drive C is the only volume of its disk beside Windows' own",
    phase="pre",
    platform="windows",
    severity="blocker",
    waivable=False,
    applies=_disk_is_witness,
    why="What is on another volume is in the image as well, and the stopped disk's reader looks into drive C alone. "
    "Nothing is proven then, which comes out only after the step that can't be undone.",
    fix="Move what is needed to drive C, and Remove-Partition the other; or have it on a data disk.",
    source="runners/disk: what our own reader reads",
    grade="S",
)
def check_volume_single(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed=name, expected="no volume but drive C", where="the system's disk")
        for name in guest.installation.other_volumes.value_or(())
    ]


@check(
    "WIN-SPACE-001",
    "the system volume has a gigabyte free",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep, and the setup at the first start of every machine made from the image, write to this volume.",
    fix="Free some space (Disk Cleanup, old installers), or resize the disk.",
    source="community record; the number is a builder's choice",
    grade="C",
)
def check_space_enough(guest: WindowsGuest) -> list[Problem]:
    free = guest.installation.free_megabytes.value
    if free >= _ENOUGH_MEGABYTES:
        return []
    return [problem(observed=f"{free} MiB free", expected=f"{_ENOUGH_MEGABYTES} MiB", where="the system volume")]


@check(
    "WIN-FILTER-001",
    "the Unified Write Filter is off",
    phase="pre",
    platform="windows",
    severity="warning",
    why="The filter throws away at the next start what Sysprep writes, so the disk is what it was before.",
    fix="uwfmgr filter disable, then restart.",
    source="https://learn.microsoft.com/azure/virtual-desktop/set-up-golden-image",
    grade="D",
)
def check_write_filter_off(guest: WindowsGuest) -> list[Problem]:
    if not guest.installation.write_filter.value_or(False):
        return []
    return [problem(observed="on", expected="off", where="UWF_Filter.CurrentEnabled")]
