"""The record as the page's template reads it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import accumulate

from checks.judgement import Outcome
from reports.controls import Support, frameworks, supported
from reports.evidence import Evidence, Waiver
from reports.faults import Fault, JudgedRule, faults_of, rules_of
from reports.html import words
from reports.html.subject import Subject
from reports.notices import meaning, notices
from reports.verdict import WORST_FIRST, exit_code

__all__ = ["Page", "words"]

_OUTCOMES: tuple[Outcome, ...] = ("failed", "undetermined", "blocked", "warned", "waived", "passed", "not applicable")
_ROOMY = 5_000
"""Rows up to which each target's passing rules are told with their titles, and what it found with why and source."""
_OPEN = 3
"""Targets whose story is open from the start: all of so few, otherwise so many that did not reach the goal."""
_MOST_FAULTS = 60


class Page:
    """What the page shows, worst first."""

    most_alike = 12
    """Of one thing that is wrong: how many different findings are told."""
    most_names = 12
    """Of one finding: how many targets are named at once; the others are folded."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.run = evidence.run
        self.verdict = evidence.verdict
        self.meaning = meaning(evidence)
        self.exit_code = exit_code(evidence)
        self.rules: dict[str, JudgedRule] = rules_of(evidence)
        rows = evidence.rows()
        self._faults = faults_of(evidence, rows, self.rules)
        numbered = [
            Subject(number, target, rows[target.name], evidence.coverage.get(target.name), self.run.mode)
            for number, target in enumerate(evidence.targets, 1)
        ]
        self.subjects = sorted(numbered, key=lambda item: (item.reached, WORST_FIRST.index(item.target.outcome)))
        self.numbers = {item.target.name: item.number for item in numbered}
        self.reached = sum(item.reached for item in self.subjects)
        few = len(self.subjects) <= _OPEN
        self._open = {item.number for item in self.subjects[:_OPEN] if few or not item.reached}
        self.roomy = len(evidence.results) <= _ROOMY

    @property
    def notices(self) -> list[tuple[str, str]]:
        """What nobody may overlook: the part in capitals, and the rest."""
        parts = [re.split(r"[.:]", text, maxsplit=1) for text in notices(self.evidence)]
        return [(loud, rest.strip()) for loud, rest in parts]

    @property
    def tally(self) -> list[tuple[str, int]]:
        """How many targets have which outcome, worst first."""
        counts = Counter(item.target.outcome for item in self.subjects)
        return [(outcome, counts[outcome]) for outcome in WORST_FIRST if counts[outcome]]

    @property
    def judged(self) -> list[tuple[str, int]]:
        """How many rows have which outcome."""
        counts = Counter(row.outcome for row in self.evidence.results)
        return [(outcome, counts[outcome]) for outcome in _OUTCOMES if counts[outcome]]

    @staticmethod
    def shares(tally: list[tuple[str, int]]) -> list[tuple[str, float, float]]:
        """Return where in a bar of 1,000 each part begins, and how long it is: never too short to be seen."""
        total = sum(count for _, count in tally)
        lengths = [max(1000 * count / total, 8) for _, count in tally]
        scale = 1000 / sum(lengths)
        ends = list(accumulate(length * scale for length in lengths))
        return [
            (outcome, round(end - length * scale, 1), round(length * scale, 1))
            for (outcome, _), length, end in zip(tally, lengths, ends, strict=True)
        ]

    @property
    def took(self) -> float | None:
        """Seconds of the run; None while it is not over."""
        return (self.run.ended - self.run.started).total_seconds() if self.run.ended else None

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, at most so many that a person reads it."""
        return self._faults[:_MOST_FAULTS]

    @property
    def more_faults(self) -> int:
        """How many of them are left out of that list; each is told with its target."""
        return max(0, len(self._faults) - _MOST_FAULTS)

    def opens(self, subject: Subject) -> bool:
        """Return whether the target's story is open from the start."""
        return subject.number in self._open

    def left(self, waiver: Waiver) -> int:
        """Return how many days the waiver held on the day of the run, that day included; 0 and less: none."""
        return (waiver.expires - self._today).days  # the day of `expires` is the first on which it holds no more

    @staticmethod
    def supports(check: str) -> list[tuple[str, list[Support]]]:
        """Return which controls a check supports, by the framework's name."""
        found = ((framework.framework, list(supported(framework, check))) for framework in frameworks())
        return [(name, controls) for name, controls in found if controls]

    @property
    def _today(self) -> date:
        return self.run.started.date()
