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
from lab.arm.requests import LogMiddleware
from lab.arm.routes import OPERATIONS


def build_app(cloud: Cloud) -> Starlette:
    """Return the ASGI application that plays ARM, its token endpoint and its blobs for `cloud`."""
    routes = [arm_route(cloud, operation) for operation in OPERATIONS]
    routes += [
        AnyCaseRoute(path, _with_faults(cloud, name, endpoint), method=method, name=name)
        for method, path, endpoint, name in (
            ("GET", "/{tenant}/v2.0/.well-known/openid-configuration", cloud.sign_in.discover, "token/discover"),
            ("GET", "/{tenant}/discovery/v2.0/keys", cloud.sign_in.keys, "token/keys"),
            ("POST", "/{tenant}/oauth2/v2.0/token", cloud.sign_in.grant, "token/grant"),
            ("GET", "/msi/token", cloud.sign_in.identity, "token/identity"),
            (
                "GET",
                "/federation/.well-known/openid-configuration",
                cloud.sign_in.discover_federation,
                "federation/discover",
            ),
            ("GET", "/federation/keys", cloud.sign_in.federation_keys, "federation/keys"),
            ("GET", "/metadata/endpoints", partial(subscriptions.metadata, cloud), "metadata/endpoints"),
            ("GET", "/blob/{container}/{blob}", partial(disks.read_blob, cloud), "blob/get"),
        )
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(LogMiddleware, log=cloud.log)],
        exception_handlers={ArmError: _refuse, HTTPException: _unknown},
    )


def _with_faults(
    cloud: Cloud, name: str, endpoint: Callable[[Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await cloud.faults.answer(request, name, partial(endpoint, request), faults.refusal)

    return answer


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ArmError)
    return error.response()


async def _unknown(request: Request, _error: Exception) -> Response:
    return errors.not_in_the_lab(f"{request.method} {request.url.path}").response()
