"""Azure's resource disk: the temporary one, empty on every new machine and missing on some sizes."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.provisioning import cloud_init_starts


@check(
    "LNX-RESOURCE-001",
    "only one of waagent and cloud-init formats the resource disk",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Both would partition, format and mount it, and rewrite its line in fstab, in no certain order.",
    fix="ResourceDisk.Format=n in /etc/waagent.conf where cloud-init is enabled.",
    source="https://github.com/canonical/cloud-init/issues/2470 and "
    "https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_resource_disk_formatted_once(guest: LinuxGuest) -> list[Problem]:
    if guest.agent_configuration.value.get("ResourceDisk.Format") != "True" or not cloud_init_starts(guest):
        return []
    return [problem(observed="y, and cloud-init is enabled", expected="n", where="ResourceDisk.Format in waagent.conf")]


@check(
    "LNX-RESOURCE-002",
    "nothing depends on the resource disk",
    phase="pre",
    platform="linux",
    severity="warning",
    why="A new machine's resource disk is empty, and some sizes have none. What fstab expects there is missing.",
    fix="Remove the line from /etc/fstab; let cloud-init or waagent mount the disk and make swap on it.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_resource_disk_unused(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{use.point} ({use.spec})", expected="no such line", where="/etc/fstab")
        for use in guest.disks.resource_disk_uses.value_or(())
    ]
