"""The gate: the pure decision whether a target may be generalized."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from checks.catalogue import Catalogue
from checks.facts import Foretold, Observation
from checks.judgement import Judgement, judge

Code = Literal["failed", "undetermined", "forecast", "veto"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a gate is closed."""

    code: Code
    text: str
    remedy: str
    check: str = ""
    """The id of the check that gave it; empty for a veto."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate decided, and every judgement that it rests on."""

    reasons: tuple[Reason, ...]
    judgements: tuple[Judgement, ...]

    @property
    def open(self) -> bool:
        """True when nothing speaks against generalizing."""
        return not self.reasons


def evaluate(
    catalogue: Catalogue,
    facts: Observation,
    waive: Callable[[Judgement], Judgement],
    vetoes: Iterable[str] = (),
    forecast: Sequence[Foretold] = (),
    *,
    prepared: bool = False,
) -> Decision:
    """Judge `facts` by every pre-check and decide. Pure: the same arguments give the same decision.

    - `waive` turns a failed judgement into a waived one where a valid waiver says so, and leaves all others alone.
    - `vetoes`: reasons of others against this target, as sentences. There is no way to vote for it.
    - `forecast`: what may survive the step; what does, or may, and a blocker would find, closes the gate now.
    - `prepared`: whether our preparation step has run. Before it, a failure that it removes does not close the gate.
    """
    judgements = tuple(waive(judge(check, facts)) for check in catalogue.phase("pre"))
    # What others say first: where it keeps a run from looking, all that was not seen follows from it.
    reasons = [Reason("veto", text, "Put that right for this target, and run again.") for text in vetoes]
    reasons += [_reason(item) for item in judgements if item.blocks and not _left_to_prepare(item, prepared)]
    reasons += [_survivor(item) for item in forecast if not _goes(item) and _blocking(catalogue, item)]
    return Decision(tuple(reasons), judgements)


def _left_to_prepare(item: Judgement, prepared: bool) -> bool:
    return item.check.metadata.remedied_by == "prepare" and item.outcome == "failed" and not prepared


def _goes(item: Foretold) -> bool:
    return item.survives.known and not item.survives.value


def _survivor(item: Foretold) -> Reason:
    text = f"{item.what} will survive the step"
    if not item.survives.known:
        unknown = item.survives.to_json()["unknown"]
        text = f"whether {item.what} survives the step is not known ({unknown}), so it counts as if it did"
    return Reason("forecast", text, item.remedy, item.check)


def _blocking(catalogue: Catalogue, residue: Foretold) -> bool:
    """True unless the check that would find the residue is known to be less than a blocker."""
    found_by = catalogue.get(residue.check)
    return found_by is None or found_by.metadata.severity == "blocker"


def _reason(item: Judgement) -> Reason:
    data = item.check.metadata
    if item.outcome == "failed":
        seen = "; ".join(f"{one.where}: {one.observed} (required: {one.expected})" for one in item.problems)
        return Reason("failed", f"{data.title}: no: {seen}", data.fix, data.id)
    remedy = f"Find out why it could not be observed, then run again. If the rule is broken: {data.fix}"
    return Reason("undetermined", f"{data.title}: could not be determined: {item.reason}", remedy, data.id)
