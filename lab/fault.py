"""What goes wrong in a scenario: at which calls, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lab.strict import Strict

Effect = Literal[
    "refuse",
    "drop",
    "break-tls",
    "delay",
    "hold",
    "late",
    "stale",
    "no-power-state",
    "truncate",
    "garble",
    "silent-agent",
    "operation-fails",
    "never-ends",
    "vm-deleted",
    "vm-replaced",
    "vm-started",
    "tags-wiped",
]
"""See docs/lab.md, section Faults."""

VIEW = "virtualMachines/instanceView"
MEANWHILE: tuple[Effect, ...] = ("vm-deleted", "vm-replaced", "vm-started", "tags-wiped")
"""What somebody else does to the VM while the call is on its way."""
BLOB = "blob/get"
PAGES = "blob/pages"
"""Get Page Ranges of a blob: a GET of the same path, told by its query."""
_SCRIPTS = ("virtualMachines/runCommand", "runCommands/put")
_ONLY_FOR: dict[str, tuple[str, ...]] = {
    "truncate": (*_SCRIPTS, BLOB, PAGES),
    "garble": _SCRIPTS,
    "no-power-state": (VIEW,),
}


class Fault(Strict):
    """One fault: it strikes calls of one operation, of one VM or of all."""

    operation: str
    """The operation whose calls are struck, as the request log names it, such as virtualMachines/deallocate."""
    target: str = ""
    """The name of the VM; calls on its OS disk, its blobs and its operations are its own. Left out: every VM."""
    calls: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Which calls are struck, counted from 1 for each VM; a client that tries again makes another call."""
    from_call: int | None = Field(default=None, ge=1)
    """Strikes this call and all after it. Without calls and from_call every call is struck."""
    after: str = ""
    """An operation: calls are counted only from when this one was first asked of the same VM."""
    effect: Effect
    """How the call goes wrong."""
    carried_out: bool = False
    """Whether the call is carried out all the same, so that only its answer goes wrong."""
    status: int = Field(default=500, ge=400, le=599)
    """The HTTP status of refuse."""
    code: str = ""
    """The error code of refuse and operation-fails; left out, the one that Azure sends with this status."""
    message: str = ""
    """The error text of refuse and operation-fails; left out, the one that Azure sends with this status."""
    retry_after: int | None = Field(default=None, ge=0)
    """Seconds in the Retry-After header of refuse; left out, there is no such header."""
    seconds: float = Field(default=1, ge=0)
    """How long delay keeps the answer back."""
    length: int = Field(default=512, ge=0)
    """How many bytes of the output, or of a blob's answer, truncate leaves."""

    @model_validator(mode="after")
    def _possible(self) -> Fault:
        fitting = _ONLY_FOR.get(self.effect)
        if fitting and self.operation not in fitting:
            raise ValueError(
                f"{self.effect} strikes {' and '.join(fitting)} only, and the operation is {self.operation}"
            )
        if self.effect == "stale" and not self.after and (1 in self.calls or self._first == 1):
            raise ValueError(
                "stale repeats the answer of the last call that was not struck, and before call 1 there is none. "
                "Begin at call 2 or later, or count `after` another operation"
            )
        if self.effect == "stale" and self.operation in (BLOB, PAGES):
            raise ValueError(
                "stale is for what ARM answers, and the content of a blob is streamed. Strike another call"
            )
        if self.effect == "stale" and self.carried_out:
            raise ValueError("stale is for reading, where nothing is carried out. Remove carried_out")
        if self.effect == "late" and self.carried_out:
            raise ValueError("late is carried out once the client has gone. Remove carried_out, or take hold")
        return self

    @property
    def _first(self) -> int | None:
        return 1 if not self.calls and self.from_call is None else self.from_call

    def strikes(self, number: int) -> bool:
        """Return whether call `number`, counted from 1, is struck."""
        return number in self.calls or (self._first is not None and number >= self._first)

    def __str__(self) -> str:
        which = [f"call {number}" for number in self.calls]
        which += [f"from call {self._first} on"] if self._first is not None else []
        after = f" after {self.after}" if self.after else ""
        return (
            f"{self.effect} of {self.operation}{f' of {self.target}' if self.target else ''}, {', '.join(which)}{after}"
        )
