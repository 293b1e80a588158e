"""Disks: get, beginGetAccess, endGetAccess."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.cloud import Cloud
from lab.arm.disk import Disk
from lab.arm.json_response import ArmJson
from lab.arm.locks import refuse_if_locked


async def get(call: Call) -> Response:
    """GET a disk."""
    return ArmJson(await call.disk().model(call.cloud.in_thread))


async def begin_get_access(call: Call) -> Response:
    """POST beginGetAccess: share the disk for reading.

    Refused while the VM is allocated. A second call while a SAS is outstanding gives the same one (not verified).
    """
    disk = call.disk()
    refuse_if_locked(call.cloud, disk.id, "write")
    content = await call.content()
    if content.get("access") != "Read":
        raise errors.not_in_the_lab(f"access '{content.get('access')}' to a disk: it knows Read only")
    if str(content.get("fileFormat", "VHD")).upper() != "VHD":
        raise errors.not_in_the_lab("disk exports other than VHD")
    seconds = content.get("durationInSeconds")
    if not isinstance(seconds, int) or seconds <= 0:
        raise errors.body_invalid("durationInSeconds is a positive number")
    if disk.machine.platform_power != "deallocated":
        raise errors.disk_in_use(disk.name, disk.machine.id)
    if disk.network_access_policy == "DenyAll":
        raise errors.disk_denied(disk.name)
    work = _shared(call, disk, timedelta(seconds=seconds))
    return call.cloud.operations.accepted(call.cloud.operations.start(work, call.api_version, "DiskOperations"))


async def end_get_access(call: Call) -> Response:
    """POST endGetAccess: every read with the old URL is refused from now on."""
    disk = call.disk()
    refuse_if_locked(call.cloud, disk.id, "write")
    work = _revoked(call, disk)
    return call.cloud.operations.accepted(call.cloud.operations.start(work, call.api_version, "DiskOperations"))


async def read_blob(cloud: Cloud, request: Request) -> Response:
    """Answer HEAD or GET of a shared blob."""
    return await cloud.blobs.read(request, cloud.in_thread)


async def _shared(call: Call, disk: Disk, lifetime: timedelta) -> dict[str, Any]:
    await call.take_time()
    if not disk.access:
        disk.access = call.cloud.blobs.share(
            "abcd", disk, kind="PageBlob", lifetime=lifetime, public=disk.public, owner=disk.machine.id
        )
    return {"accessSAS": disk.access}


async def _revoked(call: Call, disk: Disk) -> None:
    await call.take_time()
    if disk.access:
        call.cloud.blobs.revoke(disk.access)
        disk.access = ""
