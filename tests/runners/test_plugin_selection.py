"""Selecting changes what pytest shows, never how anything is judged; it can prevent an action, never cause one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.cli import ROOT
from runners.session import load_catalogue
from tests.runners.runs import Run, scenario, sealproof

HEALTHY = ("debian01", "win01")
BROKEN = ("dc01", "residue01", "readonly01")
MACHINES = (*HEALTHY, *BROKEN, "liar01")
OBSERVING = {"virtualMachines/runCommand": 1}
SHUFFLE = """
import random


def pytest_collection_finish(session):
    random.Random(7).shuffle(session.items)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("selection")


@pytest.fixture(scope="module")
def lab(folder: Path) -> str:
    return f"--lab={scenario(folder, *MACHINES)}"


@pytest.fixture(scope="module")
def full(folder: Path, lab: str) -> Run:
    """A run without any selection, as it was when it ended (`latest` moves on)."""
    run = sealproof(folder, lab, "--evidence=full")
    return Run(run.code, run.text, folder / "full")


# Healthy ones beside broken ones


def test_one_broken_target_makes_the_run_fail(full: Run) -> None:
    assert (full.code, full.evidence.verdict) == (1, "failed")


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_target_is_generalized_beside_broken_ones(full: Run, name: str) -> None:
    assert full.target(name).outcome == "proven"
    assert full.writes(name)["virtualMachines/generalize"] == 1


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        ("dc01", "AD-Domain-Services", "Uninstall-ADDSDomainController"),
        ("residue01", "/etc/machine-id", "clean"),
        ("readonly01", "ReadOnly", "az lock delete"),
    ],
)
def test_a_closed_gate_says_why_and_what_to_do(full: Run, name: str, reason: str, remedy: str) -> None:
    gate = full.target(name).gate
    assert gate.open is False
    assert any(reason in item.text for item in gate.reasons)
    assert any(remedy.lower() in item.remedy.lower() for item in gate.reasons)
    assert reason in full.text


@pytest.mark.parametrize("name", BROKEN)
def test_nothing_is_done_to_a_target_behind_a_closed_gate(full: Run, name: str) -> None:
    assert full.writes(name) == OBSERVING
    assert full.events(name) == ["gate"]
    assert {row.outcome for row in full.rows(name, "post").values()} <= {"blocked", "not applicable"}


def test_a_disk_that_shows_an_unsealed_system_stops_the_target_before_the_flag(full: Run) -> None:
    liar, rows = full.target("liar01"), full.rows("liar01", "post")
    assert liar.gate.open
    assert liar.outcome == "failed"
    assert full.writes("liar01")["virtualMachines/generalize"] == 0
    assert "generalize.intent" not in full.events("liar01")
    assert rows["LNX-WAAGENT-001"].outcome == "failed"
    assert "not flagged" in liar.note
    assert all(row.reason == liar.note for row in rows.values() if row.outcome == "blocked")
    assert "blocked" in {row.outcome for row in rows.values()}


def test_every_planned_row_is_there_once(full: Run) -> None:
    planned = [(name, check) for name in MACHINES for check in load_catalogue(())]
    assert sorted((row.target, row.check) for row in full.evidence.results) == sorted(planned)


# Selections

SELECTIONS = {
    "-k, in another order": (["-k", "debian01", "-p", "sealproof_shuffle"], {"debian01"}),
    "-m pre": (["-m", "pre"], set()),
    # The rules for Windows have items for debian01 too, which ask for nothing there.
    "-m windows": (["-m", "windows"], {"win01"}),
    "a file": ([f"{ROOT}/checks/azure/lock.py"], set()),
    "a node": ([f"{ROOT}/checks/executor.py::executor[win01]"], {"win01"}),
    "--deselect": (
        [f"{ROOT}/checks/executor.py", "--deselect", "checks/executor.py::executor[debian01]"],
        {"win01", "liar01"},
    ),
}


@pytest.fixture(scope="module")
def shuffle(folder: Path) -> Iterator[None]:
    (folder / "sealproof_shuffle.py").write_text(SHUFFLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield


@pytest.fixture(scope="module", params=list(SELECTIONS.values()), ids=list(SELECTIONS))
def selected(request: pytest.FixtureRequest, folder: Path, lab: str, shuffle: None) -> tuple[Run, set[str]]:
    arguments, acted = request.param
    return sealproof(folder, lab, *arguments), acted


def test_selection_changes_no_judgement_and_no_gate(full: Run, selected: tuple[Run, set[str]]) -> None:
    run, acted = selected
    for name in MACHINES:
        assert run.target(name).gate == full.target(name).gate
        # What the preparation removes is judged again after it, so only where somebody acted.
        again = {key for key, row in full.rows(name, "pre").items() if row.rule.remedied_by and name not in acted}
        seen, whole = (
            {key: row for key, row in item.rows(name, "pre").items() if key not in again} for item in (run, full)
        )
        assert seen == whole
        if name in acted or name in BROKEN:
            assert run.rows(name, "post").keys() == full.rows(name, "post").keys()
            outcomes = [{key: row.outcome for key, row in item.rows(name, "post").items()} for item in (run, full)]
            assert outcomes[0] == outcomes[1]


def test_an_unselected_target_is_not_acted_on_and_says_so(selected: tuple[Run, set[str]]) -> None:
    run, acted = selected
    for name in {*HEALTHY, "liar01"} - acted:
        target = run.target(name)
        assert (target.outcome, target.note) == ("not acted", "not selected")
        rows = [row for row in run.rows(name, "post").values() if row.outcome != "not applicable"]
        assert {(row.outcome, row.reason) for row in rows} == {("undetermined", "not selected")}
        assert run.writes(name) == OBSERVING
    for name in acted:
        assert run.target(name).receipt is not None


def test_what_was_left_out_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'win01')}", "-m", "pre")
    assert (run.code, run.evidence.verdict) == (8, "not acted")
    assert "not selected" in run.text
    assert "GITHUB_STEP_SUMMARY" in run.text
    assert "could not be appended to: Is a directory" in run.text


def test_last_failed_shows_only_those_and_judges_all(tmp_path: Path) -> None:
    lab = f"--lab={scenario(tmp_path, 'dc01', 'win01')}"
    first = sealproof(tmp_path, lab, "--observe")
    again = sealproof(tmp_path, lab, "--lf")
    assert (first.code, again.code) == (1, 1)
    assert "[win01]" not in again.text
    assert again.writes("win01") == OBSERVING
    assert len(again.evidence.results) == 2 * len(load_catalogue(()))


# Ending early


def test_after_the_first_failure_nothing_new_is_launched(tmp_path: Path) -> None:
    # What is wrong with done01 shows at once; debian01 answers its one question seconds later.
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'done01', 'debian01', seconds=1.5)}", "-x")
    assert run.code == 1
    assert re.search(r"^still at work: .*debian01", run.text, re.MULTILINE), run.text
    debian = run.target("debian01")
    assert debian.gate.open
    assert debian.outcome == "not acted"
    assert debian.note.startswith("the run ended")
    assert run.writes("debian01") == OBSERVING
    assert len(run.evidence.results) == 2 * len(load_catalogue(()))
