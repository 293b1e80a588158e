"""Resource groups: list, get, and whether one exists. The lab neither makes nor deletes any."""

from __future__ import annotations

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.errors import ArmError
from lab.arm.json_response import ArmJson
from lab.arm.paging import page_of


async def list_subscription(call: Call) -> Response:
    """GET the resource groups of the subscription."""
    call.cloud.check_group(call.name("subscription"))
    if call.query("$filter"):
        raise errors.not_in_the_lab("a $filter of resource groups: list all of them")
    page = page_of(call, list(call.cloud.groups.values()))
    return page.response([group.model() for group in page.items])


async def get(call: Call) -> Response:
    """GET a resource group."""
    return ArmJson(call.group().model())


async def exists(call: Call) -> Response:
    """HEAD a resource group: 204 where it exists, and a 404 without a body where not."""
    try:
        call.group()
    except ArmError as error:
        return Response(status_code=error.status, headers={"x-ms-failure-cause": "gateway"})
    return Response(status_code=204)
