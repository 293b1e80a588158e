"""The tags resource of a VM or a resource group: the same tags as in its own document.

Shapes and operations are those of the public API (Microsoft.Resources, Tags at scope). Our own: Delete takes a tag
by its name where the value is empty, else only where the value is the same too; names compare in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.json_response import ArmJson
from lab.arm.locks import refuse_if_locked
from lab.arm.machine import Machine
from lab.arm.resource_group import ResourceGroup

Find = Callable[[Call], Machine | ResourceGroup]
"""Finds what the path names: `Call.machine` or `Call.group`."""


async def get(find: Find, call: Call) -> Response:
    """GET the tags."""
    return _answer(find(call))


async def put(find: Find, call: Call) -> Response:
    """PUT the tags, which replaces all of them."""
    owner = find(call)
    refuse_if_locked(call.cloud, owner.id, "write")
    _set(owner, _sent(await call.content()))
    return _answer(owner)


async def patch(find: Find, call: Call) -> Response:
    """PATCH the tags: merge, replace or delete some of them."""
    owner = find(call)
    refuse_if_locked(call.cloud, owner.id, "write")
    content = await call.content()
    change = _CHANGES.get(str(content.get("operation", "")).lower())
    if change is None:
        raise errors.body_invalid("operation is Merge, Replace or Delete")
    _set(owner, change(owner.tags or {}, _sent(content)))
    return _answer(owner)


async def delete(find: Find, call: Call) -> Response:
    """DELETE all tags."""
    owner = find(call)
    refuse_if_locked(call.cloud, owner.id, "write")
    _set(owner, {})
    return Response(status_code=200)


def merged(tags: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, str]:
    """Return `tags` with those of `sent` added or given their value."""
    known = {name.lower(): name for name in tags}
    return dict(tags) | {known.get(name.lower(), name): value for name, value in sent.items()}


def without(tags: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, str]:
    """Return `tags` without those of `sent`."""
    gone = {name.lower(): value for name, value in sent.items()}
    return {name: value for name, value in tags.items() if gone.get(name.lower()) not in ("", value)}


_CHANGES: dict[str, Callable[[Mapping[str, str], Mapping[str, str]], dict[str, str]]] = {
    "merge": merged,
    "replace": lambda _tags, sent: dict(sent),
    "delete": without,
}


def _sent(content: dict[str, Any]) -> dict[str, str]:
    properties = content.get("properties")
    tags = properties.get("tags", {}) if isinstance(properties, dict) else None
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise errors.body_invalid("properties.tags is an object of strings")
    return tags


def _set(owner: Machine | ResourceGroup, tags: dict[str, str]) -> None:
    owner.tags = tags
    if isinstance(owner, Machine):
        owner.touch()


def _answer(owner: Machine | ResourceGroup) -> Response:
    return ArmJson(
        {
            "id": f"{owner.id}/providers/Microsoft.Resources/tags/default",
            "name": "default",
            "type": "Microsoft.Resources/tags",
            "properties": {"tags": dict(owner.tags or {})},
        }
    )
