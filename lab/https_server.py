"""HTTPS on a socket of its own, in a thread of its own, that can drop a client in the middle of an answer."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import trustme
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from lab.arm.faults import DROP
from runners.errors import UsageError


class LabError(UsageError):
    """The lab could not be started. The text says why and what to do."""


class HttpsServer:
    """Serves one app. The app may also ask for its connection to be closed: by a message that is not ASGI's."""

    def __init__(self, app: ASGIApp, authority: trustme.CA, name: str) -> None:
        """`authority` signs its certificate, for loopback; `name` is that of its thread."""
        certificate = authority.issue_cert("localhost", "127.0.0.1")

        def context(_config: uvicorn.Config, _default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(made)
            return made

        self._name = name
        self._thread: threading.Thread | None = None
        self._server = _Server(
            uvicorn.Config(
                self._droppable(app),
                loop="asyncio",
                http=_Unlogged,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
                ssl_context_factory=context,
            )
        )

    def start(self, listener: socket.socket) -> None:
        """Serve on `listener`, and return when it is answered there. Raises `LabError`."""
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name=self._name, daemon=True)
        self._thread.start()
        pause = threading.Event()
        while not self._server.started:
            if not self._thread.is_alive():
                raise LabError("the lab's server ended while it started")
            pause.wait(0.005)

    def close(self) -> None:
        """Stop, without waiting for clients."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _droppable(self, app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_or_drop(message: Message) -> None:
                if message["type"] != DROP:
                    await send(message)
                else:
                    self._server.drop(scope["client"], message.get("noise", b""))

            await app(scope, receive, send_or_drop)

        return answer


class _Unlogged(H11Protocol):
    """HTTP without a line in the log for each request: its query may hold the signature of a SAS."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        # uvicorn logs, whatever its `access_log` says, once anybody gave its logger a handler, as pytest does.
        self.access_log = False


class _Server(uvicorn.Server):
    """A server that does not wait for its clients when it is told to stop, and that can drop one of them."""

    def drop(self, client: tuple[str, int], noise: bytes) -> None:
        """Close the connection of a client at once, after bytes that are no TLS where there are any."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client and connection.transport is not None:
                if noise:
                    os.write(connection.transport.get_extra_info("socket").fileno(), noise)
                connection.transport.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A TLS connection closes only when the client answers, and pooled connections of a client never do.
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await super().shutdown(sockets)
