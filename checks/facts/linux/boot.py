"""How a Linux guest boots, and will boot the next time."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Boot:
    """What the kernel was told at boot, and what the boot loader tells it next time."""

    root_argument: Fact[str]
    """Of root= on the command line: `UUID`, `PARTUUID`, `LABEL`, `PARTLABEL`, or the path as it stands there."""
    serial_console: Fact[bool]
    """Whether the running kernel has console=ttyS0 (ttyAMA0 on arm64)."""
    serial_console_configured: Fact[bool]
    """Whether the boot loader's configuration has it; absent where none was found."""
    boot_missing: Fact[tuple[str, ...]]
    """Which words that certification looks for are not on the command line."""
    boot_extra: Fact[tuple[str, ...]]
    """Which words that Azure's documents would remove are on the command line."""
    nvme_timeout: Fact[bool]
    """Whether nvme_core.io_timeout=240 is on the command line."""
    efi_fallback: Fact[bool]
    """Whether the EFI system partition has the loader that firmware without boot entries starts; absent on BIOS."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """The kernels that run now and start next."""

    running_kernel: Fact[str]
    default_kernel: Fact[str]
    """The one that the boot loader starts next, as `uname -r` will print it."""
    initramfs_missing: Fact[tuple[str, ...]]
    """Of hv_vmbus, hv_storvsc, hv_netvsc, nvme, nvme_core those neither built into that kernel nor in its initramfs."""
    reboot_pending: Fact[bool]


@dataclass(frozen=True, slots=True)
class UnloadableModule:
    """One kernel module that can't be loaded."""

    name: str
    why: str
    """`missing`, or `blocked` by modprobe's configuration."""


@dataclass(frozen=True, slots=True)
class Modules:
    """What the kernel can load."""

    unloadable_modules: Fact[tuple[UnloadableModule, ...]]
    """Of vfat, udf, cdrom, sr_mod and (on BIOS) ata_piix those that can't be loaded."""
