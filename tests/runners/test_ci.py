"""The CI system that a run runs in: found out, told, and never told anything by a guest or a test."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from runners.ci import Filtered, FrontEnd, systems
from tests.reports.samples import HOSTILE, failed_gate, proven
from tests.runners.runs import scenario, sealproof, team

GITHUB, AZURE = {"GITHUB_ACTIONS": "true"}, {"TF_BUILD": "True"}


def test_the_system_is_found_by_its_environment() -> None:
    assert systems("auto", GITHUB) == ("github",)
    assert systems("auto", AZURE) == ("azure",)
    assert systems("auto", {}) == ()
    assert systems("none", GITHUB | AZURE) == ()
    assert systems("azure", {}) == ("azure",)


def test_github_gets_summary_outputs_and_annotations(tmp_path: Path) -> None:
    files = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    said = FrontEnd("auto", GITHUB | files).publish(failed_gate(), Path("/evidence/run"))
    assert said.startswith("::error title=WIN-DISK-001")
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text().startswith("# Sealproof: failed")
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "verdict=failed\nevidence=/evidence/run\n"


def test_the_summary_leaves_room_for_what_the_step_wrote_before(tmp_path: Path) -> None:
    path = tmp_path / "step.md"
    path.write_bytes(b"x" * ((1 << 20) - 2500))
    FrontEnd("auto", {"GITHUB_STEP_SUMMARY": str(path)}).publish(failed_gate(), Path("/evidence/run"))
    assert path.stat().st_size <= 1 << 20
    assert b"# Sealproof: failed" in path.read_bytes()
    assert path.read_bytes().endswith(b"did not fit. evidence.json has all of it.**\n")


def test_with_none_nothing_is_written_and_nothing_filtered(tmp_path: Path) -> None:
    path, front = tmp_path / "step.md", FrontEnd("none", GITHUB | {"GITHUB_STEP_SUMMARY": str(tmp_path / "step.md")})
    writer = SimpleNamespace(_file=io.StringIO())
    front.guard(writer)
    assert front.publish(failed_gate(), tmp_path) == ""
    assert not path.exists()
    assert isinstance(writer._file, io.StringIO)


def test_what_cannot_be_written_is_a_complaint(tmp_path: Path) -> None:
    front = FrontEnd("auto", {"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert front.publish(proven(), tmp_path) == ""
    assert len(front.complaints) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_no_command_goes_through_however_it_is_cut(size: int) -> None:
    text = f"a ##vso[task.x]y\n::error::z\n  ::warning::w\n##[group]\nfine :: here\n{HOSTILE}\n"
    raw = io.StringIO()
    stream = Filtered(raw)
    for at in range(0, len(text), size):
        stream.write(text[at : at + size])
    shown = raw.getvalue()
    assert "##vso[" not in shown
    assert "##[" not in shown
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "fine :: here" in shown
    assert shown.replace(" ", "") == text.replace(" ", "")


def test_our_own_commands_go_through() -> None:
    raw = io.StringIO()
    stream = Filtered(raw)
    stream.write("end\n")
    stream.command("::error::x\n")
    assert raw.getvalue() == "end\n::error::x\n"


RULES = """
import sys
from checks.catalogue import check, problem

HOSTILE = {hostile!r}

@check("TEAM-HOSTILE-001", "nobody says anything", phase="pre", platform="any", severity="blocker", waivable=True,
       applies=None, remedied_by=None, grade="X", why="it would be obeyed", fix="see to it", source="our own")
def check_nothing_is_said(azure):
    return [problem(observed=HOSTILE, expected="nothing", where=HOSTILE)]
"""
TESTS = """
import sys

HOSTILE = {hostile!r}

def test_of_the_team(host):
    print(HOSTILE)
    sys.stderr.write(HOSTILE)
    assert HOSTILE == "", HOSTILE
"""


def test_a_whole_run_lets_no_command_of_a_guest_or_a_test_into_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (GITHUB | AZURE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    rules = team(tmp_path, rules=RULES.format(hostile=HOSTILE), test_team=TESTS.format(hostile=HOSTILE))
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'debian01')}", rules, "--observe", "-ra", "-v")
    assert run.code == 1, run.text
    assert run.text.count("owned") > 3, "it was said"
    commands = [text for text in run.text.splitlines() if "##vso[" in text or text.lstrip().startswith("::")]
    ours = r"::(error|warning) title=|##vso\[task\.(logissue type=|uploadsummary\]/|setvariable variable=SEALPROOF_)"
    assert [
        text for text in commands if not text.startswith((*ours, "##vso[task.setvariable variable=SEALPROOF_"))
    ] == []
    assert any(text.startswith("::error title=TEAM-HOSTILE-001 failed::") for text in commands)
    assert any(text.startswith("##vso[task.logissue type=error]TEAM-HOSTILE-001 failed: ") for text in commands)
    assert all(text.count("##vso[") <= 1 and "##[" not in text for text in run.text.splitlines())
