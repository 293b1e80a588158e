"""The Markdown summary: verdict first, nothing overlooked, no markup of a guest, never over the budget."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reports import summary
from reports.evidence import Evidence, Gate, PlainTestRecord, ProblemRecord, Reason
from tests.reports.samples import SAMPLES, failed_gate, linux_rows, proven, run, target


def text(evidence: Evidence) -> str:
    return summary.render(evidence).decode()


def tokens(markdown: str) -> list[Token]:
    """Return what a Markdown reader (with tables, as GitHub's) makes of it, inline parts included."""
    found = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [part for token in found for part in (token, *(token.children or []))]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_verdict_comes_first(sample: str) -> None:
    evidence = SAMPLES[sample]()
    assert text(evidence).startswith(f"# Sealproof: {evidence.verdict}\n")


def test_a_lab_run_says_so_before_any_table() -> None:
    head = text(proven()).split("## Targets")[0]
    assert "**LAB RUN.**" in head
    assert "**SIMULATED GUEST.** debian, server" in head
    assert "**CONSTRUCTED DISK.**" in head


def test_a_run_on_azure_has_no_such_notice() -> None:
    assert "LAB RUN" not in text(SAMPLES["undetermined"]())


def test_a_sealed_target_is_called_not_proven() -> None:
    subject = target("debian", outcome="sealed", witness="guest")
    evidence = Evidence(run=run(), verdict="sealed", targets=(subject,), results=linux_rows("debian"))
    assert "**NOT PROVEN.** debian" in text(evidence)


def test_an_unfinished_or_contradictory_record_is_called_so() -> None:
    shown = text(proven().model_copy(update={"run": run(ended=None), "coverage": {}}))
    assert "**UNFINISHED.**" in shown
    assert "**THE RECORD CONTRADICTS ITSELF.** debian is proven, but its disk was not read completely" in shown


def test_a_failed_check_is_shown_with_what_to_do() -> None:
    wrong = text(failed_gate()).split("## What is wrong")[1].split("## Waivers")[0]
    assert "| server | WIN-DISK-001 every volume is fully decrypted | failed |" in wrong
    assert "| fully decrypted (0) | manage-bde -off C: |" in wrong
    assert "WIN-STATE-001" not in wrong, "what only follows from the closed gate is no news"


def test_a_forecast_is_shown_though_no_row_failed() -> None:
    reason = Reason(code="forecast", text="/etc/shadow- will survive", remedy="clean: [passwd-backups]")
    closed = target("debian", outcome="failed").model_copy(
        update={"gate": Gate(open=False, reasons=(reason,)), "note": "nothing was done to it"}
    )
    shown = text(Evidence(run=run(), verdict="failed", targets=(closed,), results=linux_rows("debian")))
    assert "| gate closed: forecast | /etc/shadow- will survive |  | clean: &#91;passwd-backups&#93; |" in shown
    assert "nothing was done to it" in shown


def test_waivers_are_shown_with_their_state() -> None:
    assert "| AZ-LOCK-001 | debian | **used** |" in text(failed_gate())


def test_plain_tests_that_did_not_pass_are_named_and_the_others_counted() -> None:
    said = (
        PlainTestRecord(test="rules/test_a.py::test_port[debian]", target="debian", outcome="passed"),
        PlainTestRecord(test="rules/test_a.py::test_team", outcome="skipped", reason="no licence | here"),
    )
    page = text(proven().model_copy(update={"tests": said}))
    assert "1 of 2 passed." in page
    assert "port[" not in page.replace("\\", "")
    (row,) = (line for line in page.replace("\\", "").splitlines() if "test_team" in line)
    assert "| every one | skipped | no licence" in row
    assert "## Plain tests" not in text(proven())


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_reader_sees_our_markup_and_none_of_a_guest(sample: str) -> None:
    found = tokens(text(SAMPLES[sample]()))
    kinds = {token.type for token in found}
    assert not kinds & {"image", "link_open", "code_inline", "fence", "code_block"}
    html = [token.content for token in found if token.type in ("html_inline", "html_block")]
    assert all(re.fullmatch(r"<br>|<details><summary>.*</summary>\n?|</details>\n?", item) for item in html)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_row_of_a_table_has_its_columns(sample: str) -> None:
    found = tokens(text(SAMPLES[sample]()))
    wrong = [token for token in found if token.type == "inline" and "|" in re.sub("&#124;", "", token.content)]
    assert wrong == [], "a line that was meant as a row was read as text"


def test_no_ci_command_starts_in_it() -> None:
    shown = text(SAMPLES["hostile"]())
    assert "##vso[" not in shown
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_a_huge_run_is_cut_with_a_mark_and_stays_within_the_budget() -> None:
    problem = ProblemRecord(observed="x" * 500, expected="y" * 500, where="z" * 500)
    names = [f"vm{number:04}" for number in range(250)]
    rows = tuple(
        row.model_copy(update={"outcome": "failed", "problems": (problem,) * 2})
        for name in names
        for row in linux_rows(name)
    )
    targets = tuple(target(name, outcome="failed") for name in names)
    data = summary.render(Evidence(run=run(), verdict="failed", targets=targets, results=rows))
    assert len(data) <= 1 << 20
    assert data.startswith(b"# Sealproof: failed")
    assert b"vm0249" in data.split(b"## What is wrong")[0], "every target is in the first table"
    assert data.endswith(b"**Cut here: the rest did not fit. evidence.json has all of it.**\n")


@pytest.mark.parametrize("budget", range(700, 5000, 97))
def test_a_cut_leaves_no_open_tag_and_no_half_line(budget: int) -> None:
    whole = text(failed_gate()).rstrip("\n")
    sections = whole.split("\n\n")
    data = summary.within(budget, sections)
    assert len(data) <= max(budget, 0)
    shown = data.decode()
    assert shown.count("<details>") == shown.count("</details>")
    kept = shown.split("\n\n**Cut here")[0].removesuffix("\n</details>").splitlines()
    assert kept == whole.splitlines()[: len(kept)]
