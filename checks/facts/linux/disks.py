"""Disks and file systems of a Linux guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of fstab."""

    point: str
    spec: str
    """`UUID=...`, `/dev/sdb1`, ...; of a use of the resource disk its type."""


@dataclass(frozen=True, slots=True)
class UnreadVolume:
    """A volume that the reader of the stopped disk will not look into."""

    filesystem: Literal["ext", "xfs", "ntfs", "btrfs", "fat", "encrypted", "raid", "stacked", "other"]
    """`stacked`: made of other logical volumes; `other`: no file system that the reader knows."""
    device: str


@dataclass(frozen=True, slots=True)
class Disks:
    """Which disk things lie on."""

    os_disk: Fact[str]
    """The disk of the root file system: `sda`, `nvme0n1`; several words where it spans several."""
    bare_devices: Fact[tuple[Mount, ...]]
    """Lines of fstab that name a device as the kernel happened to number it."""
    mounts_without_nofail: Fact[tuple[Mount, ...]]
    """Lines of fstab for other disks than the OS disk without `nofail`."""
    fstab_valid: Fact[bool]
    """Whether `findmnt --verify` finds no error; absent where there is no fstab."""
    swap_on_os_disk: Fact[tuple[str, ...]]
    """Swap partitions and files on the OS disk, in use or in fstab."""
    resource_disk_uses: Fact[tuple[Mount, ...]]
    """Lines of fstab that use Azure's resource disk, but for cloud-init's own."""
    unread_volumes: Fact[tuple[UnreadVolume, ...]]
    """On the OS disk: those that fstab does not name, and NTFS and btrfs whether it does or not."""
    ade_key_volume: Fact[bool]
    """Whether the volume is there with which Azure Disk Encryption hands its key over."""
    root_on_lvm: Fact[bool]
    lvm_devices_file: Fact[bool]
    """Whether LVM sees only the devices that /etc/lvm/devices/system.devices names."""


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """How much is free on one file system."""

    point: str
    mebibytes: int
    percent: int
    inodes: int
    """Free inodes in percent; 100 where they have no limit."""


@dataclass(frozen=True, slots=True)
class Filesystems:
    """Room on the system's file systems, and whether they are sound."""

    free_space: Fact[tuple[FreeSpace, ...]]
    """Of / and, where it is a file system of its own, /boot."""
    root_read_only: Fact[bool]
    filesystem_errors: Fact[int]
    """Errors that ext4 counted, and those among the kernel's messages since it booted."""
    check_forced: Fact[bool]
    """Whether a file system check is forced at the next boot."""
