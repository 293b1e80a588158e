"""The steps of a generalization, as data: what each needs to see to be done, and which one comes next.

A run reconciles: it looks, finds the first step that is not done, acts, and looks again. Nothing here acts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a target is, as far as it was observed or journalled."""

    power: str
    """Power state as ARM gives it; empty where it gives none."""
    generalized: bool
    """`OSState/generalized` was seen."""
    claimed: bool = False
    prepared: bool = False
    launched: bool = False
    """The launch was journalled: from here on the guest may be half-sealed, whatever else is seen."""
    sealed: bool = False
    """The guest was told to stay up, and was seen to be sealed."""
    judged: bool = False
    """The stopped disk was read, and no blocker speaks against it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what it does in words, and when it is done."""

    name: str
    does: str
    done: Callable[[Progress], bool]


STOPPED = ("stopped", "deallocated", "deallocating")

STEPS = (
    Step(
        "claim",
        "write on the VM which run owns it",
        # What is flagged already is only looked at, and a generalized VM may refuse writes.
        lambda seen: seen.claimed or (seen.launched and seen.generalized),
    ),
    Step("prepare", "remove what would make the launch fail", lambda seen: seen.prepared),
    Step("launch", "start Sysprep or waagent in the guest, detached", lambda seen: seen.launched),
    Step("stopped", "wait until the guest is sealed", lambda seen: seen.power in STOPPED or seen.sealed),
    Step(
        "deallocated",
        "stop the VM by the platform, which refuses to flag it before",
        lambda seen: seen.power == "deallocated",
    ),
    Step("witnessed", "read and judge the stopped disk", lambda seen: seen.judged),
    Step("generalized", "flag the VM as generalized", lambda seen: seen.generalized),
)


def next_step(seen: Progress) -> Step | None:
    """Return the first step that is not done; None when all are. Steps are done in this order or not at all."""
    return next((step for step in STEPS if not step.done(seen)), None)
