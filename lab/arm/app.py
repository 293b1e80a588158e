"""The lab as an ASGI application: ARM, its token endpoint and its blobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from lab.arm import disks, errors, faults, subscriptions
from lab.arm.call import AnyCaseRoute, arm_route
from lab.arm.cloud import Cloud
from lab.arm.errors import ArmError
from lab.arm.requests import LogMiddleware, operation_of
from lab.arm.routes import OPERATIONS
from lab.fault import PAGES

Endpoint = Callable[[Request], Awaitable[Response]]

_OTHERS: tuple[tuple[str, str, str, Callable[[Cloud], Endpoint]], ...] = (
    (
        "GET",
        "/{tenant}/v2.0/.well-known/openid-configuration",
        "token/discover",
        lambda cloud: cloud.sign_in.discover,
    ),
    ("GET", "/{tenant}/discovery/v2.0/keys", "token/keys", lambda cloud: cloud.sign_in.keys),
    ("POST", "/{tenant}/oauth2/v2.0/token", "token/grant", lambda cloud: cloud.sign_in.grant),
    ("GET", "/msi/token", "token/identity", lambda cloud: cloud.sign_in.identity),
    (
        "GET",
        "/federation/.well-known/openid-configuration",
        "federation/discover",
        lambda cloud: cloud.sign_in.discover_federation,
    ),
    ("GET", "/federation/keys", "federation/keys", lambda cloud: cloud.sign_in.federation_keys),
    ("GET", "/metadata/endpoints", "metadata/endpoints", lambda cloud: partial(subscriptions.metadata, cloud)),
    ("GET", "/blob/{container}/{blob}", "blob/get", lambda cloud: partial(disks.read_blob, cloud)),
)
"""What is no operation of ARM: method, path, name in the request log, and what answers."""


def operation_names() -> tuple[str, ...]:
    """Return the names of all that the lab answers, as the request log and faults have them."""
    return tuple(sorted({item.name for item in OPERATIONS} | {name for _, _, name, _ in _OTHERS} | {PAGES}))


def build_app(cloud: Cloud) -> Starlette:
    """Return the ASGI application that plays ARM, its token endpoint and its blobs for `cloud`."""
    routes = [arm_route(cloud, operation) for operation in OPERATIONS]
    routes += [
        AnyCaseRoute(path, _with_faults(cloud, name, endpoint(cloud)), method=method, name=name)
        for method, path, name, endpoint in _OTHERS
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(LogMiddleware, log=cloud.log)],
        exception_handlers={ArmError: _refuse, HTTPException: _unknown},
    )


def _with_faults(cloud: Cloud, name: str, endpoint: Endpoint) -> Endpoint:
    refuse = {"token": faults.token_refusal, "blob": faults.blob_refusal}.get(name.partition("/")[0])

    async def answer(request: Request) -> Response:
        operation = operation_of(name, request)
        return await cloud.faults.answer(request, operation, partial(endpoint, request), refuse or faults.arm_refusal)

    return answer


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ArmError)
    return error.response()


async def _unknown(request: Request, _error: Exception) -> Response:
    return errors.not_in_the_lab(f"{request.method} {request.url.path}").response()
