"""The table of the summary that sets what was foretold to survive the step beside what was found on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checks.judgement import Outcome
from reports.evidence import Evidence, ForecastRecord, Result, Target
from reports.text import markdown

_FOUND: Mapping[Outcome, bool] = {"failed": True, "warned": True, "waived": True, "passed": False}
"""Whether the check that finds it did; its other outcomes say that nobody looked, or could."""


def forecasts(evidence: Evidence, rows: Mapping[str, Sequence[Result]]) -> str:
    """Return the section in Markdown; empty where nothing was foretold."""
    lines = [line for target in evidence.targets for line in _lines(target, rows[target.name])]
    if not lines:
        return ""
    header = ["| target | what | foretold | found | agree | removed by |", "|---|---|---|---|---|---|"]
    return "\n".join(["## Forecast and findings", "", *header, *lines])


def _lines(target: Target, rows: Sequence[Result]) -> Iterator[str]:
    outcomes = {row.check: row.outcome for row in rows}
    for item in target.forecast:
        found = _FOUND.get(outcomes.get(item.check, "blocked"))
        foretold = {True: "survives", False: "gone", None: "not known"}[item.survives]
        seen = {True: "still there", False: "gone", None: "not looked at"}[found]
        cells = (f"{markdown(item.what)} ({markdown(item.check)})", foretold, seen, _agree(item, found), _key(item))
        yield f"| {markdown(target.name)} | {' | '.join(cells)} |"


def _agree(item: ForecastRecord, found: bool | None) -> str:
    if item.survives is None or found is None:
        return ""
    return "yes" if item.survives == found else "**no**"


def _key(item: ForecastRecord) -> str:
    return f"clean: {markdown(item.clean)}" if item.clean else markdown(item.remedy.split("\n")[0])
