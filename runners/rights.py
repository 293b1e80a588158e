"""Whether whoever signed in may do all that a run will ask of Azure. It is looked up before anything is done.

`docs/azure-roles/` holds the same actions as role definitions, one for each mode.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from checks.facts import AzureFacts
from reports.evidence import Mode
from runners.azure import Arm
from runners.errors import AzureError
from runners.fleet import Target
from runners.scheduler import Scheduler

_VM = "Microsoft.Compute/virtualMachines"
_DISK = "Microsoft.Compute/disks"
_LOCKS = "Microsoft.Authorization/locks/read"
_TAGS = ("Microsoft.Resources/tags/read", "Microsoft.Resources/tags/write")
_PERMISSIONS = "Microsoft.Authorization/permissions/read"
_LOOK = (f"{_VM}/read", f"{_VM}/instanceView/read", f"{_VM}/extensions/read", _LOCKS)
_LOOK_AT_DISK = (f"{_DISK}/read", _LOCKS)
_READ_DISK = (f"{_DISK}/beginGetAccess/action", f"{_DISK}/endGetAccess/action")


def actions_on_vm(mode: Mode, target: Target, platform: str) -> tuple[str, ...]:
    """Return the actions that a run in `mode` asks for on the VM itself, in the words of Azure's role definitions."""
    if mode == "confirm":
        return _LOOK
    command = (f"{_VM}/runCommand/action",) if target.channel == "run-command" else ()
    if mode == "observe":
        return _LOOK + command
    managed = tuple(f"{_VM}/runCommands/{verb}" for verb in ("write", "read", "delete"))
    return (
        *_LOOK,
        *command,
        *(managed if platform == "windows" and target.sysprep.run_as else ()),
        *(_TAGS if target.claim == "tags" else ()),
        f"{_VM}/deallocate/action",
        *((f"{_VM}/retrieveBootDiagnosticsData/action",) if platform == "linux" else ()),
        f"{_VM}/generalize/action",
    )


def actions_on_disk(mode: Mode) -> tuple[str, ...]:
    """Return the actions that a run in `mode` asks for on the OS disk."""
    return _LOOK_AT_DISK if mode == "observe" else _LOOK_AT_DISK + _READ_DISK


async def missing_rights(
    arm: Arm, scheduler: Scheduler, mode: Mode, target: Target, azure: AzureFacts
) -> tuple[str, ...]:
    """Return a sentence for each action that a run in `mode` needs on the VM or its OS disk, and may not perform.

    What could not be looked up is a sentence of its own: nothing begins on the chance that it is allowed.
    """
    found = await _missing(arm, scheduler, mode, target.id, actions_on_vm(mode, target, azure.platform))
    if azure.os_disk.known and not azure.os_disk.absent:
        found += await _missing(
            arm,
            scheduler,
            mode,
            azure.os_disk.value.id,
            actions_on_disk("observe" if target.witness == "guest" else mode),
        )
    return tuple(found)


async def missing_on_artifact(arm: Arm, scheduler: Scheduler, target: Target) -> tuple[str, ...]:
    """Return a sentence for each action that reading a disk or a snapshot by itself needs, and that is not allowed."""
    kind = f"Microsoft.Compute/{target.kind}s"
    actions = (f"{kind}/read", f"{kind}/beginGetAccess/action", f"{kind}/endGetAccess/action")
    return tuple(await _missing(arm, scheduler, "confirm", target.subject, actions))


async def _missing(arm: Arm, scheduler: Scheduler, mode: Mode, scope: str, actions: Iterable[str]) -> list[str]:
    try:
        permissions = await scheduler.call(arm.permissions, scope)
    except AzureError as error:
        return [
            f"nobody can tell whether this run may do all that it must, and {_PERMISSIONS} is there to ask: {error}"
        ]
    return [
        f"whoever signed in may not perform {action} over {scope}: assign docs/azure-roles/{mode}.json there, or any "
        "role that allows it, and run again after some minutes. Nothing was done"
        for action in actions
        if not allowed(permissions, action)
    ]


def allowed(permissions: Iterable[Mapping[str, Any]], action: str) -> bool:
    """Return whether one of the caller's permissions names `action` and does not take it out again.

    `{"actions": ["Microsoft.Compute/*/read"], "notActions": []}`: `*` stands for any text, and case says nothing.
    """
    return any(
        _named(item.get("actions") or (), action) and not _named(item.get("notActions") or (), action)
        for item in permissions
    )


def _named(patterns: Iterable[str], action: str) -> bool:
    return any(re.fullmatch(re.escape(item).replace(r"\*", ".*"), action, re.IGNORECASE) for item in patterns)
