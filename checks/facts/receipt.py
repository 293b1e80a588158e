"""What the runner saw while it generalized (argument `receipt`): types only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of the launched step, decided from what was seen, never from an exit code alone."""

    outcome: str
    """`succeeded`, `failed`, `hung` or `unknown`."""
    cause: str
    """The line that says why it is not `succeeded`; empty when it is."""
    launched_as: str
    """The account that the step ran as; empty where it was not seen."""
    excerpt: tuple[str, ...] = ()
    """Lines of the transcript or log that the outcome rests on."""
    remedy: str = ""
    """What to do about the cause, where that is known."""
