"""fstab: what it mounts must be found on a machine with other disks."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest

_FILE = "/etc/fstab"
_SOURCE = "https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu"


@check(
    "LNX-FSTAB-001",
    "fstab has no error",
    phase="pre",
    platform="linux",
    severity="warning",
    why="A line that can't be mounted stops a new machine in emergency mode, where nobody can log in.",
    fix="findmnt --verify --verbose names the line.",
    source=_SOURCE,
    grade="D",
)
def check_fstab_valid(guest: LinuxGuest) -> list[Problem]:
    if guest.disks.fstab_valid.value_or(True):
        return []
    return [problem(observed="findmnt --verify finds errors", expected="no error", where=_FILE)]


@check(
    "LNX-FSTAB-002",
    "fstab names file systems, not device numbers",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="The kernel numbers disks in the order in which it finds them, and calls them sda on one size of VM and "
    "nvme0n1 on another. The machine mounts the wrong disk, or none.",
    fix="Replace the device by UUID=..., as blkid prints it.",
    source=_SOURCE,
    grade="D",
)
def check_fstab_devices_named(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(
            observed=f"{line.spec} on {line.point}", expected="UUID=, LABEL= or a link below /dev/disk", where=_FILE
        )
        for line in guest.disks.bare_devices.value_or(())
    ]


@check(
    "LNX-FSTAB-003",
    "fstab mounts other disks than the OS disk with nofail",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="A machine made from the image does not have this machine's other disks. Without nofail it waits for them, and "
    "stops in emergency mode.",
    fix="Add nofail to the options of the line, or remove the line.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/attach-disk-portal",
    grade="I",
)
def check_fstab_nofail(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{line.spec} on {line.point}", expected="nofail, or no such line", where=_FILE)
        for line in guest.disks.mounts_without_nofail.value_or(())
    ]
