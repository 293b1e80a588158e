"""What was foretold to survive the step, beside what was found on the disk; and the summary's table of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.judgement import Outcome
from reports.evidence import Evidence, ForecastRecord, Result, Target
from reports.text import markdown

_FOUND: Mapping[Outcome, bool] = {"failed": True, "warned": True, "waived": True, "passed": False}
"""Whether the check that finds it did; its other outcomes say that nobody looked, or could."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that identifies the source machine: what was foretold of it, and what was found."""

    item: ForecastRecord
    foretold: str
    """`survives`, `gone` or `not known`."""
    found: str
    """`still there`, `gone` or `not looked at`."""
    agrees: bool | None
    """None where one of them is not known."""


def told_of(target: Target, rows: Sequence[Result]) -> Iterator[Told]:
    """Return what was foretold of a target beside what was found, in the record's order."""
    outcomes = {row.check: row.outcome for row in rows}
    for item in target.forecast:
        found = _FOUND.get(outcomes.get(item.check, "blocked"))
        yield Told(
            item,
            {True: "survives", False: "gone", None: "not known"}[item.survives],
            {True: "still there", False: "gone", None: "not looked at"}[found],
            None if item.survives is None or found is None else item.survives == found,
        )


def forecasts(evidence: Evidence, rows: Mapping[str, Sequence[Result]]) -> str:
    """Return the section in Markdown; empty where nothing was foretold."""
    lines = [_line(target, told) for target in evidence.targets for told in told_of(target, rows[target.name])]
    if not lines:
        return ""
    header = ["| target | what | foretold | found | agree | removed by |", "|---|---|---|---|---|---|"]
    return "\n".join(["## Forecast and findings", "", *header, *lines])


def _line(target: Target, told: Told) -> str:
    what = f"{markdown(told.item.what)} ({markdown(told.item.check)})"
    agree = {True: "yes", False: "**no**", None: ""}[told.agrees]
    return f"| {markdown(target.name)} | {what} | {told.foretold} | {told.found} | {agree} | {_key(told.item)} |"


def _key(item: ForecastRecord) -> str:
    return f"clean: {markdown(item.clean)}" if item.clean else markdown(item.remedy.split("\n")[0])
