"""What a run should find of a machine: said in the scenario, so that one test proves a whole gallery.

    expect: {gate: closed, by: [WIN-ROLE-001], outcome: failed}
    expect: {gate: open, receipt: failed, cause: "0x80073cf2"}

Every key may be left out; what is left out may be anything.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from lab.strict import Strict
from reports.evidence import TargetOutcome


class Expectation(Strict):
    """What a run should find of this machine. The lab itself does not look at it."""

    gate: Literal["open", "closed"] | None = None
    """Whether the gate lets the machine through."""
    by: tuple[str, ...] = ()
    """The ids of all checks that close the gate; of a reason that is no check's, its code."""
    unobserved: bool = False
    """Whether something can't be observed at all; then what can't be judged for it closes the gate too, unlisted."""
    warned: tuple[str, ...] = ()
    """Ids of checks that warn, among others that may."""
    receipt: Literal["succeeded", "failed", "hung", "unknown"] | None = None
    """How the sealing step ends, as the receipt says."""
    cause: str = ""
    """Words that the receipt's cause holds."""
    outcome: TargetOutcome | None = None
    """What becomes of the machine in the end."""

    @model_validator(mode="after")
    def _possible(self) -> Expectation:
        if not self.model_fields_set:
            raise ValueError("it expects nothing. Give gate, warned, receipt or outcome, or leave `expect` out")
        if (self.gate == "closed") != bool(self.by):
            raise ValueError("`gate: closed` and `by: [...]`, the checks that close it, belong together")
        if self.gate == "closed" and self.receipt:
            raise ValueError("behind a closed gate nothing is launched, so there is no receipt. Remove one of the two")
        if self.cause and not self.receipt:
            raise ValueError("`cause` is the receipt's: say `receipt: failed`, or how else it ends")
        return self
