"""Swap: none on the disk that becomes the image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest


@check(
    "LNX-SWAP-001",
    "there is no swap on the OS disk",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Swap holds what was in this machine's memory, passwords and keys too, and it travels in the image. Azure "
    "wants swap on the resource disk; the Marketplace refuses an image with swap on its OS disk.",
    fix="swapoff -a, remove the line from /etc/fstab and the file or partition; let cloud-init or "
    "ResourceDisk.EnableSwap in waagent.conf make swap on the resource disk.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_swap_absent(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=name, expected="no swap there", where=f"OS disk {guest.disks.os_disk.value}")
        for name in guest.disks.swap_on_os_disk.value_or(())
    ]
