"""All routes of the lab's ARM, in one table."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from lab.arm import diagnostics, disks, errors, extensions, locks, power, run_command, subscriptions, virtual_machines
from lab.arm.call import AnyCaseRoute, Call, Handler, arm_route
from lab.arm.cloud import Cloud
from lab.arm.errors import ArmError
from lab.arm.requests import LogMiddleware

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{group}"
_MACHINES = "/providers/Microsoft.Compute/virtualMachines"
_MACHINE = _GROUP + _MACHINES + "/{vm}"
_DISK = _GROUP + "/providers/Microsoft.Compute/disks/{disk}"
_LOCKS = "/providers/Microsoft.Authorization/locks"
_LOCATION = _SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}"

# method, path, name in the request log, handler, throttling bucket
_OPERATIONS: tuple[tuple[str, str, str, Handler, str], ...] = (
    ("GET", "/subscriptions", "subscriptions/list", subscriptions.list_all, ""),
    ("GET", _SUBSCRIPTION, "subscriptions/get", subscriptions.get, ""),
    ("GET", _GROUP, "resourceGroups/get", subscriptions.get_group, ""),
    ("GET", _SUBSCRIPTION + _MACHINES, "virtualMachines/listAll", virtual_machines.list_subscription, "HighCostGet"),
    ("GET", _GROUP + _MACHINES, "virtualMachines/list", virtual_machines.list_group, "HighCostGet"),
    ("GET", _MACHINE, "virtualMachines/get", virtual_machines.get, "LowCostGet"),
    ("PATCH", _MACHINE, "virtualMachines/update", virtual_machines.patch, "UpdateVM"),
    ("GET", _MACHINE + "/instanceView", "virtualMachines/instanceView", virtual_machines.view, "LowCostGet"),
    ("GET", _MACHINE + "/extensions", "virtualMachines/extensions", extensions.list_of_machine, "LowCostGet"),
    ("POST", _MACHINE + "/powerOff", "virtualMachines/powerOff", power.power_off, "UpdateVM"),
    ("POST", _MACHINE + "/deallocate", "virtualMachines/deallocate", power.deallocate, "DeleteVM"),
    ("POST", _MACHINE + "/start", "virtualMachines/start", power.start, "UpdateVM"),
    ("POST", _MACHINE + "/generalize", "virtualMachines/generalize", power.generalize, "UpdateVM"),
    ("POST", _MACHINE + "/runCommand", "virtualMachines/runCommand", run_command.run, "UpdateVM"),
    (
        "POST",
        _MACHINE + "/retrieveBootDiagnosticsData",
        "virtualMachines/retrieveBootDiagnosticsData",
        diagnostics.retrieve,
        "LowCostGet",
    ),
    ("GET", _DISK, "disks/get", disks.get, "DiskGet"),
    ("POST", _DISK + "/beginGetAccess", "disks/beginGetAccess", disks.begin_get_access, "DiskAccess"),
    ("POST", _DISK + "/endGetAccess", "disks/endGetAccess", disks.end_get_access, "DiskAccess"),
    ("GET", _SUBSCRIPTION + _LOCKS, "locks/listAtSubscription", locks.at_subscription, ""),
    ("GET", _GROUP + _LOCKS, "locks/listAtGroup", locks.at_group, ""),
    ("GET", _MACHINE + _LOCKS, "locks/listAtMachine", locks.at_machine, ""),
    ("GET", _DISK + _LOCKS, "locks/listAtDisk", locks.at_disk, ""),
)


def build_app(cloud: Cloud) -> Starlette:
    """Return the ASGI application that plays ARM, its token endpoint and its blobs for `cloud`."""
    routes = [
        arm_route(cloud, method, path, name, handler, bucket) for method, path, name, handler, bucket in _OPERATIONS
    ]
    for kind, bucket in (("operations", "GetOperation"), ("DiskOperations", "DiskGetOperation")):
        path = f"{_LOCATION}/{kind}/{{operation}}"
        routes.append(arm_route(cloud, "GET", path, f"{kind}/get", partial(_poll, kind), bucket))
    routes += [
        AnyCaseRoute(path, endpoint, method=method, name=name)
        for method, path, endpoint, name in (
            ("GET", "/{tenant}/v2.0/.well-known/openid-configuration", cloud.tokens.discover, "token/discover"),
            ("POST", "/{tenant}/oauth2/v2.0/token", cloud.tokens.grant, "token/grant"),
            ("GET", "/metadata/endpoints", partial(subscriptions.metadata, cloud), "metadata/endpoints"),
            ("GET", "/blob/{container}/{blob}", partial(disks.read_blob, cloud), "blob/get"),
        )
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(LogMiddleware, log=cloud.log)],
        exception_handlers={ArmError: _refuse, HTTPException: _unknown},
    )


async def _poll(kind: str, call: Call) -> Response:
    call.cloud.check_group(call.name("subscription"))
    return call.cloud.operations.poll(kind, call.name("operation"), dict(call.request.query_params))


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ArmError)
    return error.response()


async def _unknown(request: Request, _error: Exception) -> Response:
    return errors.not_in_the_lab(f"{request.method} {request.url.path}").response()
