"""The volumes that make up the system: the reader of the stopped disk must be able to judge them."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest, Policy, SystemMount, UnknownFact

_READABLE = ("ext2", "ext3", "ext4", "vfat")
_EXAMINED = ("/etc", "/home", "/var", "/var/lib", "/var/lib/waagent", "/var/log")
"""Folders that hold what the stopped disk is judged by; the reader looks for them in the root file system."""


def _disk_is_witness(policy: Policy) -> bool:
    return policy.witness == "disk"


@check(
    "LNX-VOLUME-001",
    "the reader of the stopped disk can judge the system's volumes",
    phase="pre",
    platform="linux",
    severity="blocker",
    waivable=False,
    applies=_disk_is_witness,
    why="The stopped disk is the only witness. This version reads ext2 to ext4 on plain partitions, with everything it "
    "judges in the root file system; with LVM, xfs, btrfs or a separate /var nothing could be proven, and that would "
    "come out only after the step that can't be undone.",
    fix="Build the image on one ext4 root partition, or wait for a version that reads this layout.",
    source="runners/disk: what our own reader reads",
    grade="S",
)
def check_volume_readable(guest: LinuxGuest) -> list[Problem]:
    mounts = guest.system_mounts.value
    if not any(mount.point == "/" for mount in mounts):
        raise UnknownFact("/proc/mounts names no root file system")
    return [found for mount in mounts for found in _problems(mount)]


def _problems(mount: SystemMount) -> list[Problem]:
    seen = f"{mount.filesystem} on {mount.device}"
    if mount.point in _EXAMINED:
        return [
            problem(observed=f"{seen}, a volume of its own", expected="part of the root file system", where=mount.point)
        ]
    if mount.device.startswith(("/dev/mapper/", "/dev/dm-")):
        return [problem(observed=f"{seen}, a device mapper volume", expected="a plain partition", where=mount.point)]
    if mount.filesystem not in _READABLE:
        return [problem(observed=seen, expected=" or ".join(_READABLE), where=mount.point)]
    return []
