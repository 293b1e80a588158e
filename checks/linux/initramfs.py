"""What the next boot's initramfs must hold, to find the root disk on Azure."""

from __future__ import annotations

from collections.abc import Collection

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.families import not_of_family
from checks.parts import problems_of

_HYPER_V = ("hv_vmbus", "hv_storvsc", "hv_netvsc")
_NVME = ("nvme", "nvme_core")


def _boots_from_nvme(guest: LinuxGuest) -> bool:
    # nvme0n1
    return guest.disks.os_disk.value.startswith("nvme")


@check(
    "LNX-INITRAMFS-001",
    "the next kernel has Hyper-V's drivers at boot",
    phase="pre",
    platform="linux",
    severity="blocker",
    # Flatcar's initramfs is a part of its kernel image.
    applies=not_of_family("flatcar"),
    why="Without them the kernel finds neither the disk nor the network: a machine made from the image hangs before "
    "its root file system is mounted.",
    fix='Add them to the initramfs: add_drivers+=" hv_vmbus hv_netvsc hv_storvsc " in /etc/dracut.conf.d and dracut '
    "-f; "
    "or to /etc/initramfs-tools/modules and update-initramfs -u.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_initramfs_hyper_v(guest: LinuxGuest) -> list[Problem]:
    return _missing(guest, _HYPER_V)


@check(
    "LNX-NVME-001",
    "the next kernel boots from NVMe, and waits for it",
    phase="pre",
    platform="linux",
    severity="warning",
    applies=_boots_from_nvme,
    why="A remote NVMe disk may answer late. Without its driver the machine does not find the root disk, and without "
    "the longer timeout it takes a short pause for an error.",
    fix="Add nvme and nvme_core to the initramfs and nvme_core.io_timeout=240 to the kernel's command line.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu",
    grade="D",
)
def check_initramfs_nvme(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _missing(guest, _NVME), lambda: _timeout(guest))


def _missing(guest: LinuxGuest, names: Collection[str]) -> list[Problem]:
    where = f"initramfs of kernel {guest.kernel.default_kernel.value}"
    return [
        problem(observed=f"no {name}", expected="in it, or built into the kernel", where=where)
        for name in guest.kernel.initramfs_missing.value
        if name in names
    ]


def _timeout(guest: LinuxGuest) -> list[Problem]:
    if guest.boot.nvme_timeout.value:
        return []
    return [problem(observed="no such word", expected="nvme_core.io_timeout=240", where="/proc/cmdline")]
