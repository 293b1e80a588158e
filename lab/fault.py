"""What goes wrong in a scenario: at which call, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lab.strict import Strict

Effect = Literal[
    "refuse", "drop", "delay", "stale", "garble", "truncate", "silent-agent", "operation-fails", "never-ends"
]
"""See docs/lab.md: one paragraph an effect."""


class Fault(Strict):
    """One fault: it strikes calls of one operation, on one target or on all."""

    operation: str
    """As the request log names it: `virtualMachines/instanceView`, `token/grant`, `blob/get`, `operations/get`."""
    target: str = ""
    """The name of the VM or disk; empty for every one."""
    calls: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Which calls are struck, counted from 1 for each target; empty for every call."""
    effect: Effect
    status: int = Field(default=500, ge=400, le=599)
    """For `refuse`: 429, 409, 500, 503 ..."""
    code: str = ""
    message: str = ""
    retry_after: int | None = None
    seconds: float = Field(default=0, ge=0)
    """For `delay`: how long the answer waits."""
