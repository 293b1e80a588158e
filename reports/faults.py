"""Every rule that was judged, once; and what is wrong in the fleet, rule by rule, so that 500 targets have one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reports.evidence import Evidence, ProblemRecord, Result, Target
from reports.notices import obstacles
from reports.verdict import goal_reached

_Rows = Mapping[str, Sequence[Result]]


@dataclass(slots=True)
class JudgedRule:
    """A check, and how often it had which outcome."""

    number: int
    first: Result
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Hit:
    """What of one target is wrong in this way."""

    target: Target
    problems: tuple[ProblemRecord, ...] = ()


@dataclass(slots=True)
class Fault:
    """One thing that keeps targets from their goal."""

    outcome: str
    title: str
    rule: JudgedRule | None = None
    remedy: str = ""
    hits: list[Hit] = field(default_factory=list)
    checks: dict[str, None] = field(default_factory=dict)
    """The rules that say so, where it is one reason of several."""

    @property
    def targets(self) -> int:
        """How many targets it is about."""
        return len({hit.target.name for hit in self.hits})

    @property
    def names(self) -> list[str]:
        """The targets that it is about."""
        return list(dict.fromkeys(hit.target.name for hit in self.hits))

    @property
    def alike(self) -> list[tuple[tuple[ProblemRecord, ...], list[Target]]]:
        """What was found, most frequent first, and on which targets."""
        found: dict[tuple[ProblemRecord, ...], list[Target]] = {}
        for hit in self.hits:
            found.setdefault(hit.problems, []).append(hit.target)
        return sorted(found.items(), key=lambda item: -len(item[1]))


def rules_of(evidence: Evidence) -> dict[str, JudgedRule]:
    """Return the rules by id, in the record's order."""
    found: dict[str, JudgedRule] = {}
    for row in evidence.results:
        rule = found.get(row.check)
        if rule is None:
            rule = found[row.check] = JudgedRule(len(found) + 1, row)
        rule.counts[row.outcome] += 1
    return found


def faults_of(evidence: Evidence, rows: _Rows, rules: Mapping[str, JudgedRule]) -> list[Fault]:
    """Return what is wrong: what is broken before what is not known, and what concerns most targets first."""
    found: dict[tuple[str, ...], Fault] = {}
    for target in evidence.targets:
        hindering = obstacles(target, rows[target.name])
        for row in hindering:
            _note(found, target, row, rules)
        listed = {row.check for row in hindering}
        others = [reason for reason in target.gate.reasons if reason.check not in listed]
        for reason in others:
            outcome = "undetermined" if reason.code == "undetermined" else "failed"
            fault = found.setdefault(
                ("gate", reason.code, reason.text), Fault(outcome, f"gate, {reason.code}: {reason.text}")
            )
            fault.remedy = reason.remedy
            fault.hits.append(Hit(target))
        if not hindering and not others and not goal_reached(evidence.run.mode, target):
            note = target.note or "nothing says why"
            found.setdefault(("note", target.outcome, note), Fault(target.outcome, note)).hits.append(Hit(target))
    return sorted(found.values(), key=lambda fault: (fault.outcome != "failed", -fault.targets))


def _note(found: dict[tuple[str, ...], Fault], target: Target, row: Result, rules: Mapping[str, JudgedRule]) -> None:
    if row.problems:
        fault = found.setdefault((row.check, row.outcome), Fault(row.outcome, row.rule.title, rules[row.check]))
        fault.hits.append(Hit(target, row.problems))
        return
    fault = found.setdefault(("", row.outcome, row.reason), Fault(row.outcome, row.reason or "no reason was recorded"))
    fault.checks[row.check] = None
    if not fault.hits or fault.hits[-1].target is not target:
        fault.hits.append(Hit(target))
