"""A long-running ARM operation, advanced one poll at a time, so that nobody holds a thread while Azure works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from runners.errors import AzureError, OperationError
from runners.retry_after import retry_after
from runners.scheduler import Scheduler

_TERMINAL = ("succeeded", "failed", "canceled")
PATIENCE = timedelta(minutes=30)
"""How long an operation may be in progress, unless its caller knows better."""


class Operation:
    """A long-running ARM operation.

    `advance` makes one status request and returns whether the operation is over; `result` is then its output, as JSON
    (empty for operations that give none). A failed operation raises `OperationError` from `advance`: ARM tells of a
    failure inside an HTTP 200.
    """

    def __init__(self, what: str, response: Any, fetch: Callable[[str], Any], poll_seconds: float) -> None:
        headers = response.headers
        self.what = what
        self.delay = retry_after(headers) or poll_seconds
        self.result: Any = None
        self._fetch = fetch
        self._poll_seconds = poll_seconds
        self._status_url = headers.get("azure-asyncoperation", "")
        self._result_url = headers.get("location", "")
        self._over = response.status_code != 202 and not self._status_url
        if self._over and response.content:
            self.result = json_of(what, response)

    def advance(self) -> bool:
        """Ask once. Returns True when the operation is over; raises `OperationError` when it failed."""
        if self._over:
            return True
        response = self._fetch(self._status_url or self._result_url)
        self.delay = retry_after(response.headers) or self._poll_seconds
        if not self._status_url:
            if response.status_code == 202:
                return False
            self._over = True
            self.result = json_of(self.what, response) if response.content else None
            return True
        body = json_of(self.what, response)
        status = str(body.get("status", "")).lower()
        if status not in _TERMINAL:
            return False
        self._over = True
        if status != "succeeded":
            error = body.get("error") or {}
            raise OperationError(
                f"{self.what}: Azure reports {body.get('status')}: {error.get('code', 'no code')}: "
                f"{error.get('message', 'no message')}",
                status=response.status_code,
                code=str(error.get("code", "")),
            )
        self.result = (body.get("properties") or {}).get("output")
        return True


async def settle(scheduler: Scheduler, operation: Operation, within: timedelta = PATIENCE) -> Any:
    """Advance `operation` until it is over and return its result. Waits without holding a slot.

    Raises `AzureError` for an operation that is still in progress after `within`: it may end later, or never.
    """
    deadline = scheduler.now() + within
    while not await scheduler.call(operation.advance):
        if scheduler.now() >= deadline:
            raise AzureError(f"{operation.what}: still in progress after {within.total_seconds() / 60:g} minutes")
        await scheduler.pause(operation.delay)
    return operation.result


def json_of(what: str, response: Any) -> Any:
    """Return the body of a response. Raises `AzureError` where it is not JSON."""
    try:
        return response.json()
    except ValueError:
        raise AzureError(
            f"{what}: Azure answered HTTP {response.status_code} with something that is not JSON",
            status=response.status_code,
        ) from None
