"""What the caller may do at a resource, as ARM tells it: one entry for each role that holds there.

Source: Microsoft Learn, "Permissions - List For Resource". It was not recorded.
"""

from __future__ import annotations

from starlette.responses import Response

from lab.arm import access, snapshots
from lab.arm.call import Call
from lab.arm.json_response import value_list


async def at_machine(call: Call) -> Response:
    """GET what the caller may do with a VM."""
    return _permissions(call, call.machine().id)


async def at_disk(call: Call) -> Response:
    """GET what the caller may do with a disk."""
    return _permissions(call, call.disk().id)


async def at_snapshot(call: Call) -> Response:
    """GET what the caller may do with a snapshot."""
    return _permissions(call, snapshots.find(call).id)


def _permissions(call: Call, scope: str) -> Response:
    return value_list(
        [
            {
                "actions": list(role.actions),
                "notActions": list(role.not_actions),
                "dataActions": [],
                "notDataActions": [],
            }
            for role in access.holding(call.principal.roles, scope)
        ]
    )
