"""Management locks: listing them, and what they refuse."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.cloud import Cloud
from lab.arm.json_response import value_list
from lab.scenario import LockSpec


def locks_on(cloud: Cloud, scope: str) -> list[LockSpec]:
    """Return the locks that hold at `scope`: its own, and those of the scopes above it."""
    return [lock for lock in cloud.locks if f"{scope.lower()}/".startswith(f"{lock.scope.lower()}/")]


def refuse_if_locked(cloud: Cloud, scope: str, action: str) -> None:
    """Raise ScopeLocked where a lock forbids `action` (`write` or `delete`) at `scope`.

    ReadOnly forbids both, and so every POST. CanNotDelete forbids `delete`, as which a deallocate counts
    (azure-docs#50385).
    """
    forbidding = [lock.scope for lock in locks_on(cloud, scope) if lock.level == "ReadOnly" or action == "delete"]
    if forbidding:
        raise errors.locked(scope, action, forbidding)


async def at_subscription(call: Call) -> Response:
    """GET the locks of the subscription and of everything in it."""
    call.cloud.check_group(call.name("subscription"))
    return value_list([_model(lock) for lock in call.cloud.locks])


async def at_group(call: Call) -> Response:
    """GET the locks that hold at a resource group, and those below it."""
    call.cloud.check_group(call.name("subscription"), call.name("group"))
    scope = f"/subscriptions/{call.name('subscription')}/resourceGroups/{call.name('group')}".lower()
    below = [lock for lock in call.cloud.locks if lock.scope.lower().startswith(f"{scope}/")]
    return value_list([_model(lock) for lock in locks_on(call.cloud, scope) + below])


async def at_machine(call: Call) -> Response:
    """GET the locks that hold at a VM, inherited ones included."""
    return value_list([_model(lock) for lock in locks_on(call.cloud, call.machine().id)])


async def at_disk(call: Call) -> Response:
    """GET the locks that hold at a disk, inherited ones included."""
    return value_list([_model(lock) for lock in locks_on(call.cloud, call.disk().id)])


def _model(lock: LockSpec) -> dict[str, Any]:
    properties = {"level": lock.level} | ({"notes": lock.notes} if lock.notes else {})
    return {
        "properties": properties,
        "id": f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}",
        "type": "Microsoft.Authorization/locks",
        "name": lock.name,
    }
