"""A target's way from observation to proof, moment by moment, from the events in its record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.evidence import StepRecord, Target

_STEPS = {
    "claim": "Claimed",
    "prepare": "Prepared",
    "launch": "Launched",
    "stopped": "Sealed and stopped",
    "deallocated": "Deallocated",
    "witnessed": "Disk read and judged",
    "generalized": "Flagged as generalized",
    "read": "Disk read",
}
"""What has a beginning and an end in the journal -> what it is called when it is done."""
_EVENTS = {
    "launch.intent": ("Announced", "the launch was written to the journal before the command was sent"),
    "launch.confirmed": ("Running", ""),
    "launch.unconfirmed": ("Answer lost", ""),
    "generalize.intent": ("Announced", "the flag was written to the journal before Azure was asked"),
    "generalize.unconfirmed": ("Answer lost", ""),
    "deallocate.unconfirmed": ("Answer lost", ""),
    "claim.released": ("Claim given back", ""),
    "claim.kept": ("Claim not given back", ""),
    "busy": ("Azure was busy", ""),
    "unseen": ("Could not look", ""),
    "watch.unseen": ("Could not look", ""),
    "look.unseen": ("Guest did not say", ""),
    "look.seen": ("Guest said what it sees", "its own look at itself, in place of its disk"),
    "stopped": ("Stopped", ""),
    "read.failed": ("Disk not read", ""),
}
_BAD = frozenset({"stopped", "read.failed", "claim.kept"})


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story."""

    time: datetime
    what: str
    text: str
    took: float | None = None
    tone: str = ""
    """An outcome's word where it is good or bad news; `open` where something began and never ended."""
    minor: bool = False
    """True for what happened within the step before it."""


def way(target: Target) -> list[Moment]:
    """Return the story of a target in order; empty where it never started."""
    if target.started is None:
        return []
    return [*_observed(target), *_events(target.story), *_ended(target)]


def _observed(target: Target) -> Iterator[Moment]:
    took = target.timings.get("observe")
    seen = [name for name in ("azure", "guest") if getattr(target.vantages, name) != "none"]
    text = f"{' and '.join(seen) or 'nothing'} could be seen"
    assert target.started is not None
    yield Moment(target.started, "Observed", text, took)


def _events(story: tuple[StepRecord, ...]) -> Iterator[Moment]:
    ends = {step.event.removesuffix(".end"): step.time for step in story if step.event.endswith(".end")}
    for step in story:
        name, _, kind = step.event.rpartition(".")
        if kind == "end":
            continue
        if kind == "begin":
            end = ends.get(name)
            yield Moment(
                step.time,
                _STEPS.get(name, name),
                step.text,
                (end - step.time) / timedelta(seconds=1) if end and end >= step.time else None,
                "" if end else "open",
            )
        elif step.event == "gate":
            yield Moment(step.time, "Gate", step.text, tone="passed" if step.text == "open" else "failed")
        else:
            what, text = _EVENTS.get(step.event, (step.event, ""))
            bad = step.event in _BAD
            yield Moment(step.time, what, step.text or text, tone="failed" if bad else "", minor=not bad)


def _ended(target: Target) -> Iterator[Moment]:
    if target.ended is not None:
        text = f"shown by {', '.join(target.proof)}" if target.outcome in ("proven", "sealed") else target.note
        yield Moment(target.ended, target.outcome.capitalize(), text, tone=target.outcome)
