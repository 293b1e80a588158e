"""Every ARM operation that the lab plays, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from lab.arm import (
    diagnostics,
    disks,
    extensions,
    images,
    locks,
    managed_run_commands,
    network_interfaces,
    permissions,
    power,
    resource_groups,
    run_command,
    run_command_documents,
    snapshots,
    subscriptions,
    tags,
    virtual_machines,
)
from lab.arm.call import Call, Handler, Operation


@dataclass(frozen=True, slots=True)
class _Noun:
    """What the operations of one kind of resource have in common."""

    path: str
    name: str
    """In front of the operation's name: `virtualMachines` of `virtualMachines/generalize`."""
    right: str
    """In front of what a role must allow: `Microsoft.Compute/virtualMachines` of `.../generalize/action`."""

    def __call__(
        self, method: str, path: str, name: str, handler: Handler, right: str, bucket: str = "", *, signed: bool = False
    ) -> Operation:
        return Operation(
            method,
            f"{self.path}{path}",
            f"{self.name}/{name}".lstrip("/"),
            handler,
            f"{self.right}/{right}",
            bucket,
            signed,
        )


async def _poll(kind: str, call: Call) -> Response:
    call.cloud.check_group(call.name("subscription"))
    return call.cloud.operations.poll(kind, call.name("operation"), dict(call.request.query_params))


_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_COMPUTE = "/providers/Microsoft.Compute"
_MACHINE = f"{_GROUP}{_COMPUTE}/virtualMachines/{{vm}}"
_COMMAND = f"{_MACHINE}/runCommands/{{command}}"
_DISK = f"{_GROUP}{_COMPUTE}/disks/{{disk}}"

_IMAGES = "/providers/Microsoft.Compute/images"
_SNAPSHOTS = "/providers/Microsoft.Compute/snapshots"
_SNAPSHOT = f"{_GROUP}{_SNAPSHOTS}/{{snapshot}}"

_subscription = _Noun("/subscriptions", "subscriptions", "Microsoft.Resources/subscriptions")
_group = _Noun(_GROUP, "resourceGroups", "Microsoft.Resources/subscriptions/resourceGroups")
_groups = _Noun("", "resourceGroups", "Microsoft.Resources/subscriptions/resourceGroups")
_machines = _Noun("", "virtualMachines", "Microsoft.Compute/virtualMachines")
_machine = _Noun(_MACHINE, "virtualMachines", "Microsoft.Compute/virtualMachines")
_command = _Noun("", "runCommands", "Microsoft.Compute/virtualMachines/runCommands")
_disk = _Noun(_DISK, "disks", "Microsoft.Compute/disks")
_disks = _Noun("", "disks", "Microsoft.Compute/disks")
_snapshot = _Noun(_SNAPSHOT, "snapshots", "Microsoft.Compute/snapshots")
_snapshots = _Noun("", "snapshots", "Microsoft.Compute/snapshots")
_images = _Noun("", "images", "Microsoft.Compute/images")
_image = _Noun(f"{_GROUP}{_IMAGES}/{{image}}", "images", "Microsoft.Compute/images")
_locks = _Noun("", "locks", "Microsoft.Authorization/locks")
_location = _Noun(f"{_SUBSCRIPTION}{_COMPUTE}/locations/{{location}}", "", "Microsoft.Compute/locations")
_LOCKS = "/providers/Microsoft.Authorization/locks"
_permissions = _Noun("", "permissions", "Microsoft.Authorization/permissions")
_PERMISSIONS = "/providers/Microsoft.Authorization/permissions"

_NETWORK = "/providers/Microsoft.Network"
_network = _Noun("", "networkInterfaces", "Microsoft.Network/networkInterfaces")
_addresses = _Noun("", "publicIPAddresses", "Microsoft.Network/publicIPAddresses")
_tags = _Noun("", "tags", "Microsoft.Resources/tags")


def _tags_of(scope: str, name: str, find: tags.Find) -> tuple[Operation, ...]:
    path = f"{scope}/providers/Microsoft.Resources/tags/default"
    return (
        _tags("GET", path, f"getAt{name}", partial(tags.get, find), "read"),
        _tags("PUT", path, f"putAt{name}", partial(tags.put, find), "write"),
        _tags("PATCH", path, f"updateAt{name}", partial(tags.patch, find), "write"),
        _tags("DELETE", path, f"deleteAt{name}", partial(tags.delete, find), "delete"),
    )


OPERATIONS: tuple[Operation, ...] = (
    _subscription("GET", "", "list", subscriptions.list_all, "read"),
    _subscription("GET", "/{subscription}", "get", subscriptions.get, "read"),
    _groups("GET", f"{_SUBSCRIPTION}/resourceGroups", "list", resource_groups.list_subscription, "read"),
    _group("HEAD", "", "exists", resource_groups.exists, "read"),
    _group("GET", "", "get", resource_groups.get, "read"),
    *_tags_of(_MACHINE, "Machine", Call.machine),
    *_tags_of(_GROUP, "Group", Call.group),
    _machines(
        "GET",
        f"{_SUBSCRIPTION}{_COMPUTE}/virtualMachines",
        "listAll",
        virtual_machines.list_subscription,
        "read",
        "HighCostGet",
    ),
    _machines("GET", f"{_GROUP}{_COMPUTE}/virtualMachines", "list", virtual_machines.list_group, "read", "HighCostGet"),
    _machine("GET", "", "get", virtual_machines.get, "read", "LowCostGet"),
    _machine("PATCH", "", "update", virtual_machines.patch, "write", "UpdateVM"),
    _machine("GET", "/instanceView", "instanceView", virtual_machines.view, "instanceView/read", "LowCostGet"),
    _machine("GET", "/extensions", "extensions", extensions.list_of_machine, "extensions/read", "LowCostGet"),
    _machine("POST", "/powerOff", "powerOff", power.power_off, "powerOff/action", "UpdateVM"),
    _machine("POST", "/deallocate", "deallocate", power.deallocate, "deallocate/action", "DeleteVM"),
    _machine("POST", "/start", "start", power.start, "start/action", "UpdateVM"),
    _machine("POST", "/generalize", "generalize", power.generalize, "generalize/action", "UpdateVM"),
    _machine("POST", "/runCommand", "runCommand", run_command.run, "runCommand/action", "UpdateVM"),
    _machine(
        "POST",
        "/retrieveBootDiagnosticsData",
        "retrieveBootDiagnosticsData",
        diagnostics.retrieve,
        "retrieveBootDiagnosticsData/action",
        "LowCostGet",
    ),
    _command("GET", f"{_MACHINE}/runCommands", "list", managed_run_commands.list_of_machine, "read", "LowCostGet"),
    _command("GET", _COMMAND, "get", managed_run_commands.get, "read", "LowCostGet"),
    _command("PUT", _COMMAND, "put", managed_run_commands.put, "write", "UpdateVM"),
    _command("PATCH", _COMMAND, "update", managed_run_commands.patch, "write", "UpdateVM"),
    _command("DELETE", _COMMAND, "delete", managed_run_commands.delete, "delete", "UpdateVM"),
    _disk("GET", "", "get", disks.get, "read", "DiskGet"),
    _disk("POST", "/beginGetAccess", "beginGetAccess", disks.begin_get_access, "beginGetAccess/action", "DiskAccess"),
    _disk("POST", "/endGetAccess", "endGetAccess", disks.end_get_access, "endGetAccess/action", "DiskAccess"),
    _disks("GET", f"{_SUBSCRIPTION}{_COMPUTE}/disks", "listAll", disks.list_subscription, "read", "DiskList"),
    _disks("GET", f"{_GROUP}{_COMPUTE}/disks", "list", disks.list_group, "read", "DiskList"),
    _snapshot("GET", "", "get", snapshots.get, "read", "DiskGet"),
    _snapshot("PUT", "", "put", snapshots.put, "write", "DiskAccess"),
    _snapshot("DELETE", "", "delete", snapshots.delete, "delete", "DiskAccess"),
    _snapshot(
        "POST", "/beginGetAccess", "beginGetAccess", snapshots.begin_get_access, "beginGetAccess/action", "DiskAccess"
    ),
    _snapshot("POST", "/endGetAccess", "endGetAccess", snapshots.end_get_access, "endGetAccess/action", "DiskAccess"),
    _snapshots("GET", f"{_SUBSCRIPTION}{_SNAPSHOTS}", "listAll", snapshots.list_subscription, "read", "DiskList"),
    _snapshots("GET", f"{_GROUP}{_SNAPSHOTS}", "list", snapshots.list_group, "read", "DiskList"),
    _images("GET", f"{_SUBSCRIPTION}{_IMAGES}", "listAll", images.list_subscription, "read", "HighCostGetImages"),
    _images("GET", f"{_GROUP}{_IMAGES}", "list", images.list_group, "read", "HighCostGetImages"),
    _image("GET", "", "get", images.get, "read", "GetImages"),
    _image("PUT", "", "put", images.put, "write", "CreateImages"),
    _image("DELETE", "", "delete", images.delete, "delete", "DeleteImages"),
    _locks("GET", f"{_SUBSCRIPTION}{_LOCKS}", "listAtSubscription", locks.at_subscription, "read"),
    _locks("GET", f"{_GROUP}{_LOCKS}", "listAtGroup", locks.at_group, "read"),
    _locks("GET", f"{_MACHINE}{_LOCKS}", "listAtMachine", locks.at_machine, "read"),
    _locks("GET", f"{_DISK}{_LOCKS}", "listAtDisk", locks.at_disk, "read"),
    _permissions("GET", f"{_MACHINE}{_PERMISSIONS}", "listAtMachine", permissions.at_machine, "read"),
    _permissions("GET", f"{_DISK}{_PERMISSIONS}", "listAtDisk", permissions.at_disk, "read"),
    _permissions("GET", f"{_SNAPSHOT}{_PERMISSIONS}", "listAtSnapshot", permissions.at_snapshot, "read"),
    _network(
        "GET",
        f"{_SUBSCRIPTION}{_NETWORK}/networkInterfaces",
        "listAll",
        network_interfaces.list_subscription,
        "read",
    ),
    _network("GET", f"{_GROUP}{_NETWORK}/networkInterfaces/{{interface}}", "get", network_interfaces.get, "read"),
    _addresses(
        "GET",
        f"{_SUBSCRIPTION}{_NETWORK}/publicIPAddresses",
        "listAll",
        network_interfaces.list_public_addresses,
        "read",
    ),
    _location("GET", "/runCommands", "locations/runCommands", run_command_documents.list_location, "runCommands/read"),
    _location("GET", "/runCommands/{command}", "locations/runCommand", run_command_documents.get, "runCommands/read"),
    _location(
        "GET",
        "/operations/{operation}",
        "operations/get",
        partial(_poll, "operations"),
        "operations/read",
        "GetOperation",
        signed=True,
    ),
    _location(
        "GET",
        "/DiskOperations/{operation}",
        "DiskOperations/get",
        partial(_poll, "DiskOperations"),
        "diskOperations/read",
        "DiskGetOperation",
        signed=True,
    ),
)
