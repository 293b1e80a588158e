"""Where the faults of a scenario strike: around every call that the lab answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from lab.arm import blobs, errors
from lab.arm.blobs import BlobError
from lab.arm.errors import ArmError
from lab.arm.json_response import ArmJson
from lab.arm.machine import Machine
from lab.arm.operations import Operations
from lab.fault import BLOB, MEANWHILE, PAGES, Effect, Fault
from lab.guests.guest import ScriptResult

DROP = "sealproof.drop"
"""The message by which an application asks the server to close the connection without another byte."""

BROKEN_TLS = b"This is no TLS record, as from a proxy that fails in the middle of a connection.\n"

Answer = Callable[[], Awaitable[Response]]
Refusal = Callable[[Fault, str], Response]
"""Makes the answer to a call that is refused: of a fault and the name of the VM."""


class Dropped(Response):
    """No answer: the connection is closed, after the first `length` bytes of `begun` where there is one.

    `noise` is sent before, beside the encryption: the client's TLS fails on it.
    """

    def __init__(self, begun: Response | None = None, length: int = 0, *, noise: bytes = b"") -> None:
        super().__init__(status_code=begun.status_code if begun else 500)
        self._begun, self._left, self._noise = begun, length, noise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to be sent, then have the connection closed, and return when it is."""

        async def cut(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = bytes(message.get("body", b""))[: self._left]
                self._left -= len(body)
                message = {"type": "http.response.body", "body": body, "more_body": True}
            await send(message)

        if self._begun is not None:
            await self._begun(scope, receive, cut)
        await send({"type": DROP, "noise": self._noise})
        # Whoever returns before the connection is gone makes the server answer in its own words.
        while (await receive())["type"] != "http.disconnect":
            pass


@dataclass
class Faults:
    """The faults of one lab, and what they struck. Used from the server's event loop only."""

    faults: Sequence[Fault]
    operations: Operations
    machine_of: Callable[[Request], Machine | None]
    """Whose call a request is: of the VM itself, its OS disk, one of its blobs or operations."""
    somebody_else: Callable[[Effect, Machine], Awaitable[None]]
    """Does to a VM what somebody else does meanwhile."""
    held: list[str] = field(default_factory=list)
    """The operations whose calls are held just now."""
    _begun: set[tuple[str, str]] = field(default_factory=set)
    """Which operations were asked for, of which VM: what `after` waits for."""
    _counts: dict[tuple[int, str], int] = field(default_factory=dict)
    _earlier: dict[str, Response] = field(default_factory=dict)
    """By URL, the last answer that was not struck."""
    _struck: set[int] = field(default_factory=set)

    @property
    def unused(self) -> tuple[Fault, ...]:
        """The faults that never struck."""
        return tuple(fault for index, fault in enumerate(self.faults) if index not in self._struck)

    async def answer(self, request: Request, operation: str, answer: Answer, refuse: Refusal) -> Response:
        """Answer a call as `answer` does, unless a fault strikes it. `refuse` makes the answer of effect `refuse`.

        What strikes it is the request's `state.fault`, for the log and for what only the operation itself can do.
        """
        if not self.faults:
            return await answer()
        machine = self.machine_of(request)
        index = self._striking(operation, machine)
        self._begun.add((operation, machine.id if machine else ""))
        if index is None:
            response = await self._remembered(request, answer)
        else:
            response = await self._struck_answer(request, self.faults[index], machine, answer, refuse)
            if request.state.fault is not None:
                self._struck.add(index)
        begun = self.operations.begun(response)
        if begun is not None and machine is not None:
            begun.owner = machine.id
        return response

    def _striking(self, operation: str, machine: Machine | None) -> int | None:
        """Count the call for every fault that waits for it; return the first one that strikes it."""
        target, name = (machine.id, machine.name) if machine else ("", "")
        struck = None
        for index, fault in enumerate(self.faults):
            if fault.operation != operation or (fault.target and fault.target.lower() != name.lower()):
                continue
            if fault.after and (fault.after, target) not in self._begun:
                continue
            number = self._counts[index, target] = self._counts.get((index, target), 0) + 1
            if struck is None and fault.strikes(number):
                struck = index
        return struck

    async def _remembered(self, request: Request, answer: Answer) -> Response:
        """Answer, and keep the answer of a reading call while a fault may want to repeat it."""
        response = await answer()
        if request.method == "GET" and any(fault.effect == "stale" for fault in self.faults):
            self._earlier[str(request.url).lower()] = response
        return response

    async def _struck_answer(
        self,
        request: Request,
        fault: Fault,
        machine: Machine | None,
        answer: Answer,
        refuse: Refusal,
    ) -> Response:
        request.state.fault = fault
        if machine is None and fault.effect in ("silent-agent", *MEANWHILE):
            request.state.fault = None  # there is no VM that anything could happen to
        elif machine is not None and fault.effect == "silent-agent":
            machine.agent_silenced = True
        if fault.effect == "stale":
            return self._earlier.get(str(request.url).lower()) or await answer()
        before = machine is not None and not fault.carried_out
        if fault.effect == "delay" and not fault.carried_out:
            await asyncio.sleep(fault.seconds)
        elif machine is not None and before and fault.effect in MEANWHILE:
            await self.somebody_else(fault.effect, machine)
        elif fault.effect == "late":
            await self._until_gone(request)
        gone = fault.effect in ("refuse", "drop", "break-tls", "hold") and not fault.carried_out
        response = Response() if gone else await answer()
        if fault.effect == "delay" and fault.carried_out:
            await asyncio.sleep(fault.seconds)
        elif machine is not None and not before and fault.effect in MEANWHILE:
            await self.somebody_else(fault.effect, machine)
        elif fault.effect == "hold":
            await self._until_gone(request)
        return self._spoiled_answer(request, fault, machine, response, refuse)

    def _spoiled_answer(
        self, request: Request, fault: Fault, machine: Machine | None, response: Response, refuse: Refusal
    ) -> Response:
        """Return what the client gets to see of `response`."""
        if fault.effect == "refuse":
            return self._refused(fault, refuse(fault, machine.name if machine else ""))
        if fault.effect in ("drop", "hold", "late"):
            return Dropped()
        if fault.effect == "break-tls":
            return Dropped(noise=BROKEN_TLS)
        if fault.effect == "truncate" and fault.operation in (BLOB, PAGES):
            return Dropped(response, fault.length)
        if fault.effect == "no-power-state":
            return _without_power(response)
        if fault.effect in ("operation-fails", "never-ends") and not self._spoiled(response, fault):
            request.state.fault = None  # the call was refused, or begins nothing that could go wrong
        return response

    async def _until_gone(self, request: Request) -> None:
        """Wait until the client has closed its connection, or died."""
        await request.body()
        self.held.append(request.scope["route"].name)
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self.held.pop()

    @staticmethod
    def _refused(fault: Fault, response: Response) -> Response:
        if fault.retry_after is not None:
            response.headers["retry-after"] = str(fault.retry_after)
        return response

    def _spoiled(self, response: Response, fault: Fault) -> bool:
        """Make the operation that a response begins end badly after it was carried out. Returns whether it has one."""
        operation = self.operations.begun(response)
        if operation is not None and fault.carried_out:
            operation.failure = operation_failure(fault) if fault.effect == "operation-fails" else None
            operation.endless = fault.effect == "never-ends"
        return operation is not None


def _without_power(response: Response) -> Response:
    """Return an instance view without its power state, as a VM has it whose provisioning failed."""
    view = json.loads(bytes(response.body))
    statuses = view.get("statuses", [])
    view["statuses"] = [item for item in statuses if not str(item.get("code", "")).startswith("PowerState/")]
    return ArmJson(view, response.status_code)


def arm_refusal(fault: Fault, target: str) -> Response:
    """Return how ARM refuses: as the fault says, else in Azure's own words."""
    error = _usual(fault, target)
    if fault.message or fault.code not in ("", error.code):
        error = ArmError(fault.status, fault.code or error.code, fault.message or error.message)
    return error.response()


def token_refusal(fault: Fault, _target: str) -> Response:
    """Return how the token endpoint refuses. Its number and text for what passes are recalled, not recorded."""
    transient = "AADSTS90033: A transient error has occurred. Please try again."
    code = fault.code or ("temporarily_unavailable" if fault.status in (429, 503) else "server_error")
    return JSONResponse({"error": code, "error_description": fault.message or transient}, fault.status)


def blob_refusal(fault: Fault, _target: str) -> Response:
    """Return how the Blob service refuses; the texts are those of its list of error codes."""
    usual = {
        403: ("AuthenticationFailed", "Server failed to authenticate the request."),
        404: ("BlobNotFound", "The specified blob does not exist."),
        500: ("InternalError", "The server encountered an internal error. Please retry the request."),
    }
    code, message = usual.get(fault.status, ("ServerBusy", "The server is currently unable to receive requests."))
    return blobs.refused(BlobError(fault.status, fault.code or code, fault.message or message), head=False)


def _usual(fault: Fault, target: str) -> ArmError:
    verb = fault.operation.rpartition("/")[2]
    if fault.status == 429 and fault.code == "SubscriptionRequestsThrottled":
        return errors.subscription_throttled(fault.retry_after or 0)
    if fault.status == 429:
        return errors.too_many_requests(f"{verb[:1].upper()}{verb[1:]}3Min", 200, 201)
    if fault.status == 409:
        return errors.command_in_progress() if verb == "runCommand" else errors.operation_in_progress(verb, target)
    return errors.refused_without_reason(fault.status)


async def operation_struck(fault: Fault) -> None:
    """End an operation, or never, before its work is done, where `fault` says so. Raises `ArmError`."""
    if fault.carried_out:
        return
    if fault.effect == "operation-fails":
        raise operation_failure(fault)
    if fault.effect == "never-ends":
        await asyncio.Event().wait()


def operation_failure(fault: Fault) -> ArmError:
    """Return how an operation ends that `fault` lets fail."""
    usual = errors.refused_without_reason(500)
    return ArmError(409, fault.code or "InternalExecutionError", fault.message or usual.message)


def spoiled_output(result: ScriptResult, fault: Fault | None) -> ScriptResult:
    """Return what arrives of a script's output: its first bytes alone, or with one letter changed in its middle."""
    out = result.stdout
    if fault is not None and fault.effect == "truncate":
        out = out[: fault.length]
    elif fault is not None and fault.effect == "garble":
        middle = len(out) // 2
        out = out[:middle] + bytes((out[middle] ^ 0x01,)) + out[middle + 1 :] if out else out
    return ScriptResult(out, result.stderr, result.exit_code)
