"""The logical volume manager: it may tie the system to this machine's disk."""

from __future__ import annotations

import re

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.families import family

_DEVICES = "/etc/lvm/devices/system.devices"


def _uses_devices_file_and_lvm(guest: LinuxGuest) -> bool:
    # VERSION_ID="9.4"; from 9 on the devices file is used by default
    major = re.match(r"[0-9]+", guest.distribution_version.value_or(""))
    return family(guest) == "rhel" and major is not None and int(major[0]) >= 9 and guest.disks.root_on_lvm.value


@check(
    "LNX-LVM-001",
    "the root file system is not on a logical volume",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Azure advises against LVM on the OS disk: the volume names of this machine clash with those of a broken clone "
    "when its disk is attached to another one for repair.",
    fix="Build the image with plain partitions.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_lvm_unused(guest: LinuxGuest) -> list[Problem]:
    if not guest.disks.root_on_lvm.value:
        return []
    return [problem(observed="a logical volume", expected="a plain partition", where="/")]


@check(
    "LNX-LVM-002",
    "LVM does not depend on this machine's disks",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=_uses_devices_file_and_lvm,
    why="The devices file holds the identity of this machine's disk. On a clone, whose disk has another one, LVM does "
    "not see its own volumes.",
    fix="rm /etc/lvm/devices/system.devices (the next vgimportdevices makes it again), or use_devicesfile=0 in "
    "/etc/lvm/lvm.conf.",
    source="https://github.com/canonical/cloud-init/pull/1514 and https://github.com/osbuild/image-builder/issues/1409",
    grade="I",
)
def check_lvm_devices_unpinned(guest: LinuxGuest) -> list[Problem]:
    if not guest.disks.lvm_devices_file.value_or(False):
        return []
    return [problem(observed="it names this machine's disks", expected="no such file, or unused", where=_DEVICES)]
