"""The whole path as a newcomer runs it, in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from runners.cli import ROOT
from runners.session import load_catalogue
from tests.runners.runs import Run, command, scenario

PYTEST = (sys.executable, "-m", "pytest")
SEALPROOF = (str(Path(sys.executable).with_name("sealproof")),)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`pytest --lab` in the repository, as a CI system runs it."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "step.md").write_text("# before\n")
    options = [f"--evidence={folder / 'evidence'}", f"--alluredir={folder / 'allure'}", "-p", "no:cacheprovider"]
    run = command(ROOT, *PYTEST, "--lab", *options, environment={"GITHUB_STEP_SUMMARY": str(folder / "step.md")})
    return Run(run.code, run.text, folder / "evidence")


def test_the_demo_is_proven(demo: Run) -> None:
    assert demo.code == 0, demo.text
    assert demo.evidence.verdict == "proven"
    assert {item.name: item.outcome for item in demo.evidence.targets} == {"debian01": "proven", "win01": "proven"}
    assert "verdict: PROVEN" in demo.text


def test_the_readme_shows_what_the_demo_prints(demo: Run) -> None:
    def shown(text: str) -> str:
        block = re.search(r"^LAB RUN\..*?^report: +\S+$", text, re.MULTILINE | re.DOTALL)
        assert block is not None, text
        return re.sub(r"^(evidence|report): .*/\d{8}T\d{6}Z-[0-9a-f]{6}/", r"\1: RUN/", block[0], flags=re.MULTILINE)

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert shown(re.sub(r"^ {4}", "", readme, flags=re.MULTILINE)) == shown(demo.text)


def test_every_planned_row_of_the_demo_is_there_once(demo: Run) -> None:
    planned = [(target.name, check) for target in demo.evidence.targets for check in load_catalogue(())]
    assert sorted((row.target, row.check) for row in demo.evidence.results) == sorted(planned)


def test_a_lab_run_says_that_it_is_one(demo: Run) -> None:
    assert demo.evidence.run.lab
    for target in demo.evidence.targets:
        seen = target.vantages
        assert (seen.azure, seen.guest, seen.disk) == ("lab", "simulated", "constructed")
    assert "LAB RUN" in demo.text


def test_what_was_about_to_be_done_is_in_the_journal_before_it_was_done(demo: Run) -> None:
    for target in demo.evidence.targets:
        events = demo.events(target.name)
        assert events.index("gate") < events.index("launch.intent") < events.index("generalize.intent")


def test_the_renderings_are_beside_the_record(demo: Run) -> None:
    suites = ElementTree.parse(demo.folder / "TEST-sealproof.xml").getroot()
    assert len(list(suites.iter("testcase"))) >= len(demo.evidence.results)
    assert not list(suites.iter("failure"))
    summary = (demo.folder / "summary.md").read_text()
    assert "debian01" in summary
    assert (demo.evidence_root.parent / "step.md").read_text() == "# before\n" + summary


def test_allure_gets_results_environment_and_categories(demo: Run) -> None:
    folder = demo.evidence_root.parent / "allure"
    results = [json.loads(file.read_text()) for file in folder.glob("*-result.json")]
    assert {"passed", "skipped"} >= {item["status"] for item in results}
    assert any("win01" in item["name"] for item in results)
    assert (folder / "environment.properties").is_file()
    assert json.loads((folder / "categories.json").read_text())


def test_stripped_asserts_are_refused(tmp_path: Path) -> None:
    run = command(ROOT, sys.executable, "-O", "-m", "pytest", "--lab", f"--evidence={tmp_path / 'evidence'}")
    assert run.code == 4
    assert "python -O" in run.text
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command in a team's own folder: every path option, relative to it."""
    folder = tmp_path_factory.mktemp("team")
    machines = scenario(folder, "win01", "debian01")
    fleet = yaml.safe_load(machines.read_text())["fleet"]
    del fleet["targets"][0]["vm_id"]
    fleet["targets"][1]["vm_id"] = "00000000-0000-4000-8000-000000000000"
    (folder / "golden").mkdir()
    (folder / "golden" / "fleet.yaml").write_text(yaml.safe_dump(fleet))
    (folder / "rules").mkdir()
    (folder / "rules" / "naming.py").write_text(
        "from checks.catalogue import check\n\n\n"
        "@check('TEAM-NAME-001', 'the VM has a name', phase='pre', severity='info', why='w', fix='f', source='s',"
        " grade='X')\n"
        "def check_name_given(azure):\n    return []\n"
    )
    options = ["--lab", machines.name, "--fleet", "golden/fleet.yaml", "--checks", "rules", "--evidence", "kept/here"]
    run = command(folder, *SEALPROOF, *options)
    return Run(run.code, run.text, folder / "kept" / "here")


def test_every_path_starts_where_the_user_stands(team: Run) -> None:
    assert team.code == 1, team.text
    assert team.rows("win01", "pre")["TEAM-NAME-001"].outcome == "passed"
    assert {"fleet", "checks rules"} <= team.evidence.run.digests.keys()
    assert not (team.evidence_root.parent.parent / "evidence").exists()


def test_in_the_lab_consent_is_implied_where_nothing_is_pinned(team: Run) -> None:
    assert team.target("win01").outcome == "proven"


def test_a_wrong_pin_closes_the_gate_and_names_the_right_id(team: Run) -> None:
    target = team.target("debian01")
    assert target.gate.open is False
    assert any(target.vm_id in reason.text for reason in target.gate.reasons)
    assert target.vm_id in team.text
    assert team.writes("debian01") == {}, "not even a question is sent into a machine that was not meant"


def test_an_interrupted_run_ends_what_it_launched_and_launches_nothing_new(tmp_path: Path) -> None:
    # While debian01 is launched, win01 is still being prepared.
    machines = scenario(tmp_path, "debian01", "win01", seconds=1)
    process = subprocess.Popen(
        [*SEALPROOF, f"--lab={machines}"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    journal, pause = tmp_path / "evidence" / "latest" / "journal" / "debian01.jsonl", threading.Event()
    try:
        for _ in range(600):
            if journal.is_file() and "launch.intent" in journal.read_text():
                break
            pause.wait(0.05)
        # As a terminal does: to the whole group, the process that reads the disk included.
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    run = Run(process.returncode, text, tmp_path / "evidence")
    assert run.code == 2, text
    assert "still at work" in text
    assert run.target("debian01").outcome == "proven"
    assert "generalize.intent" in run.events("debian01")
    assert run.target("win01").receipt is None
    assert "launch.intent" not in run.events("win01")
    assert run.target("win01").note == "the run was interrupted"
    assert run.evidence.run.ended is not None
