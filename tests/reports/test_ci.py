"""What a CI system is told: the worst first, bounded, and no text of a guest's as a command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports import ci
from reports.evidence import Gate, ProblemRecord
from reports.text import log_safe
from tests.reports.fleets import many
from tests.reports.samples import HOSTILE, SAMPLES, failed_gate, proven, record, row, run, target

FOLDER = Path("/builds/100%; of]it/evidence/run")


def test_github_is_told_what_is_wrong_where_and_what_to_do() -> None:
    first = ci.github(failed_gate()).splitlines()[0]
    assert first == (
        "::error title=WIN-DISK-001 failed::every volume is fully decrypted. on server. "
        "C: C: is fully encrypted (1) (expected: fully decrypted (0)). what to do: manage-bde -off C:"
    )


def test_azure_is_told_the_same_and_where_the_summary_is() -> None:
    lines = ci.azure(failed_gate(), FOLDER).splitlines()
    assert lines[0].startswith("##vso[task.logissue type=error]WIN-DISK-001 failed: every volume is fully decrypted.")
    assert "##vso[task.uploadsummary]/builds/100%AZP25; of]it/evidence/run/summary.md" in lines
    assert "##vso[task.setvariable variable=SEALPROOF_VERDICT;isOutput=true]failed" in lines


def test_a_lab_run_is_a_warning_even_where_all_is_proven() -> None:
    said = ci.github(proven())
    assert "::error" not in said
    assert "::warning title=Sealproof%3A proven::LAB RUN." in said


def test_warned_and_waived_rules_are_warnings() -> None:
    assert "::warning title=AZ-LOCK-001 waived::no lock keeps the VM from being generalized: debian\n" in ci.github(
        failed_gate()
    )


def test_many_targets_with_one_mistake_are_one_annotation() -> None:
    said = ci.github(many(100, rules=12))
    assert said.count("::error") == 1
    assert "on golden-0003, golden-0013, golden-0023, golden-0033, golden-0043 and 5 more" in said


def test_there_are_never_more_than_github_shows() -> None:
    problem = ProblemRecord(observed="x" * 500, expected="y", where="z")
    rows = tuple(
        row("LNX-SHADOW-001", "web01", "failed", problems=(problem,)).model_copy(
            update={"check": f"TEAM-RULE-{number:03}"}
        )
        for number in range(50)
    )
    subject = target("web01", outcome="failed", gate=Gate(open=True))
    said = ci.github(record(run=run(), verdict="failed", targets=(subject,), results=rows)).splitlines()
    errors = [text for text in said if text.startswith("::error")]
    assert len(errors) == 10
    assert errors[-1] == "::error title=Sealproof::and 41 more: see summary.md, report.html"
    assert max(map(len, errors)) < 1000


def test_outputs_are_one_line_each() -> None:
    assert ci.github_outputs(proven(), Path("/a\nb")) == "verdict=proven\nevidence=/a\\nb\n"


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_line_is_a_command_of_ours(sample: str) -> None:
    evidence = SAMPLES[sample]()
    for text in ci.github(evidence).splitlines():
        kind, _, rest = text.partition("::")[2].partition("::")
        assert re.fullmatch(r"(error|warning) title=[^:,]*", kind)
        assert "##vso[" not in rest
    for text in ci.azure(evidence, FOLDER).splitlines():
        assert re.match(
            r"##vso\[task\.(logissue type=(error|warning)|uploadsummary|setvariable variable=SEALPROOF_)", text
        )
        assert text.count("##vso[") == 1


def test_a_guest_that_says_commands_gives_none() -> None:
    problem = ProblemRecord(observed=HOSTILE, expected="100%", where="::error::")
    rows = (row("LNX-SHADOW-001", "web01", "failed", problems=(problem,), title=HOSTILE),)
    evidence = record(run=run(), verdict="failed", targets=(target("web01", outcome="failed"),), results=rows)
    for said in (ci.github(evidence), ci.azure(evidence, FOLDER)):
        commands = [text for text in said.splitlines() if log_safe(text) != text]
        assert len(commands) == len(said.splitlines())
        assert not any("\x1b" in text or "set-output name" in text.split("::")[1:2] for text in commands)
