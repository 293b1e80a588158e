"""One ARM call: its checks, its names, and the headers that every answer carries."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.arm import access, api_versions, errors, faults, times
from lab.arm.cloud import Cloud
from lab.arm.disk import Disk
from lab.arm.errors import ArmError
from lab.arm.machine import Machine
from lab.arm.resource_group import ResourceGroup
from lab.fault import Fault
from lab.principal import Principal


@dataclass(frozen=True)
class Call:
    """One authenticated ARM call."""

    cloud: Cloud
    request: Request
    api_version: str
    principal: Principal

    @property
    def fault(self) -> Fault | None:
        """The fault that strikes this call."""
        return getattr(self.request.state, "fault", None)

    async def take_time(self) -> None:
        """Wait as long as a long-running operation takes: the first thing that its work does.

        Raises `ArmError`, or never returns, where a fault lets the operation end badly without its work being done.
        """
        await self.cloud.take_time()
        if self.fault is not None:
            await faults.operation_struck(self.fault)

    def name(self, key: str) -> str:
        """Return a name of the path, as the request spelled it."""
        return str(self.request.path_params[key])

    def query(self, key: str) -> str:
        """Return a query parameter whatever the case of its name; empty where it is not given."""
        return next((value for name, value in self.request.query_params.items() if name.lower() == key.lower()), "")

    def machine(self) -> Machine:
        """Return the VM that the path names."""
        return self.cloud.machine(self.name("subscription"), self.name("group"), self.name("vm"))

    def group(self) -> ResourceGroup:
        """Return the resource group that the path names."""
        return self.cloud.group(self.name("subscription"), self.name("group"))

    def disk(self) -> Disk:
        """Return the disk that the path names."""
        return self.cloud.disk(self.name("subscription"), self.name("group"), self.name("disk"))

    async def content(self) -> dict[str, Any]:
        """Return the JSON object of the request's body."""
        try:
            content = json.loads(await self.request.body() or b"{}")
        except ValueError as error:
            raise errors.body_invalid(str(error)) from None
        if not isinstance(content, dict):
            raise errors.body_invalid("an object is expected")
        return content


Handler = Callable[[Call], Awaitable[Response]]


class AnyCaseRoute(Route):
    """A route that matches its path in any case, as ARM does."""

    def __init__(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], *, method: str, name: str
    ) -> None:
        super().__init__(path, endpoint, methods=[method], name=name)
        self.path_regex = re.compile(self.path_regex.pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of ARM that the lab plays."""

    method: str
    path: str
    name: str
    """In the request log and in faults: `virtualMachines/generalize`."""
    handler: Handler
    action: str
    """What a role must allow: `Microsoft.Compute/virtualMachines/generalize/action`."""
    bucket: str = ""
    """The throttling bucket; empty where Compute counts nothing."""
    signed: bool = False
    """Whether its URL, which nobody can make up, is right enough: whoever may begin an operation may follow it.

    Microsoft's page on asynchronous operations asks for some right at the resource group, and names none for it.
    """


def arm_route(cloud: Cloud, operation: Operation) -> AnyCaseRoute:
    """Return the route of one ARM operation.

    It checks the token, the api-version and the caller's rights before the handler, turns `ArmError` into its
    response, and adds the headers that every answer of ARM carries.
    """

    async def carry_out(request: Request) -> Response:
        try:
            principal = cloud.tokens.check(request.headers.get("authorization"))
            request.state.principal = principal.name
            version = request.query_params.get("api-version", "")
            api_versions.check_version(operation.path, version, cloud.scenario.azure.location)
            _check_access(principal, operation, request)
            cloud.throttle.take(operation.bucket, _counted(request))
            return await operation.handler(Call(cloud, request, version, principal))
        except ArmError as error:
            return error.response()

    async def endpoint(request: Request) -> Response:
        response = await cloud.faults.answer(request, operation.name, partial(carry_out, request), faults.arm_refusal)
        bucket = "" if "x-ms-failure-cause" in response.headers else operation.bucket
        told = cloud.throttle.headers(bucket, _counted(request), method=operation.method)
        response.headers.update(told)
        response.headers.update(_standard(cloud.scenario.azure.location))
        return response

    return AnyCaseRoute(operation.path, endpoint, method=operation.method, name=operation.name)


def _counted(request: Request) -> str:
    """Return what has a throttling bucket of its own: the VM, or whatever else the path names."""
    named = request.path_params
    keys = ("subscription", "group", "vm") if "vm" in named else tuple(named)
    return "/".join(str(named[key]).lower() for key in keys)


def _check_access(principal: Principal, operation: Operation, request: Request) -> None:
    """Raise the 403 of ARM's gateway unless a role of `principal` allows the operation over what the path names."""
    scope = access.scope_of(request.scope["path"])
    if scope and not operation.signed and not access.allows(principal.roles, operation.action, scope):
        raise errors.forbidden(str(principal.client_id), principal.object_id, operation.action, scope)


def _standard(location: str) -> dict[str, str]:
    request_id = str(uuid.uuid4())
    moment = times.now().strftime("%Y%m%dT%H%M%SZ")
    return {
        "cache-control": "no-cache",
        "pragma": "no-cache",
        "expires": "-1",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": str(uuid.uuid4()),
        "x-ms-routing-request-id": f"{location.upper()}:{moment}:{request_id}",
    }
