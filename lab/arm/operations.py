"""Long-running operations: 202, two long signed URLs, and what polling them answers.

Recorded in test_vm_generalize (operations) and test_snapshot_access (DiskOperations). That a changed URL is refused is
the lab's own: a client that rebuilds or cuts the URLs must learn it here.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from starlette.responses import Response

from lab.arm import errors, times
from lab.arm.errors import ArmError
from lab.arm.json_response import ArmJson

Kind = Literal["operations", "DiskOperations"]
"""The path segment: Compute's machines, or its disks."""

# A real operation URL is about 4.4 KB long, nearly all of it the signing certificate.
_CERTIFICATE_LENGTH = 3_300
_SIGNATURE_LENGTH = 256


@dataclass
class Operation:
    """One long-running operation."""

    kind: Kind
    status_query: dict[str, str]
    result_query: dict[str, str]
    id: str
    owner: str = ""
    """The id of the VM that it is about, in lower case, once that is known."""
    started: datetime = field(default_factory=times.now)
    ended: datetime | None = None
    status: Literal["InProgress", "Succeeded", "Failed", "Canceled"] = "InProgress"
    output: Any = None
    error: ArmError | None = None
    failure: ArmError | None = None
    """How it ends although its work was done: what a fault says."""
    endless: bool = False
    """Whether it stays in progress for ever although its work was done."""
    task: asyncio.Task[Any] | None = None

    def settle(self, task: asyncio.Task[Any]) -> None:
        """Take over how the work ended."""
        if self.endless and not task.cancelled():
            return
        self.ended = times.now()
        if task.cancelled():
            self.status = "Canceled"
            self.error = ArmError(409, "OperationPreempted", "The lab was closed while the operation ran.")
        elif (failure := task.exception()) is not None:
            self.status = "Failed"
            self.error = failure if isinstance(failure, ArmError) else _unexpected(failure)
        elif self.failure is not None:
            self.status, self.error = "Failed", self.failure
        else:
            self.status, self.output = "Succeeded", task.result()

    def body(self) -> dict[str, Any]:
        """Return what Azure-AsyncOperation answers."""
        body: dict[str, Any] = {"startTime": times.fine(self.started)}
        if self.ended is not None:
            body["endTime"] = times.fine(self.ended)
        body["status"] = self.status
        if self.output is not None:
            body["properties"] = {"output": self.output}
        if self.error is not None:
            body["error"] = self.error.body
        body["name"] = self.id
        return body


class Operations:
    """All operations of one lab. Used from the server's event loop only."""

    def __init__(self, endpoint: str, subscription_id: str, location: str, retry_after: int | None) -> None:
        self._base = f"{endpoint}/subscriptions/{subscription_id}/providers/Microsoft.Compute/locations/{location}"
        self._retry = {} if retry_after is None else {"retry-after": str(retry_after)}
        self._principal = str(uuid.uuid4())
        self._certificate = "MII" + secrets.token_urlsafe(_CERTIFICATE_LENGTH * 3 // 4)
        self._known: dict[str, Operation] = {}

    def start(self, work: Coroutine[Any, Any, Any], api_version: str, kind: Kind = "operations") -> Operation:
        """Run `work` as an operation. Its value, unless None, is the output; an `ArmError` makes it Failed."""
        operation = Operation(
            kind=kind,
            status_query=self._signed(api_version, {}),
            result_query=self._signed(api_version, {"monitor": "true"}),
            id=str(uuid.uuid4()),
        )
        operation.task = asyncio.create_task(work)
        operation.task.add_done_callback(operation.settle)
        self._known[operation.id] = operation
        return operation

    def headers(self, operation: Operation, *, location: bool = True) -> dict[str, str]:
        """Return the headers that tell a client where to poll. PATCH has no Location."""
        url = f"{self._base}/{operation.kind}/{operation.id}"
        headers = {"azure-asyncoperation": f"{url}?{urlencode(operation.status_query)}"}
        if location:
            headers["location"] = f"{url}?{urlencode(operation.result_query)}"
        if operation.kind == "operations":
            headers["azure-asyncnotification"] = "Enabled"
        return headers | self._retry

    def accepted(self, operation: Operation) -> Response:
        """Return the 202 that starts the polling of a POST."""
        return Response(status_code=202, headers=self.headers(operation))

    def owner(self, name: str) -> str:
        """Return the id of the VM that an operation is about, in lower case; empty where there is none."""
        operation = self._known.get(name.lower())
        return operation.owner if operation else ""

    def begun(self, response: Response) -> Operation | None:
        """Return the operation that a response begins, if it begins one."""
        name = urlsplit(response.headers.get("azure-asyncoperation", "")).path.rpartition("/")[2]
        return self._known.get(name)

    def poll(self, kind: str, name: str, query: dict[str, str]) -> Response:
        """Answer a GET of one of the two URLs."""
        operation = self._known.get(name.lower())
        if operation is None or operation.kind.lower() != kind.lower():
            raise errors.entity_missing()
        if query == operation.status_query:
            running = operation.status == "InProgress"
            return ArmJson(operation.body(), headers=self._retry if running else {})
        if query == operation.result_query:
            return self._result(operation)
        raise ArmError(
            403,
            "InvalidOperationUrl",
            "The operation's URL is not the one that was given out: send all of its parameters back unchanged.",
        )

    def _result(self, operation: Operation) -> Response:
        if operation.status == "InProgress":
            return Response(status_code=202, headers=self.headers(operation))
        if operation.error is not None:
            return operation.error.response()
        if operation.output is None:
            return Response(status_code=200)
        return ArmJson(operation.output)

    def _signed(self, api_version: str, extra: dict[str, str]) -> dict[str, str]:
        ticks = int((times.now() - datetime(1, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000)
        return {
            "p": self._principal,
            **extra,
            "api-version": api_version,
            "t": str(ticks),
            "c": self._certificate,
            "s": secrets.token_urlsafe(_SIGNATURE_LENGTH),
            "h": secrets.token_urlsafe(32),
        }


def _unexpected(failure: BaseException) -> ArmError:
    """Say what broke inside the lab, so that its owner sees it in the client's error."""
    return ArmError(
        500,
        "InternalExecutionError",
        f"The lab failed while it carried out the operation: {failure!r}. This is a bug of the lab or its guest.",
    )
