"""What takes too long for every day: many targets shown by many workers, and workers that die or are cut short."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from runners.session import load_catalogue
from tests.runners.runs import ORDERED, Run, scenario, sealproof, team

SEALPROOF = str(Path(sys.executable).with_name("sealproof"))
KILLER = """
import os, pathlib


class Killer:
    def pytest_runtest_call(self, item):
        marker = pathlib.Path({folder!r}, "killed")
        if {part!r} in item.nodeid and "PYTEST_XDIST_WORKER" in os.environ and (not marker.exists() or {always}):
            marker.touch()
            os._exit(9)


def pytest_configure(config):
    config.pluginmanager.register(Killer())
"""
RULE = """
from checks.catalogue import check


@check("TEAM-NAME-001", "the VM has a name", phase="pre", severity="info", why="w", fix="f", source="s", grade="X")
def check_name_given(azure):
    return []
"""
# Passes from its second call on, in whichever process.
FLAKY = """
import pathlib

COUNT = pathlib.Path({folder!r}, "count")


def test_flaky(target):
    COUNT.write_text((COUNT.read_text() if COUNT.exists() else "") + "x")
    assert len(COUNT.read_text()) > 1
"""


def test_nineteen_targets_shown_by_four_workers(tmp_path: Path) -> None:
    run = sealproof(tmp_path, "--lab=mixed", "-n4", "-q")
    evidence = run.evidence
    assert (run.code, evidence.verdict) == (1, "failed")
    planned = [(target.name, check) for target in evidence.targets for check in load_catalogue(())]
    assert sorted((row.target, row.check) for row in evidence.results) == sorted(planned)
    proven = {target.name for target in evidence.targets if target.outcome == "proven"}
    assert proven == {"debian01", "win01"}
    for target in evidence.targets:
        # liar01 says that it was deprovisioned; its disk says otherwise, so it is not flagged either.
        assert run.writes(target.name)["virtualMachines/generalize"] == (target.name in proven)
        assert run.events(target.name).count("launch.intent") <= 1


def test_after_the_first_failure_nothing_new_is_launched(tmp_path: Path) -> None:
    lab = f"--lab={scenario(tmp_path, 'done01', 'debian01', seconds=1.5)}"
    run = sealproof(tmp_path, lab, "-n2", "-x")
    # Stopped by pytest-xdist, which calls it interrupted.
    assert run.code == 2
    assert run.target("debian01").gate.open
    assert run.target("debian01").note.startswith("the run ended after 1 failure")
    assert "launch.intent" not in run.events("debian01")
    assert len(run.evidence.results) == 2 * len(load_catalogue(()))


def test_an_interrupted_run_ends_what_it_launched_and_launches_nothing_new(tmp_path: Path) -> None:
    machines = scenario(tmp_path, "debian01", "win01", seconds=1)
    process = subprocess.Popen(
        [SEALPROOF, f"--lab={machines}", "-n2"],
        cwd=tmp_path,
        env={**os.environ, **ORDERED},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    journal, pause = tmp_path / "evidence" / "latest" / "journal" / "debian01.jsonl", threading.Event()
    try:
        for _ in range(1200):
            if journal.is_file() and "launch.intent" in journal.read_text():
                break
            pause.wait(0.05)
        # As a terminal does: to the whole group, the workers included.
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    run = Run(process.returncode, text, tmp_path / "evidence")
    assert run.code == 2, text
    assert run.target("debian01").outcome == "proven"
    assert "launch.intent" not in run.events("win01")
    assert run.target("win01").note == "the run was interrupted"
    assert len(run.evidence.results) == 2 * len(load_catalogue(()))


def test_a_killed_worker_loses_no_row_and_repeats_nothing(tmp_path: Path) -> None:
    rules = team(
        tmp_path, conftest=KILLER.format(folder=str(tmp_path), part="executor[debian01]", always=False), rule=RULE
    )
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'debian01')}", rules, "-n2", "-k", "executor or lock")
    assert "replacing crashed worker" in run.text
    assert run.target("debian01").outcome == "proven"
    assert run.writes("debian01")["virtualMachines/generalize"] == 1
    assert len(run.evidence.results) == len(load_catalogue(())) + 1
    # What was shown in red is no success.
    assert run.code == 1


def test_when_the_last_worker_dies_nothing_new_is_launched_and_all_is_recorded(tmp_path: Path) -> None:
    rules = team(tmp_path, conftest=KILLER.format(folder=str(tmp_path), part="check_lock", always=True), rule=RULE)
    lab = f"--lab={scenario(tmp_path, 'debian01', seconds=2)}"
    run = sealproof(tmp_path, lab, rules, "-n1", "--max-worker-restart=0", "-k", "executor or lock")
    assert "worker restarting disabled" in run.text
    assert run.target("debian01").outcome == "not acted"
    assert "items not shown" in run.target("debian01").note
    assert "launch.intent" not in run.events("debian01")
    assert len(run.evidence.results) == len(load_catalogue(())) + 1
    assert run.code == 1


def test_with_other_plugins_at_once_no_gate_opens_and_nothing_is_repeated(tmp_path: Path) -> None:
    rules = team(tmp_path, test_flaky=FLAKY.format(folder=str(tmp_path)))
    lab = f"--lab={scenario(tmp_path, 'debian01')}"
    run = sealproof(tmp_path, lab, rules, "-n2", "-prandomly", "-prerunfailures", "--reruns=2")
    assert run.code == 1
    assert "test_flaky[debian01]: " in " ".join(item.text for item in run.target("debian01").gate.reasons)
    assert run.writes("debian01") == {"virtualMachines/runCommand": 1}
    assert sorted(row.check for row in run.evidence.results) == sorted(load_catalogue(()))


def test_workers_show_what_their_controller_found_in_azure(tmp_path: Path) -> None:
    lab = scenario(tmp_path, "debian01", "win01", "residue01", seconds=0.02)

    run = sealproof(tmp_path, f"--lab={lab}", "--select=group:RG-mixed", "--observe", "-n2", "-k", "power", "-v")

    names = ["debian01", "residue01", "win01"]
    assert [item.name for item in run.evidence.targets] == names
    assert all(f"check_power_running[{name}]" in run.text for name in names), run.text
    requests = (run.folder / "lab-requests.jsonl").read_text(encoding="utf-8")
    assert requests.count('"virtualMachines/list"') == 1
