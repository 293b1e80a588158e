"""Outcome of a target, verdict and exit code of a run: pure functions of the record, failing closed.

All of them look at blockers only. What is missing is never good news: no row, no proof, no coverage, no decided gate,
a run that never ended: none of these can be *proven*, and none exits 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from reports.completeness import gaps
from reports.evidence import CoverageRecord, Evidence, Gate, Mode, Result, Target, TargetOutcome

WORST_FIRST: tuple[TargetOutcome, ...] = ("failed", "undetermined", "not acted", "sealed", "ready", "proven")
"""All outcomes of targets; the verdict of a run is the first of these that a target has."""

UNDETERMINED = "undetermined"
"""The one gate reason whose gate is closed for want of knowledge; every other code closes it as *failed*."""

_GOOD = frozenset({"passed", "waived", "not applicable"})
_OPEN_QUESTIONS = frozenset({"undetermined", "blocked"})


def target_outcome(
    *,
    mode: Mode,
    gate: Gate,
    rows: Sequence[Result],
    acted: bool,
    witness: str = "disk",
    coverage: CoverageRecord | None = None,
    proof: Iterable[str] = (),
    flag_confirmed: bool | None = False,
) -> TargetOutcome:
    """Return what became of one target.

    - `rows`: the target's rows, of every phase. `acted`: whether the irreversible step was launched.
    - `witness`: what the fleet file asks for, `disk` or `guest`. `coverage`: what was read of the stopped disk.
    - `proof`: ids of the checks that prove deprovisioning; only those count whose row passed.
    - `flag_confirmed`: OSState/generalized was read back twice; None where there is no VM that could have it (a VHD).
    """
    blockers = [row for row in rows if row.severity == "blocker"]
    if mode == "confirm":
        return _judged_after(blockers, witness, coverage, proof, flag_confirmed is not False)
    before = [row for row in blockers if row.phase == "pre"]
    if any(_failed(row, acted=acted) for row in blockers):
        return "failed"
    if gate.open is False:
        unknown = bool(gate.reasons) and all(reason.code == UNDETERMINED for reason in gate.reasons)
        return "undetermined" if unknown else "failed"
    if gate.open is None or not before or any(row.outcome in _OPEN_QUESTIONS for row in before):
        return "undetermined"
    if mode == "observe":
        return "undetermined" if acted else "ready"
    if not acted:
        return "not acted"
    return _judged_after(blockers, witness, coverage, proof, flag_confirmed is True)


def coverage_complete(coverage: CoverageRecord | None) -> bool:
    """Return whether the stopped disk was read, and no part of it was left out."""
    return coverage is not None and coverage.complete


def proof_of(rows: Iterable[Result], proving: Iterable[str]) -> tuple[str, ...]:
    """Return the ids among `proving` (checks with `proves=`) whose row passed: what a target record's `proof` holds."""
    wanted = frozenset(proving)
    return tuple(sorted({row.check for row in rows if row.check in wanted and row.outcome == "passed"}))


def verdict(outcomes: Iterable[TargetOutcome]) -> TargetOutcome:
    """Return the worst of the targets' outcomes; *undetermined* for a run without targets."""
    seen = frozenset(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in seen), "undetermined")


def exit_code(evidence: Evidence) -> int:
    """Return the exit code that the record asks for.

    0: every target reached the mode's goal. 1: a blocker failed, or a gate is closed for it. 8: nothing failed, but
    something is undetermined or was not acted on, or the record is unfinished or contradicts itself. 5: no targets.
    """
    if not evidence.targets:
        return 5
    if any(target.outcome == "failed" for target in evidence.targets):
        return 1
    rows = evidence.rows()
    if any(
        row.outcome == "failed" and hinders(row, target) for target in evidence.targets for row in rows[target.name]
    ):
        return 1
    reached = all(goal_reached(evidence.run.mode, target) for target in evidence.targets)
    return 0 if reached and evidence.run.ended is not None and not contradictions(evidence) else 8


def goal_reached(mode: Mode, target: Target) -> bool:
    """Return whether a target got as far as the mode wants: *ready*, or *proven* (*sealed* if it asks for no more)."""
    if mode == "observe":
        return target.outcome == "ready"
    return target.outcome == "proven" or (target.outcome == "sealed" and target.witness == "guest")


def hinders(row: Result, target: Target) -> bool:
    """Return whether this row alone keeps its target from the goal: what a report must show in red."""
    if row.severity != "blocker":
        return False
    named = any(reason.check == row.check for reason in target.gate.reasons)
    acted = target.receipt is not None or target.outcome in ("proven", "sealed")
    return row.outcome in _OPEN_QUESTIONS or _failed(row, acted=acted or named)


def left_to_prepare(row: Result, target: Target) -> bool:
    """Return whether the row failed, and keeps its target from nothing: our own preparation removes what it found."""
    return row.outcome == "failed" and row.rule.remedied_by is not None and not hinders(row, target)


def contradictions(evidence: Evidence) -> tuple[str, ...]:
    """Return what the record says against itself, one sentence each; a sound record has none."""
    found = []
    worst = verdict(target.outcome for target in evidence.targets)
    if evidence.verdict != worst:
        found.append(f"the verdict is {evidence.verdict}, and the worst outcome of a target is {worst}")
    found += gaps(evidence)
    names = Counter(target.name for target in evidence.targets)
    found += [f"the target {name} is there {count} times" for name, count in names.items() if count > 1]
    rows = evidence.rows()
    found += [f"{name} has {len(rows[name])} rows and is no target" for name in rows if name not in names]
    for target in evidence.targets:
        doubts = _doubts(evidence, target, rows[target.name])
        found += [f"{target.name} is {target.outcome}, but {text}" for text in doubts]
    return tuple(found)


def _judged_after(
    blockers: Sequence[Result],
    witness: str,
    coverage: CoverageRecord | None,
    proof: Iterable[str],
    flag_confirmed: bool,
) -> TargetOutcome:
    """Return the outcome of a target that was generalized, by us or by somebody else."""
    if any(row.outcome == "failed" for row in blockers):
        return "failed"
    all_good = all(row.outcome in _GOOD for row in blockers)
    if not (all_good and flag_confirmed and proof_of(blockers, proof)):
        return "undetermined"
    if witness != "disk":
        return "sealed"
    return "proven" if coverage_complete(coverage) else "undetermined"


def _failed(row: Result, *, acted: bool) -> bool:
    # What our own preparation will remove does not count before that step; afterwards the row was judged again.
    remedied_later = row.phase == "pre" and row.rule.remedied_by is not None and not acted
    return row.severity == "blocker" and row.outcome == "failed" and not remedied_later


def _doubts(evidence: Evidence, target: Target, rows: Iterable[Result]) -> list[str]:
    """Return why a target's good outcome can't be true."""
    if not goal_reached(evidence.run.mode, target):
        return []
    blockers = [row for row in rows if row.severity == "blocker"]
    phases = {"observe": ("pre",), "generalize": ("pre", "post"), "confirm": ("post",)}[evidence.run.mode]
    found = [f"it has no {phase} row" for phase in phases if not any(row.phase == phase for row in blockers)]
    found += [f"{row.check} is {row.outcome}" for row in blockers if row.phase in phases and hinders(row, target)]
    if evidence.run.mode != "confirm" and target.gate.open is not True:
        found.append("its gate is not open")
    if target.outcome != "ready" and not proof_of(blockers, target.proof):
        found.append("no check that proves deprovisioning passed")
    if target.outcome == "proven" and not coverage_complete(evidence.coverage.get(target.name)):
        found.append("its disk was not read completely")
    return found
