"""The end of a run on a terminal: readable without colour, safe whatever a guest said."""

from __future__ import annotations

import re

import pytest

from reports import terminal
from reports.evidence import Evidence, Gate, ProblemRecord, Reason
from tests.reports.samples import SAMPLES, failed_gate, linux_rows, proven, row, run, target

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 80, 132])
@pytest.mark.parametrize("sample", SAMPLES)
def test_no_line_is_wider_than_the_terminal(sample: str, width: int) -> None:
    for line in terminal.render(SAMPLES[sample](), width).splitlines():
        assert len(line) <= width + 1, "one more where a CI command was parted"


@pytest.mark.parametrize("sample", SAMPLES)
def test_colour_changes_no_word(sample: str) -> None:
    evidence = SAMPLES[sample]()
    coloured = terminal.render(evidence, 80, True)
    assert COLOUR.search(coloured)
    plain = "\n".join(line.rstrip() for line in COLOUR.sub("", coloured).splitlines())
    assert plain == terminal.render(evidence, 80, False).rstrip("\n")


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"])
def test_the_environment_does_not_matter(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [terminal.render(failed_gate(), 80, color) for color in (True, False)]
    monkeypatch.setenv(variable, "13")
    assert [terminal.render(failed_gate(), 80, color) for color in (True, False)] == before


@pytest.mark.parametrize("color", [True, False])
def test_a_guest_controls_neither_the_terminal_nor_the_ci(color: bool) -> None:
    for width in range(40, 120, 7):
        shown = terminal.render(SAMPLES["hostile"](), width, color)
        rest = COLOUR.sub("", shown)
        assert all(character.isprintable() or character == "\n" for character in rest)
        assert "##vso[" not in rest
        assert not any(line.lstrip().startswith("::") for line in rest.splitlines())


ENDING = "evidence: evidence/latest/evidence.json\nreport:   evidence/latest/report.html\n"


def test_the_worst_come_first_and_the_verdict_last() -> None:
    shown = terminal.render(failed_gate(), 80, folder="evidence/latest")
    assert shown.index("server  FAILED") < shown.index("debian  PROVEN") < shown.index("verdict: FAILED")
    assert shown.endswith("mode generalize: 1 of 2 targets reached the goal\n" + ENDING)


def test_a_failure_comes_with_what_was_seen_and_what_to_do() -> None:
    shown = terminal.render(failed_gate(), 100)
    assert "failed       WIN-DISK-001 every volume is fully decrypted" in shown
    assert "seen         C: C: is fully encrypted (1) (expected: fully decrypted (0))" in shown
    assert "fix          manage-bde -off C:" in shown


def test_a_gate_closed_by_a_forecast_says_why_and_what_to_do() -> None:
    gate = Gate(open=False, reasons=(Reason(code="forecast", text="/etc/shadow- will survive", remedy="clean it"),))
    subject = target("debian", gate=gate, outcome="failed")
    blocked = tuple(item.model_copy(update={"outcome": "blocked"}) for item in linux_rows("debian"))
    shown = terminal.render(Evidence(run=run(), verdict="failed", targets=(subject,), results=blocked), 80)
    assert "gate         forecast: /etc/shadow- will survive\n  fix          clean it" in shown
    assert "LNX-" not in shown, "rows that only follow are left out"


def test_checks_that_lack_the_same_observation_are_told_together() -> None:
    shown = terminal.render(SAMPLES["undetermined"](), 80)
    assert shown.count("could not be read") == 1
    assert "undetermined LNX-SHADOW-001, LNX-STATE-001" in shown


def test_blocked_rows_are_shown_where_nothing_else_explains() -> None:
    rows = (row("LNX-STATE-001", "debian", "blocked", reason="deallocate was refused"),)
    subject = target("debian", outcome="undetermined")
    shown = terminal.render(Evidence(run=run(), verdict="undetermined", targets=(subject,), results=rows), 80)
    assert "deallocate was refused" in shown


def test_many_problems_of_a_check_and_many_checks_are_counted() -> None:
    problems = tuple(ProblemRecord(observed=f"hash {number}", expected="none", where="shadow") for number in range(9))
    rows = (
        row("LNX-SHADOW-001", "debian", "failed", problems=problems),
        *(
            row("LNX-STATE-001", "debian", "undetermined", reason="mute").model_copy(
                update={"check": f"X-Y-{number:03}"}
            )
            for number in range(9)
        ),
    )
    subject = target("debian", outcome="failed", note="mute")
    shown = terminal.render(Evidence(run=run(), verdict="failed", targets=(subject,), results=rows), 80)
    assert "hash 4" in shown
    assert "and 4 more like these" in shown
    assert "X-Y-004 and 4 more" in shown
    assert shown.count("mute") == 1, "a note that says nothing new is left out"


def test_many_obstacles_and_many_targets_are_counted() -> None:
    names = [f"vm{number:03}" for number in range(60)]
    reasons = tuple(Reason(code="failed", text=f"rule {number}", check=f"X-RULE-{number:03}") for number in range(15))
    gate = Gate(open=False, reasons=reasons)
    targets = tuple(target(name, outcome="failed", gate=gate) for name in names)
    shown = terminal.render(Evidence(run=run(), verdict="failed", targets=targets), 80)
    assert "  and 5 more: see summary.md" in shown
    assert "and 10 more targets: see summary.md" in shown


def test_a_lab_run_says_so() -> None:
    assert terminal.render(proven()).startswith("LAB RUN. Nothing here was shown to come from Azure")


def test_markup_of_our_terminal_library_is_shown_as_it_is() -> None:
    subject = target("debian", outcome="undetermined", note="[bold]no[/bold] :smile:")
    shown = terminal.render(Evidence(run=run(), verdict="undetermined", targets=(subject,)))
    assert "[bold]no[/bold] :smile:" in shown


def test_the_place_of_the_evidence_stays_on_one_line_so_that_it_can_be_copied() -> None:
    place = "/builds/" + "golden-images/" * 10 + "one"
    shown = terminal.render(proven(), 80, False, place)
    assert shown.endswith(f"\nevidence: {place}/evidence.json\nreport:   {place}/report.html\n")
