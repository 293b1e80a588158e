"""Kernel modules that read the medium from which Azure provisions a new machine: a DVD with a UDF file system."""

from __future__ import annotations

from collections.abc import Collection

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest

_FILE_SYSTEMS = ("udf", "vfat")
_FIX = (
    "Remove its blacklist or install line from /etc/modprobe.d (hardening guides put it there), or install the "
    "package with the kernel's other modules."
)


@check(
    "LNX-MODULE-001",
    "the kernel can read the provisioning medium's file systems",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Azure hands a new machine its account, its password and its custom data on a UDF volume, and boots it from a "
    "FAT one. A machine that can't read them is never provisioned.",
    fix=_FIX,
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_kernel_module_file_systems(guest: LinuxGuest) -> list[Problem]:
    return _unloadable(guest, _FILE_SYSTEMS)


@check(
    "LNX-MODULE-002",
    "the kernel can read the provisioning medium's drive",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Azure hands a new machine its provisioning data on a DVD. Without a driver for the drive it does not "
    "see them.",
    fix=_FIX,
    source="our own inference: the provisioning medium is a DVD, on an IDE channel for the first generation",
    grade="X",
)
def check_kernel_module_drive(guest: LinuxGuest) -> list[Problem]:
    return _unloadable(guest, ("cdrom", "sr_mod", "ata_piix"))


def _unloadable(guest: LinuxGuest, names: Collection[str]) -> list[Problem]:
    return [
        problem(observed=f"{module.name} is {module.why}", expected="a module that loads", where="the running kernel")
        for module in guest.modules.unloadable_modules.value
        if module.name in names
    ]
