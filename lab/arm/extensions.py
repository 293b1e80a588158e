"""VM extensions: listing them."""

from __future__ import annotations

from starlette.responses import Response

from lab.arm.call import Call
from lab.arm.json_response import value_list


async def list_of_machine(call: Call) -> Response:
    """GET the extensions of a VM."""
    return value_list(list(call.machine().documents.extensions))
