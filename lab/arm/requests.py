"""The log of all requests that the lab answered."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.arm import times
from lab.arm.faults import DROP
from lab.fault import BLOB, PAGES

_TARGETS = ("vm", "disk", "snapshot")
_HARMLESS = ("api-version", "$expand", "statusOnly", "monitor", "skipShutdown", "hibernate")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request. Of the query only parameters that are no secret are kept."""

    time: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    """HTTP status; 0 where the connection was closed without an answer."""
    operation: str
    """Such as `virtualMachines/generalize`; empty where the lab has no such operation."""
    target: str
    """The name of the VM, disk or snapshot, as the request spelled it; empty where there is none."""
    sent_bytes: int
    """Length of the answer's body."""
    fault: str
    """The effect of the fault that struck it; empty where none did."""
    principal: str
    """The name of who was signed in, or was given a token; empty where nobody was."""


class RequestLog:
    """The requests of one lab, in the order in which they were answered; also as JSON lines in a file."""

    def __init__(self, file: Path | None) -> None:
        self._entries: list[LoggedRequest] = []
        self._file = file
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[LoggedRequest, ...]:
        """Return all requests so far."""
        with self._lock:
            return tuple(self._entries)

    def add(self, entry: LoggedRequest) -> None:
        """Append one request."""
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(entry)) + "\n")


class LogMiddleware:
    """Writes every request into the log, just before its answer is complete."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        moment = times.fine(times.now())
        status, sent, length, logged = 500, 0, -1, False

        def log() -> None:
            nonlocal logged
            if not logged:
                self._log.add(_entry(scope, moment, status, sent))
            logged = True

        async def watch(message: Message) -> None:
            nonlocal status, sent, length
            if message["type"] == "http.response.start":
                status = message["status"]
                length = int(Headers(raw=message["headers"]).get("content-length", -1))
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                # Before the client has the whole answer, so that it finds its request in the log. A streamed answer
                # is whole with its last byte, and an empty last message follows.
                if sent == length or not message.get("more_body", False):
                    log()
            elif message["type"] == DROP:
                status = 0 if length == -1 else status
                log()
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            log()


def _entry(scope: Scope, moment: str, status: int, sent: int) -> LoggedRequest:
    request = Request(scope)
    return LoggedRequest(
        time=moment,
        method=request.method,
        path=request.url.path,
        query={key: value for key, value in request.query_params.items() if key in _HARMLESS},
        status=status,
        operation=_operation(scope),
        target=next((request.path_params[key] for key in _TARGETS if key in request.path_params), ""),
        sent_bytes=sent,
        principal=scope.get("state", {}).get("principal", ""),
        fault=getattr(scope.get("state", {}).get("fault"), "effect", ""),
    )


def operation_of(name: str, request: Request) -> str:
    """Return the name of the operation that a request asks of the route `name`."""
    return PAGES if name == BLOB and request.query_params.get("comp") == "pagelist" else name


def _operation(scope: Scope) -> str:
    route = scope.get("route")
    # a path that is known with another method only has a route as well
    if isinstance(route, Route) and scope["method"] in (route.methods or ()):
        return operation_of(route.name, Request(scope))
    return ""
