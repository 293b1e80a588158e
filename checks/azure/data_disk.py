"""Data disks: they are no part of the image's OS disk."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts


@check(
    "AZ-DATA-001",
    "no data disk is attached",
    phase="pre",
    platform="linux",
    severity="warning",
    why="fstab, LVM and RAID of this machine may refer to its data disks, and a machine made from an image of the OS "
    "disk alone does not have them. A managed image or gallery version of the whole VM copies them as they are, "
    "with whatever they hold.",
    fix="az vm disk detach --vm-name VM --resource-group GROUP --name DISK, unless they shall be in the image.",
    source="our own inference: what an image of a VM with data disks consists of",
    grade="X",
)
def check_data_disk_detached(azure: AzureFacts) -> list[Problem]:
    return [
        problem(observed="attached", expected="detached", where=f"data disk {disk.rpartition('/')[2]}")
        for disk in azure.data_disks.value_or(())
    ]
