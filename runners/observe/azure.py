"""ARM's JSON -> `AzureFacts`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from checks.facts import AgentStatus, AzureFacts, DiskEncryption, Extension, Fact, Lock, OsDisk
from runners.azure import Arm, power_state
from runners.errors import AzureError
from runners.scheduler import Scheduler

T = TypeVar("T")
Json = Mapping[str, Any]


async def observe_azure(arm: Arm, scheduler: Scheduler, vm: str, *, reads: int = 1) -> AzureFacts:
    """Observe a VM through ARM: its model, instance view (`reads` times), extensions, OS disk, and the locks of both.

    Raises `AzureError` when the VM itself can't be read; whatever else can't be read becomes an unknown fact.
    """
    model = await scheduler.call(arm.virtual_machine, vm)
    views: list[Json | AzureError] = []
    for number in range(reads):
        if number:
            await scheduler.pause(min(arm.cloud.poll_seconds, 5.0))
        views.append(await _attempt(scheduler, arm.instance_view, vm))
    extensions = await _attempt(scheduler, arm.extensions, vm)
    disk_id = _at(model, "properties", "storageProfile", "osDisk", "managedDisk", "id")
    locks = await _locks(arm, scheduler, (vm, disk_id) if disk_id else (vm,))
    disk: Json | AzureError | None = await _attempt(scheduler, arm.disk, disk_id) if disk_id else None
    return azure_facts(model, views, extensions, locks, disk)


async def observe_machine(arm: Arm, scheduler: Scheduler, vm: str) -> tuple[str, str]:
    """Return the vmId of a VM and the ARM id of its OS disk, by one call. Raises `AzureError`."""
    model = await scheduler.call(arm.virtual_machine, vm)
    disk = _at(model, "properties", "storageProfile", "osDisk", "managedDisk", "id")
    return str(_at(model, "properties", "vmId") or ""), str(disk or "")


async def _locks(arm: Arm, scheduler: Scheduler, scopes: Sequence[str]) -> list[Json] | AzureError:
    """Return the locks that apply at any of `scopes`, each once, or why those of one could not be listed.

    A lock on the OS disk alone does not show at the VM, and refuses the read access that the witness needs.
    """
    found: dict[str, Json] = {}
    for scope in scopes:
        locks = await _attempt(scheduler, arm.locks, scope)
        if isinstance(locks, AzureError):
            return locks
        for lock in locks:
            found.setdefault(str(lock.get("id", "")).lower() or json.dumps(lock, sort_keys=True), lock)
    return list(found.values())


async def _attempt(scheduler: Scheduler, function: Callable[[str], T], argument: str) -> T | AzureError:
    try:
        return await scheduler.call(function, argument)
    except AzureError as error:
        return error


def azure_facts(
    model: Json,
    views: Sequence[Json | AzureError],
    extensions: Sequence[Json] | AzureError,
    locks: Sequence[Json] | AzureError,
    disk: Json | AzureError | None,
) -> AzureFacts:
    """Return the facts in ARM's answers; an answer that is an error makes its facts unknown. Pure."""
    properties = model.get("properties") or {}
    os_disk = _at(properties, "storageProfile", "osDisk") or {}
    view = views[-1]
    diagnostics = _at(properties, "diagnosticsProfile", "bootDiagnostics", "enabled")
    return AzureFacts(
        id=str(model.get("id", "")),
        name=str(model.get("name", "")),
        vm_id=str(properties.get("vmId", "")),
        location=str(model.get("location", "")),
        platform=str(os_disk.get("osType", "")).lower(),
        power_state=_read(view, _power),
        generalized=_generalized(views),
        agent=_read(view, _agent),
        extensions=_read(extensions, lambda found: Fact.of(tuple(_extension(item) for item in found))),
        locks=_read(locks, lambda found: Fact.of(tuple(_lock(item) for item in found))),
        disk_encryption=_read(view, _disk_encryption),
        model_encryption=Fact.of(bool(_at(os_disk, "encryptionSettings", "enabled"))),
        security_type=_security_type(properties),
        os_disk=Fact.missing() if disk is None else _read(disk, lambda found: Fact.of(managed_disk(found))),
        data_disks=Fact.of(tuple(_data_disk(item) for item in _at(properties, "storageProfile", "dataDisks") or [])),
        serial_log=Fact.of(bool(diagnostics)),
        # Others' tags are no business of ours, and people put secrets into them.
        tags=Fact.of({str(key): str(value) for key, value in (model.get("tags") or {}).items() if _ours(str(key))}),
        etag=str(model.get("etag", "")),
    )


def _ours(tag: str) -> bool:
    return tag.lower().startswith("sealproof")


def _read(answer: T | AzureError, parse: Callable[[T], Fact[Any]]) -> Fact[Any]:
    return Fact.unknown(str(answer)) if isinstance(answer, AzureError) else parse(answer)


def _power(view: Json) -> Fact[str]:
    # {"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"}; may be missing on a failed VM.
    state = power_state(view)
    return Fact.of(state) if state else Fact.unknown("the platform reports no power state for this VM")


def _generalized(views: Sequence[Json | AzureError]) -> Fact[tuple[bool, ...]]:
    flags: list[bool] = []
    for view in views:
        if isinstance(view, AzureError):
            return Fact.unknown(str(view))
        statuses = view.get("statuses")
        if statuses is None:
            return Fact.unknown("the instance view has no `statuses`, so it does not say whether the VM is generalized")
        # OSState/specialized exists as well: match the exact code, not its prefix.
        flags.append(any(status.get("code") == "OSState/generalized" for status in statuses))
    return Fact.of(tuple(flags))


def _agent(view: Json) -> Fact[AgentStatus]:
    agent = view.get("vmAgent")
    if not agent:
        return Fact.missing()
    statuses = agent.get("statuses") or []
    if not statuses:
        return Fact.unknown("the platform lists the agent without a status")
    last = statuses[-1]
    return Fact.of(
        AgentStatus(
            version=str(agent.get("vmAgentVersion", "")),
            display_status=str(last.get("displayStatus", "")),
            time=str(last.get("time", "")),
        )
    )


def _disk_encryption(view: Json) -> Fact[tuple[DiskEncryption, ...]]:
    # Only the instance view tells single-pass Azure Disk Encryption:
    # {"name": "os", "encryptionSettings": [{"enabled": true}], "statuses": [{"code": "EncryptionState/encrypted"}]}
    # A VM keeps `disks` in every power state; without them nothing is said, and that is not "not encrypted".
    disks = view.get("disks")
    if not disks:
        return Fact.unknown("the instance view lists no `disks`, so it does not say whether they are encrypted")
    found = []
    for disk in disks:
        states = [
            item for item in disk.get("statuses") or [] if str(item.get("code", "")).startswith("EncryptionState/")
        ]
        enabled = any(bool(item.get("enabled")) for item in disk.get("encryptionSettings") or [])
        encrypted = any(item.get("code") != "EncryptionState/notEncrypted" for item in states)
        status = ", ".join(str(item.get("displayStatus", "")) for item in states)
        found.append(DiskEncryption(disk=str(disk.get("name", "")), enabled=enabled or encrypted, status=status))
    return Fact.of(tuple(found))


def _security_type(properties: Json) -> Fact[str]:
    # {"securityType": "TrustedLaunch", "uefiSettings": {...}}; {"encryptionAtHost": true} alone says nothing of it.
    kind = _at(properties, "securityProfile", "securityType")
    return Fact.of(str(kind)) if kind else Fact.missing()


def _extension(item: Json) -> Extension:
    properties = item.get("properties") or {}
    return Extension(
        name=str(item.get("name", "")),
        publisher=str(properties.get("publisher", "")),
        type=str(properties.get("type", "")),
        provisioning_state=str(properties.get("provisioningState", "")),
    )


def _lock(item: Json) -> Lock:
    # id: {scope}/providers/Microsoft.Authorization/locks/{name}
    scope = str(item.get("id", "")).partition("/providers/Microsoft.Authorization/")[0]
    return Lock(name=str(item.get("name", "")), level=str(_at(item, "properties", "level") or ""), scope=scope)


def managed_disk(disk: Json) -> OsDisk:
    """Return the facts in ARM's document of a managed disk or of a snapshot. Pure."""
    properties = disk.get("properties") or {}
    return OsDisk(
        id=str(disk.get("id", "")),
        name=str(disk.get("name", "")),
        unique_id=str(properties.get("uniqueId", "")),
        size_bytes=int(properties.get("diskSizeBytes") or 0),
        network_access_policy=str(properties.get("networkAccessPolicy") or "AllowAll"),
        public_network_access=str(properties.get("publicNetworkAccess") or "Enabled"),
        disk_access_id=str(properties.get("diskAccessId") or ""),
        encryption_settings_enabled=bool(_at(properties, "encryptionSettingsCollection", "enabled")),
        security_type=str(_at(properties, "securityProfile", "securityType") or ""),
        disk_state=str(properties.get("diskState") or ""),
        encryption=str(_at(properties, "encryption", "type") or ""),
        managed_by=str(disk.get("managedBy") or ""),
        data_access_auth_mode=str(properties.get("dataAccessAuthMode") or ""),
    )


def _data_disk(item: Json) -> str:
    return str(_at(item, "managedDisk", "id") or item.get("name", ""))


def _at(document: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document
