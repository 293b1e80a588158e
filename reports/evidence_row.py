"""What the record says of one check on one target: the row, the rule behind it, and the waiver that excuses it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from pydantic import PrivateAttr

from checks.catalogue import Metadata, Phase, Severity
from checks.judgement import Judgement, Outcome
from reports.evidence_part import Block, Line, Part

WaiverState: TypeAlias = Literal["used", "unused", "expired", "not yet", "unknown check", "unknown target", "refused"]


class ProblemRecord(Part):
    """One way in which a target breaks a rule."""

    observed: Line
    expected: Line
    where: Line

    @property
    def sentence(self) -> str:
        """The problem as reports say it: `/etc/shadow-: a hash (expected: none)`."""
        return f"{self.where.rstrip(':')}: {self.observed} (expected: {self.expected})"


class Waiver(Part):
    """A written permission to go on although a check failed."""

    check: Line
    target: Line
    vm_id: Line = ""
    reason: Line
    approver: Line
    approved_on: date
    expires: date
    state: WaiverState = "unused"
    """What became of it. `refused`: the check can't be waived, or only warns, so that there is nothing to excuse."""


class Rule(Part):
    """What a check asks for, in the words of its author. The record has it once, not in every row."""

    title: Line = ""
    why: Block = ""
    fix: Block = ""
    source: Line = ""
    grade: Line = ""
    """How sure the source is: a letter, see docs/checks.md."""
    remedied_by: Literal["prepare"] | None = None
    """Set where our own preparation removes the problem: before that, a failure does not close the gate."""

    @classmethod
    def of(cls, metadata: Metadata) -> Rule:
        """Return the rule of a check."""
        return cls.model_validate({name: getattr(metadata, name) for name in cls.model_fields})


class Result(Part):
    """What one check says of one target. Every planned (check, target) has exactly one."""

    check: Line
    target: Line
    """The target's name."""
    phase: Phase
    severity: Severity
    outcome: Outcome
    problems: tuple[ProblemRecord, ...] = ()
    reason: Line = ""
    waiver: Waiver | None = None
    _rule: Rule = PrivateAttr(default_factory=Rule)

    @classmethod
    def of(
        cls, judgement: Judgement, target: str, *, outcome: Outcome | None = None, waiver: Waiver | None = None
    ) -> Result:
        """Return the row of a judgement on the target named `target`; `outcome` replaces the judged one (*waived*)."""
        metadata = judgement.check.metadata
        row = cls(
            check=metadata.id,
            target=target,
            phase=metadata.phase,
            severity=metadata.severity,
            outcome=outcome or judgement.outcome,
            problems=tuple(
                ProblemRecord(observed=item.observed, expected=item.expected, where=item.where)
                for item in judgement.problems
            ),
            reason=judgement.reason,
            waiver=waiver,
        )
        return row.ruled(_rule_of(metadata))

    def ruled(self, rule: Rule) -> Result:
        """Return this row, which knows its rule from now on. The rule is no part of the row's own JSON."""
        # There may be hundreds of thousands of rows, and each would keep its own list of the fields that it was given,
        # and its own dict for the rule.
        object.__setattr__(self, "__pydantic_fields_set__", _ROW_FIELDS)
        object.__setattr__(self, "__pydantic_private__", _private(rule))
        return self

    @property
    def rule(self) -> Rule:
        """What the check asks for."""
        return self._rule


_ROW_FIELDS = set(Result.model_fields)


@lru_cache(maxsize=4096)
def _private(rule: Rule) -> dict[str, Rule]:
    return {"_rule": rule}


@lru_cache(maxsize=4096)
def _rule_of(metadata: Metadata) -> Rule:
    return Rule.of(metadata)
