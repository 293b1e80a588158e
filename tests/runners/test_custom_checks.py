"""A team's own checks decide as ours do, and what a guest says through them stays text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runners.engine import files_digest
from tests.runners.runs import Run, scenario, sealproof

NAMES = """
from checks.catalogue import check, problem
from team_words import check_word_said


@check("TEAM-NAME-001", "the VM has the team's name", phase="pre", severity="blocker", why="w", fix="rename it",
       source="s", grade="X")
def check_name_agreed(guest):
    return [problem(where="::set-output name=a::b", observed="##vso[task.setvariable variable=x]y", expected="golden")]
"""
WORDS = """
from checks.catalogue import check


@check("TEAM-WORD-001", "the word was said", phase="post", severity="warning", why="w", fix="f", source="s", grade="X")
def check_word_said(disk):
    return []
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    (folder / "rules").mkdir()
    (folder / "rules" / "team_names.py").write_text(NAMES)
    (folder / "rules" / "team_words.py").write_text(WORDS)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return sealproof(
        folder, f"--lab={scenario(folder, 'win01')}", "--checks", "rules", "-v", "-m", "blocker or warning"
    )


def test_a_failing_check_of_a_team_closes_the_gate(run: Run) -> None:
    target = run.target("win01")
    assert (run.code, target.outcome, target.gate.open) == (1, "failed", False)
    assert [(reason.check, reason.remedy) for reason in target.gate.reasons] == [("TEAM-NAME-001", "rename it")]
    assert run.writes("win01") == {"virtualMachines/runCommand": 1}


def test_its_rows_and_its_digest_are_in_the_record(run: Run, folder: Path) -> None:
    assert run.rows("win01", "pre")["TEAM-NAME-001"].outcome == "failed"
    assert run.rows("win01", "post")["TEAM-WORD-001"].outcome == "blocked"
    assert run.evidence.run.digests["checks rules"] == files_digest((folder / "rules").glob("*.py"))


def test_it_has_one_item_for_each_target_and_an_imported_check_no_second_one(run: Run) -> None:
    assert len(re.findall(r"team_names\.py::check_name_agreed\[win01\] FAILED", run.text)) == 1
    assert len(re.findall(r"::check_word_said\[win01\] ", run.text)) == 1
    assert "team_words.py::check_word_said[win01] BLOCKED" in run.text


def test_its_markers_select_it(folder: Path) -> None:
    run = sealproof(
        folder, f"--lab={scenario(folder, 'win01')}", "--checks=rules", "--collect-only", "-q", "-m", "info"
    )
    assert "team_" not in run.text
    run = sealproof(
        folder, f"--lab={scenario(folder, 'win01')}", "--checks=rules", "--collect-only", "-q", "-m", "post"
    )
    assert "check_word_said[win01]" in run.text
    assert "check_name_agreed" not in run.text


def test_what_a_guest_says_is_no_command_to_a_ci_system(run: Run) -> None:
    assert "task.setvariable" in run.text
    assert not re.search(r"^\s*::", run.text, re.MULTILINE)
    assert "##vso[" not in run.text
