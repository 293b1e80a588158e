"""What was foretold beside what was found, as the summary shows it."""

from __future__ import annotations

from reports import summary
from reports.evidence import Evidence, ForecastRecord
from tests.reports.samples import row, run, target, undetermined


def shown(survives: bool | None, outcome: str, *, clean: str = "machine-id") -> str:
    """Return the only line of the table."""
    record = ForecastRecord(
        check="LNX-SHADOW-001",
        clean=clean,
        what="the <machine-id>",
        survives=survives,
        remedy="Do *this*.\nThen that.",
    )
    evidence = Evidence(
        run=run(),
        verdict="proven",
        targets=(target("debian", forecast=(record,)),),
        results=(row("LNX-SHADOW-001", "debian", outcome),),
    )
    text = summary.render(evidence).decode()
    (line,) = [line for line in text.splitlines() if line.startswith("| debian | the ")]
    assert "<machine-id>" not in line
    return line


def test_right_and_wrong_forecasts_are_told_apart() -> None:
    assert shown(False, "passed").endswith("| gone | gone | yes | clean: machine-id |")
    assert shown(True, "warned").endswith("| survives | still there | yes | clean: machine-id |")
    assert shown(False, "failed").endswith("| gone | still there | **no** | clean: machine-id |")
    assert shown(True, "passed").endswith("| survives | gone | **no** | clean: machine-id |")


def test_what_nobody_looked_at_or_could_foretell_agrees_with_nothing() -> None:
    assert "| gone | not looked at |  |" in shown(False, "blocked")
    assert "| not known | gone |  |" in shown(None, "passed")


def test_where_no_key_removes_it_the_remedy_is_shown() -> None:
    assert shown(True, "failed", clean="").endswith("| Do \\*this\\*. |")


def test_a_run_of_which_nothing_was_foretold_has_no_such_table() -> None:
    assert "Forecast and findings" not in summary.render(undetermined()).decode()
