"""One target as the page shows it: what did not pass in full, what passed in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.judgement import Outcome
from reports.evidence import CoverageRecord, Mode, Result, Target
from reports.forecast import Told, told_of
from reports.html.way import Moment, way
from reports.html.words import MADE_UP, VANTAGES
from reports.verdict import goal_reached, hinders, left_to_prepare

_LOUD: tuple[Outcome, ...] = ("failed", "undetermined", "blocked", "warned", "waived")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows without a problem that say the same."""

    outcome: str
    reason: str
    rows: tuple[Result, ...]


class Subject:
    """One target, its rows and what was read of its disk."""

    def __init__(
        self, number: int, target: Target, rows: Sequence[Result], coverage: CoverageRecord | None, mode: Mode
    ) -> None:
        self.number = number
        self.target = target
        self.coverage = coverage
        self.reached = goal_reached(mode, target)
        self.counts = Counter(row.outcome for row in rows)
        self._rows = rows

    @property
    def tally(self) -> list[tuple[str, int]]:
        """Outcomes that somebody should look at with how often, then what passed."""
        shown: tuple[Outcome, ...] = (*_LOUD, "passed")
        return [(outcome, self.counts[outcome]) for outcome in shown if self.counts[outcome]]

    @property
    def took(self) -> float | None:
        """Seconds from its start to its end."""
        start, end = self.target.started, self.target.ended
        return (end - start).total_seconds() if start and end else None

    @property
    def vantages(self) -> list[tuple[str, str, str, bool]]:
        """What was looked at: its name, the record's word, what that means, and whether it was made up."""
        seen = self.target.vantages.model_dump()
        return [(name, word, VANTAGES[name][word], word in MADE_UP) for name, word in seen.items()]

    @property
    def story(self) -> list[Moment]:
        """Its way, moment by moment."""
        return way(self.target)

    @property
    def findings(self) -> list[tuple[Result, str]]:
        """Rows with problems, what decides first, each with what it means for the target."""
        found = [(row, self._weight(row)) for row in self._rows if row.problems and row.outcome != "passed"]
        order = ("decides", "", "removed before the step", "excused")
        return sorted(found, key=lambda item: (order.index(item[1]), _LOUD.index(item[0].outcome)))

    @property
    def silences(self) -> list[Group]:
        """Rows that did not pass and found no problem, by what they say."""
        return _groups(row for row in self._rows if row.outcome in _LOUD and not row.problems)

    @property
    def passed(self) -> list[Result]:
        """Rows that passed."""
        return [row for row in self._rows if row.outcome == "passed"]

    @property
    def inapplicable(self) -> list[Group]:
        """Rows that can't apply, by why."""
        return _groups(row for row in self._rows if row.outcome == "not applicable")

    @property
    def forecast(self) -> list[Told]:
        """What was foretold beside what was found."""
        return list(told_of(self.target, self._rows))

    def _weight(self, row: Result) -> str:
        if hinders(row, self.target):
            return "decides"
        if left_to_prepare(row, self.target):
            return "removed before the step"
        return "excused" if row.outcome == "waived" else ""


def _groups(rows: Iterable[Result]) -> list[Group]:
    found: dict[tuple[str, str], list[Result]] = {}
    for row in rows:
        found.setdefault((row.outcome, row.reason), []).append(row)
    groups = [Group(outcome, reason, tuple(alike)) for (outcome, reason), alike in found.items()]
    return sorted(groups, key=lambda group: _LOUD.index(group.outcome) if group.outcome in _LOUD else len(_LOUD))
