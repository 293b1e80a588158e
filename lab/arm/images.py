"""Managed images: create from a generalized VM, get, list, delete.

Recorded in test_vm_custom_image_management: PUT 201 and again 200, both with Azure-AsyncOperation alone, DELETE 202.
The refusal for a VM that is not generalized is quoted in terraform-provider-azurerm#7209; its status is by analogy.
Nothing can be made from the lab's images: they show that a client asked rightly.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.image import Image
from lab.arm.json_response import ArmJson
from lab.arm.locks import refuse_if_locked
from lab.arm.machine import Machine
from lab.arm.paging import page_of


async def put(call: Call) -> Response:
    """PUT an image, or the tags of an old one."""
    id_ = _id(call)
    refuse_if_locked(call.cloud, id_, "write")
    given = _given(await call.content())
    machine = _source(call, given)
    old = call.cloud.images.get(id_.lower())
    if old is not None:
        if given["properties"]["sourceVirtualMachine"]["id"].lower() != old.source.lower():
            raise errors.property_unchangeable("sourceVirtualMachine")
        old.given, old.provisioning = given, "Updating"
        return _begin(call, old, status=200)
    if not machine.generalized:
        raise errors.image_of_specialized(machine.name)
    image = Image(id_, given, machine.documents.model["properties"]["storageProfile"])
    call.cloud.images[id_.lower()] = image
    return _begin(call, image, status=201)


async def get(call: Call) -> Response:
    """GET an image."""
    return ArmJson(_find(call).model())


async def list_group(call: Call) -> Response:
    """GET the images of a resource group."""
    group = call.name("group")
    call.cloud.check_group(call.name("subscription"), group)
    images = call.cloud.images.values()
    return _listed(call, [item for item in images if item.resource_group.lower() == group.lower()])


async def list_subscription(call: Call) -> Response:
    """GET the images of the subscription."""
    call.cloud.check_group(call.name("subscription"))
    return _listed(call, list(call.cloud.images.values()))


async def delete(call: Call) -> Response:
    """DELETE an image; 204 where there is none."""
    id_ = _id(call)
    if id_.lower() not in call.cloud.images:
        return Response(status_code=204)
    image = _find(call)
    refuse_if_locked(call.cloud, id_, "delete")
    image.provisioning = "Deleting"
    return call.cloud.operations.accepted(call.cloud.operations.start(_deleted(call, image), call.api_version))


def _id(call: Call) -> str:
    group = call.group()
    return f"{group.id}/providers/Microsoft.Compute/images/{call.name('image')}"


def _find(call: Call) -> Image:
    image = call.cloud.images.get(_id(call).lower())
    if image is None:
        raise errors.resource_missing("images", call.name("image"), call.name("group"))
    return image


def _listed(call: Call, images: list[Image]) -> Response:
    page = page_of(call, images)
    return page.response([item.model() for item in page.items])


def _given(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a PUT may say, checked."""
    if not isinstance(content.get("location"), str) or not content["location"]:
        raise errors.location_missing()
    properties = content.get("properties")
    source = properties.get("sourceVirtualMachine") if isinstance(properties, dict) else None
    if not isinstance(source, dict) or not isinstance(source.get("id"), str):
        raise errors.not_in_the_lab("an image of anything but properties.sourceVirtualMachine.id")
    if not isinstance(content.get("tags", {}), dict):
        raise errors.body_invalid("tags are an object of strings")
    return {key: content[key] for key in ("location", "tags", "properties") if content.get(key) is not None}


def _source(call: Call, given: dict[str, Any]) -> Machine:
    wanted = given["properties"]["sourceVirtualMachine"]["id"]
    machine = call.cloud.machines.get(wanted.lower())
    if machine is None:
        raise errors.source_missing(wanted)
    return machine


def _begin(call: Call, image: Image, *, status: int) -> Response:
    operation = call.cloud.operations.start(_made(call, image), call.api_version)
    return ArmJson(image.model(), status, headers=call.cloud.operations.headers(operation, location=False))


async def _made(call: Call, image: Image) -> None:
    await call.take_time()
    image.provisioning, image.complete = "Succeeded", True


async def _deleted(call: Call, image: Image) -> None:
    await call.take_time()
    if call.cloud.images.get(image.id.lower()) is image:
        del call.cloud.images[image.id.lower()]
