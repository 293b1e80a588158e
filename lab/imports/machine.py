"""One VM's documents -> one machine of a scenario, and what was left out of it. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import get_args

from lab.imports import allow_list
from lab.imports.exported import Exported, ExportError, os_disk_id
from lab.imports.sieve import Sieve
from lab.scenario import Document, Power
from runners.azure import power_state
from runners.resource_id import ResourceId

GUESTS: dict[str, Document] = {
    "linux": {
        "answers": "debian-healthy",
        "disk": "linux-configured",
        "on_launch": {
            "seconds": 1,
            "disk": "linux-sealed",
            "without_clean": "linux-residue",
            "transcript": "debian-sealed",
        },
    },
    "windows": {
        "answers": "windows-healthy",
        "disk": "windows-configured",
        "on_launch": {"seconds": 1, "disk": "windows-sealed"},
    },
}
"""What an imported machine has inside: nothing of that is known from ARM."""
_TREATMENT: dict[str, Document] = {
    "linux": {"clean": ["machine-id", "passwd-backups", "sudoers"], "deprovision_user": "azureuser"},
    "windows": {},
}


@dataclass(frozen=True, slots=True)
class ImportedMachine:
    """A machine for a scenario file."""

    subscription: str
    location: str
    spec: Document
    """As `machines:` of a scenario has it."""
    target: Document
    """As `fleet: {targets: ...}` has it."""
    locks: tuple[Document, ...]
    """As `locks:` of a scenario has them: those of the subscription and of groups may be other machines' as well."""
    left_out: Sieve
    invented: tuple[str, ...]
    """What stands in for documents that were not given, as sentences."""


def imported_machine(exported: Exported) -> ImportedMachine:
    """Return the machine that the documents describe. Raises `ExportError` for one that the lab can't play."""
    sieve = Sieve()
    model = sieve.keep(exported.model, allow_list.VIRTUAL_MACHINE, "vm")
    at, platform, vm_id = _identity(exported, model)
    spec: Document = {
        "name": at.name,
        "resource_group": at.group,
        "platform": platform,
        "vm_id": vm_id,
        "model": {"inline": model},
    }
    invented = [f"The guest: all that is inside is the lab's healthy {platform} guest, its disk included."]
    _add_view(spec, exported, sieve, invented)
    _add_disk(spec, exported, sieve, invented)
    extensions = [
        sieve.keep(item, allow_list.EXTENSION, f"extensions[{index}]")
        for index, item in enumerate(exported.extensions or [])
    ]
    if extensions:
        spec["extensions"] = [{"inline": item} for item in extensions]
    if exported.extensions is None:
        invented.append("The extensions: the VM's document lists none and none was given, so there are none.")
    spec["guest"] = {"simulated": GUESTS[platform]}
    target = {"name": at.name, "platform": platform, "id": model["id"], "vm_id": vm_id} | _TREATMENT[platform]
    return ImportedMachine(
        subscription=at.subscription,
        location=str(model.get("location", "")),
        spec=spec,
        target=target,
        locks=_locks(exported, sieve),
        left_out=sieve,
        invented=tuple(invented),
    )


def _identity(exported: Exported, model: Document) -> tuple[ResourceId, str, str]:
    """Return the VM's ARM id taken apart, its platform and its vmId."""
    try:
        at = ResourceId.of_vm(str(model.get("id", "")))
    except ValueError as error:
        raise ExportError(f"{exported.source}: {error}.") from None
    properties = model.get("properties") or {}
    platform = str(properties.get("storageProfile", {}).get("osDisk", {}).get("osType", "")).lower()
    if platform not in GUESTS:
        raise ExportError(f"VM {at.name}: storageProfile.osDisk.osType is {platform!r}; Linux or Windows is expected.")
    try:
        vm_id = str(uuid.UUID(str(properties.get("vmId", ""))))
    except ValueError:
        raise ExportError(f"VM {at.name}: its document has no usable `vmId`. Give the whole of `az vm show`.") from None
    if not os_disk_id(model):
        raise ExportError(f"VM {at.name}: its OS disk is no managed disk, and the lab knows only those.")
    return at, platform, vm_id


def _add_view(spec: Document, exported: Exported, sieve: Sieve, invented: list[str]) -> None:
    """Add the instance view, and what it says of the power and of the flag."""
    if exported.view is None:
        invented.append("The instance view: it was not given, so the VM runs, with the lab's own agent and statuses.")
        return
    view = sieve.keep(exported.view, allow_list.INSTANCE_VIEW, "instanceView") or {}
    power = power_state(view) or "running"
    if power not in get_args(Power):
        raise ExportError(
            f"VM {spec['name']}: its power state is {power!r}. Export it again when it is "
            f"{', '.join(get_args(Power))}; the lab starts machines in these states only."
        )
    spec["power"] = power
    if any(status.get("code") == "OSState/generalized" for status in view.get("statuses") or []):
        spec["generalized"] = True
    if power == "deallocated":
        invented.append(
            "The agent: Azure shows none while the VM is deallocated, so once started it has the lab's own."
        )
        spec["instance_view"] = {"patch": view}
    else:
        spec["instance_view"] = {"inline": view}


def _add_disk(spec: Document, exported: Exported, sieve: Sieve, invented: list[str]) -> None:
    if exported.disk is None:
        invented.append("The OS disk's document: it was not given, so all but its name is the lab's own.")
        identity = os_disk_id(exported.model)
        spec["os_disk"] = {"patch": {"id": identity, "name": identity.rpartition("/")[2]}}
        return
    spec["os_disk"] = {"inline": sieve.keep(exported.disk, allow_list.DISK, "disk")}


def _locks(exported: Exported, sieve: Sieve) -> tuple[Document, ...]:
    """Return the locks that apply to the VM or to its OS disk, each once."""
    inside = [str(exported.model["id"]).lower(), os_disk_id(exported.model).lower()]
    found: dict[str, Document] = {}
    for index, item in enumerate(exported.locks):
        path = f"locks[{index}]"
        lock = sieve.keep(item, allow_list.LOCK, path)
        # /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Authorization/locks/NAME
        scope, _, name = str(lock.get("id", "")).rpartition("/providers/Microsoft.Authorization/locks/")
        if any(f"{identity}/".startswith(f"{scope.lower()}/") for identity in inside) and scope:
            level = str(lock.get("properties", {}).get("level", ""))
            found.setdefault(str(lock["id"]).lower(), {"name": name, "level": level, "scope": scope})
        else:
            sieve.others.append(path)
    return tuple(found.values())
