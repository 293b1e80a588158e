"""Snapshots: create, get, list, delete, share.

Recorded in test_snapshot_incremental and test_snapshot_access: 202 with the document as it was given, and an operation
whose output is the whole one. What a snapshot holds is the disk at the time of the request. A simulated guest may run
meanwhile; of a real one that runs none is taken, since the lab would copy a file while QEMU writes to it (Azure takes
a crash-consistent one). The lab's own: that only a complete snapshot is shared or copied.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lab.arm import disk_access, errors
from lab.arm.call import Call
from lab.arm.cloud import Cloud
from lab.arm.disk import Disk
from lab.arm.json_response import ArmJson
from lab.arm.locks import refuse_if_locked
from lab.arm.paging import page_of
from lab.arm.snapshot import GIB, Snapshot
from lab.guests.frozen_disk import EmptyDisk, FrozenDisk

_OPTIONS = ("Copy", "CopyStart", "Empty")


async def put(call: Call) -> Response:
    """PUT a snapshot: copy a disk or another snapshot, make an empty one, or change an old one but its source."""
    id_ = _id(call)
    refuse_if_locked(call.cloud, id_, "write")
    given = _given(await call.content())
    old = call.cloud.snapshots.get(id_.lower())
    if old is not None:
        if given["properties"]["creationData"] != old.given["properties"]["creationData"]:
            raise errors.property_unchangeable("creationData")
        old.given = given | {"properties": old.given["properties"] | given["properties"]}
        old.provisioning = "Updating"
        return _accepted(call, old, _updated(call, old))
    source = _source(call, given["properties"]["creationData"])
    if isinstance(source, Disk):
        await _refuse_if_real_and_running(call, source)
    document = {} if source is None else source.document if isinstance(source, Disk) else source.model()
    snapshot = Snapshot(id_, given, document, owner=source.owner if source else "")
    call.cloud.snapshots[id_.lower()] = snapshot
    return _accepted(call, snapshot, _created(call, snapshot, source))


async def get(call: Call) -> Response:
    """GET a snapshot."""
    return ArmJson(find(call).model())


async def list_group(call: Call) -> Response:
    """GET the snapshots of a resource group."""
    group = call.name("group")
    call.cloud.check_group(call.name("subscription"), group)
    snapshots = call.cloud.snapshots.values()
    return _listed(call, [item for item in snapshots if item.resource_group.lower() == group.lower()])


async def list_subscription(call: Call) -> Response:
    """GET the snapshots of the subscription."""
    call.cloud.check_group(call.name("subscription"))
    return _listed(call, list(call.cloud.snapshots.values()))


async def delete(call: Call) -> Response:
    """DELETE a snapshot; 204 where there is none. Refused while it is shared."""
    id_ = _id(call)
    snapshot = call.cloud.snapshots.get(id_.lower())
    if snapshot is None:
        return Response(status_code=204)
    refuse_if_locked(call.cloud, id_, "delete")
    if snapshot.shared:
        raise errors.disk_shared(snapshot.name)
    operations = call.cloud.operations
    return operations.accepted(operations.start(_deleted(call, snapshot), call.api_version, "DiskOperations"))


async def begin_get_access(call: Call) -> Response:
    """POST beginGetAccess: share the snapshot for reading."""
    snapshot = find(call)
    lifetime = await disk_access.wanted_lifetime(call, snapshot)
    if snapshot.content is None:
        raise errors.snapshot_incomplete(snapshot.name)
    return disk_access.begin(call, snapshot, lifetime)


async def end_get_access(call: Call) -> Response:
    """POST endGetAccess: every read with the old URL is refused from now on."""
    return disk_access.end(call, find(call))


def _listed(call: Call, snapshots: list[Snapshot]) -> Response:
    page = page_of(call, snapshots)
    return page.response([item.model() for item in page.items])


def _id(call: Call) -> str:
    return f"{call.group().id}/providers/Microsoft.Compute/snapshots/{call.name('snapshot')}"


def find(call: Call) -> Snapshot:
    """Return the snapshot that the call names, or raise ARM's 404."""
    snapshot = call.cloud.snapshots.get(_id(call).lower())
    if snapshot is None:
        raise errors.resource_missing("snapshots", call.name("snapshot"), call.name("group"))
    return snapshot


def _given(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a PUT may say, checked."""
    if not isinstance(content.get("location"), str) or not content["location"]:
        raise errors.location_missing()
    properties = content.get("properties")
    if not isinstance(properties, dict):
        raise errors.body_invalid("properties are an object")
    creation = properties.get("creationData")
    if not isinstance(creation, dict):
        raise errors.body_invalid("properties.creationData says what the snapshot is made from")
    option = creation.get("createOption")
    if option not in _OPTIONS:
        raise errors.not_in_the_lab(f"a snapshot by createOption '{option}': it knows {', '.join(_OPTIONS)}")
    gigabytes = properties.get("diskSizeGB", 0)
    if not isinstance(gigabytes, int) or (option == "Empty" and gigabytes < 1):
        raise errors.body_invalid("properties.diskSizeGB is a number of GiB")
    for key in ("tags", "sku"):
        if not isinstance(content.get(key, {}), dict):
            raise errors.body_invalid(f"{key} is an object")
    return {key: content[key] for key in ("location", "tags", "sku", "properties") if content.get(key) is not None}


def _source(call: Call, creation: dict[str, Any]) -> Disk | Snapshot | None:
    if creation["createOption"] == "Empty":
        return None
    wanted = str(creation.get("sourceResourceId", ""))
    source = call.cloud.disks.get(wanted.lower()) or call.cloud.snapshots.get(wanted.lower())
    if source is None or (isinstance(source, Snapshot) and source.content is None):
        raise errors.source_missing(wanted)
    return source


async def _refuse_if_real_and_running(call: Call, disk: Disk) -> None:
    guest = disk.machine.guest
    if guest.provenance == "real" and await call.cloud.in_thread(guest.power) == "running":
        raise errors.snapshot_of_running(disk.name, disk.machine.name)


def _accepted(call: Call, snapshot: Snapshot, work: Any) -> Response:
    operation = call.cloud.operations.start(work, call.api_version, "DiskOperations")
    return ArmJson(snapshot.accepted(), 202, headers=call.cloud.operations.headers(operation))


async def _created(call: Call, snapshot: Snapshot, source: Disk | Snapshot | None) -> dict[str, Any]:
    try:
        content: FrozenDisk | None
        if source is None:
            content = EmptyDisk(snapshot.given["properties"]["diskSizeGB"] * GIB)
        elif isinstance(source, Snapshot):
            content = source.content
        else:
            content = await call.cloud.in_thread(source.machine.guest.freeze_disk)
        await call.take_time()
        snapshot.content = content
        snapshot.provisioning = "Succeeded"
    finally:
        if snapshot.content is None:
            _forget(call.cloud, snapshot)
    return snapshot.model()


async def _updated(call: Call, snapshot: Snapshot) -> dict[str, Any]:
    await call.take_time()
    snapshot.provisioning = "Succeeded"
    return snapshot.model()


async def _deleted(call: Call, snapshot: Snapshot) -> None:
    await call.take_time()
    _forget(call.cloud, snapshot)


def _forget(cloud: Cloud, snapshot: Snapshot) -> None:
    if cloud.snapshots.get(snapshot.id.lower()) is snapshot:
        del cloud.snapshots[snapshot.id.lower()]
