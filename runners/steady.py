"""Connections for threads that ask while another thread changes the process's environment.

pytest sets and removes PYTEST_CURRENT_TEST around each item, and before each request `requests` reads the whole
environment for proxies: a variable that goes meanwhile is a KeyError, and nothing was sent.
"""

from __future__ import annotations

from typing import Any

from azure.core.pipeline.transport import RequestsTransport
from requests import Session

_TRIES = 1000


class SteadySession(Session):
    """A session that reads the environment again where it changed while it was read."""

    def merge_environment_settings(self, *arguments: Any, **options: Any) -> Any:
        """Return what the environment says of a request."""
        for _ in range(_TRIES):
            try:
                return super().merge_environment_settings(*arguments, **options)
            except KeyError:
                continue
        return super().merge_environment_settings(*arguments, **options)


class SteadyTransport(RequestsTransport):  # type: ignore[misc]  # the SDK loads it by a name that has no type
    """The SDK's transport, over such a session."""

    def open(self) -> None:
        """Open the connection."""
        if not self.session and not self._has_been_opened:
            self.session: Session | None = SteadySession()
            self._init_session(self.session)
        super().open()
