"""What a scenario expects of a machine, held against the evidence of a run."""

from __future__ import annotations

from collections.abc import Iterator

from lab.expectation import Expectation
from reports.evidence import Evidence


def contradictions(expected: Expectation, evidence: Evidence, name: str) -> list[str]:
    """Return in which points the evidence says otherwise of the target `name`; none where it is as expected."""
    return list(_contradictions(expected, evidence, name))


def _contradictions(expected: Expectation, evidence: Evidence, name: str) -> Iterator[str]:
    target = next(item for item in evidence.targets if item.name == name)
    seen = {None: "undecided", True: "open", False: "closed"}[target.gate.open]
    reasons = target.gate.reasons
    if expected.unobserved:
        reasons = tuple(reason for reason in reasons if reason.code != "undetermined")
        if reasons == target.gate.reasons:
            yield "everything could be judged; expected: something can't be observed"
    because = sorted({reason.check or reason.code for reason in reasons})
    if expected.gate is not None and (expected.gate, sorted(set(expected.by))) != (seen, because):
        yield f"the gate is {seen} by {because}; expected: {expected.gate} by {sorted(set(expected.by))}"
    warned = {row.check for row in evidence.results if row.target == name and row.outcome == "warned"}
    missing = sorted(set(expected.warned) - warned)
    if missing:
        yield f"there is no warning of {missing}; there are those of {sorted(warned)}"
    said = target.receipt.outcome if target.receipt else "none"
    cause = target.receipt.cause if target.receipt else ""
    if expected.receipt is not None and (said != expected.receipt or expected.cause not in cause):
        yield f"the receipt is {said} ({cause}); expected: {expected.receipt} ({expected.cause})"
    if expected.outcome is not None and target.outcome != expected.outcome:
        yield f"the outcome is {target.outcome} ({target.note}); expected: {expected.outcome}"
