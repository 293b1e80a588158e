"""What somebody else does to a VM while a client is at work on it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lab.arm.machine import Machine
from lab.fault import Effect
from lab.merge_patch import merge

if TYPE_CHECKING:
    from lab.arm.cloud import Cloud


async def happen(cloud: Cloud, effect: Effect, machine: Machine) -> None:
    """Let `effect`, one of `lab.fault.MEANWHILE`, happen to `machine`."""
    if effect == "tags-wiped":
        machine.tags = {}
        machine.touch()
    elif effect == "vm-started" and not machine.generalized:
        await cloud.in_thread(machine.guest.start)
        machine.platform_power, machine.transition = "running", ""
        machine.touch()
    elif effect in ("vm-deleted", "vm-replaced"):
        await cloud.in_thread(machine.guest.power_off)
        del cloud.machines[machine.id.lower()]
        disks = [disk for disk in cloud.disks.values() if disk.machine is machine]
        for disk in disks:
            del cloud.disks[disk.id.lower()]
        if effect == "vm-replaced":
            await _replace(cloud, machine)


async def _replace(cloud: Cloud, gone: Machine) -> None:
    """Put another VM in the place of one that was deleted: same name, of an equal disk, and running."""
    documents = gone.documents
    model = merge(documents.model, {"properties": {"vmId": _another(gone.id)}, "tags": None})
    disk = documents.os_disk
    if "id" in disk:
        disk = merge(disk, {"properties": {"uniqueId": _another(str(disk["id"]))}})
    made = Machine.of(documents.model_copy(update={"model": model, "os_disk": disk}), gone.guest)
    made.platform_power, made.generalized = "running", False
    await cloud.in_thread(gone.guest.start)
    cloud.add(made)


def _another(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
