"""Virtual machines: get, list, instance view, tags."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.api_versions import ETAG_SINCE
from lab.arm.call import Call
from lab.arm.json_response import ArmJson
from lab.arm.locks import refuse_if_locked
from lab.arm.machine import Machine
from lab.arm.paging import page_of


async def get(call: Call) -> Response:
    """GET a VM. The ETag header comes without $expand only; the body's since 2024-07-01 (recorded)."""
    machine = call.machine()
    expand = call.query("$expand").lower()
    if "instanceview" in expand:
        return ArmJson(_model(call, machine, await machine.view(call.cloud.in_thread)))
    return ArmJson(_model(call, machine), headers={"ETag": machine.etag})


async def view(call: Call) -> Response:
    """GET the bare instance view."""
    return ArmJson(await call.machine().view(call.cloud.in_thread))


async def list_group(call: Call) -> Response:
    """GET the VMs of a resource group."""
    group = call.name("group")
    call.cloud.check_group(call.name("subscription"), group)
    machines = [item for item in call.cloud.machines.values() if item.resource_group.lower() == group.lower()]
    return await _listed(call, machines)


async def list_subscription(call: Call) -> Response:
    """GET the VMs of the subscription; with statusOnly=true what they do, and little else.

    What Azure leaves out of a VM with statusOnly was not recorded: the lab keeps the names, the vmId and the instance
    view.
    """
    call.cloud.check_group(call.name("subscription"))
    machines = list(call.cloud.machines.values())
    if call.query("statusOnly").lower() != "true":
        return await _listed(call, machines)
    page = page_of(call, machines)
    views = await _views(call, page.items)
    return page.response([_status_only(machine, view) for machine, view in zip(page.items, views, strict=True)])


async def patch(call: Call) -> Response:
    """PATCH the tags, which replaces all of them. If-Match is honoured."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    wanted = call.request.headers.get("if-match", "*")
    if wanted not in ("*", machine.etag):
        raise errors.etag_mismatch(wanted, machine.etag)
    content = await call.content()
    if set(content) - {"tags"}:
        raise errors.not_in_the_lab(f"a PATCH of {', '.join(sorted(content))}: it knows tags only")
    tags = content.get("tags") or {}
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise errors.body_invalid("tags are an object of strings")
    machine.tags = dict(tags)
    machine.touch()
    machine.updates_in_progress += 1
    operation = call.cloud.operations.start(_updated(call, machine), call.api_version)
    headers = call.cloud.operations.headers(operation, location=False) | {"ETag": machine.etag}
    return ArmJson(_model(call, machine), headers=headers)


async def _updated(call: Call, machine: Machine) -> None:
    try:
        await call.take_time()
    finally:
        machine.updates_in_progress -= 1


async def _listed(call: Call, machines: list[Machine]) -> Response:
    page = page_of(call, machines)
    if "instanceview" not in call.query("$expand").lower():
        return page.response([_summary(call, machine) for machine in page.items])
    views = await _views(call, page.items)
    return page.response([_summary(call, machine, view) for machine, view in zip(page.items, views, strict=True)])


async def _views(call: Call, machines: Sequence[Machine]) -> list[dict[str, Any]]:
    return await asyncio.gather(*(item.view(call.cloud.in_thread) for item in machines))


def _model(call: Call, machine: Machine, view: dict[str, Any] | None = None) -> dict[str, Any]:
    model = machine.model(view=view)
    if call.api_version < ETAG_SINCE:
        del model["etag"]
    return model


def _summary(call: Call, machine: Machine, view: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the VM as lists have it: of its extensions the ids alone (azure-rest-api-specs#14459).

    The Azure CLI relies on it: `az vm list` ends in an error where an extension in a list has properties.
    """
    model = _model(call, machine, view)
    if "resources" in model:
        model["resources"] = [{"id": item["id"]} for item in model["resources"]]
    return model


def _status_only(machine: Machine, view: dict[str, Any]) -> dict[str, Any]:
    model = machine.model()
    properties = {key: model["properties"][key] for key in ("vmId", "provisioningState")}
    kept = {key: model[key] for key in ("name", "id", "type", "location")}
    return kept | {"properties": properties | {"instanceView": view}}
