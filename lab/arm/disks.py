"""Disks: get, list, share."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from lab.arm import disk_access, errors
from lab.arm.call import Call
from lab.arm.cloud import Cloud
from lab.arm.disk import Disk
from lab.arm.json_response import ArmJson
from lab.arm.paging import page_of


async def get(call: Call) -> Response:
    """GET a disk."""
    return ArmJson(await call.disk().model(call.cloud.in_thread))


async def list_group(call: Call) -> Response:
    """GET the disks of a resource group."""
    group = call.name("group")
    call.cloud.check_group(call.name("subscription"), group)
    return await _listed(call, [disk for disk in call.cloud.disks.values() if disk.resource_group == group.lower()])


async def list_subscription(call: Call) -> Response:
    """GET the disks of the subscription."""
    call.cloud.check_group(call.name("subscription"))
    return await _listed(call, list(call.cloud.disks.values()))


async def begin_get_access(call: Call) -> Response:
    """POST beginGetAccess: share the disk for reading. Refused while the VM is allocated."""
    disk = call.disk()
    lifetime = await disk_access.wanted_lifetime(call, disk)
    if disk.machine.platform_power != "deallocated":
        raise errors.disk_in_use(disk.name, disk.machine.id)
    return disk_access.begin(call, disk, lifetime)


async def end_get_access(call: Call) -> Response:
    """POST endGetAccess: every read with the old URL is refused from now on."""
    return disk_access.end(call, call.disk())


async def read_blob(cloud: Cloud, request: Request) -> Response:
    """Answer HEAD or GET of a shared blob."""
    await asyncio.sleep(cloud.scenario.pace.blob_seconds)
    return await cloud.blobs.read(request, cloud.in_thread)


async def _listed(call: Call, disks: list[Disk]) -> Response:
    page = page_of(call, disks)
    return page.response([await disk.model(call.cloud.in_thread) for disk in page.items])
