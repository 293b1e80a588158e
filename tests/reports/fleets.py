"""Evidence of a large fleet: as many targets and rules as asked for, a few of them broken in a few ways."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from reports.evidence import Evidence, Gate, ProblemRecord, Reason, Result, Target, Vantages
from reports.verdict import verdict
from tests.reports.samples import coverage, record, row, run, story, target

_WHY = "A clone would start with what the original knew, and nobody would notice until two of them meet. " * 2
_WARNING = (5, 9)
_PROBLEM = ProblemRecord(observed="azureuser: a password hash", expected="no hash", where="/etc/shadow-")


def many(targets: int, rules: int = 60) -> Evidence:
    """Return a run over `targets` VMs with `rules` results each; every tenth is broken, every seventh warned."""
    found = [_one(number, rules) for number in range(targets)]
    subjects = tuple(subject for subject, _ in found)
    return record(
        run=run(lab=False, endpoint="https://management.azure.com", arguments=("--fleet=fleet.yaml", "--generalize")),
        verdict=verdict(subject.outcome for subject in subjects),
        targets=subjects,
        results=tuple(row for _, rows in found for row in rows),
        coverage={subject.name: coverage() for subject in subjects if subject.outcome == "proven"},
    )


def _one(number: int, rules: int) -> tuple[Target, tuple[Result, ...]]:
    name = f"golden-{number:04}"
    rows = tuple(_rows(name, number, rules))
    seen = Vantages(azure="arm", guest="real", disk="real")
    if number % 10 == 3:
        reason = Reason(code="failed", text="the backup of shadow holds no password hash: no", check="TEAM-RULE-003")
        gate = Gate(open=False, reasons=(reason,))
        return (
            target(
                name, vantages=seen.model_copy(update={"disk": "none"}), gate=gate, receipt=None, proof=()
            ).model_copy(update={"outcome": "failed", "story": story((1.3, "gate", f"closed: {reason.text}"))}),
            rows,
        )
    return target(name, vantages=seen), rows


def _rows(name: str, number: int, rules: int) -> Iterator[Result]:
    proof, *others = _rules(rules)
    yield proof.model_copy(update={"target": name, "outcome": "blocked" if number % 10 == 3 else "passed"})
    for rule, passed in enumerate(others, 1):
        if number % 10 == 3 and rule == 3:
            yield passed.model_copy(update={"target": name, "outcome": "failed", "problems": (_PROBLEM,)})
        elif number % 7 == 2 and rule in _WARNING:
            yield passed.model_copy(update={"target": name, "outcome": "warned", "problems": (_PROBLEM,)})
        else:
            yield passed.model_copy(update={"target": name})


@cache
def _rules(rules: int) -> tuple[Result, ...]:
    """Return a row of each rule that passed; the first proves."""
    return (
        row("LNX-STATE-001", ""),
        *(
            row(
                "LNX-SHADOW-001",
                "",
                title=f"the backup of shadow holds no password hash, in place {rule}",
                phase="pre",
                severity="warning" if rule in _WARNING else "blocker",
                why=_WHY,
            ).model_copy(update={"check": f"TEAM-RULE-{rule:03}"})
            for rule in range(1, rules)
        ),
    )
