"""Under what pytest's users add to it, no gate opens that was closed, nothing is done twice, and no row is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.session import load_catalogue
from tests.runners.runs import Run, scenario, sealproof, team

OBSERVED = {"virtualMachines/runCommand": 1}
# Passes from its second call on, in whichever process.
FLAKY = """
import pathlib

COUNT = pathlib.Path({folder!r}, "count")


def test_flaky(target):
    COUNT.write_text((COUNT.read_text() if COUNT.exists() else "") + "x")
    assert len(COUNT.read_text()) > 1


def test_steady(target):
    pass
"""


def proven_once(run: Run) -> None:
    assert (run.code, run.evidence.verdict) == (0, "proven"), run.text
    assert run.writes("debian01")["virtualMachines/generalize"] == 1
    assert run.events("debian01").count("launch.intent") == 1
    assert sorted(row.check for row in run.evidence.results) == sorted(load_catalogue(()))


def held_back(run: Run) -> str:
    """See that nothing was done behind the closed gate; return why it is closed."""
    # pytest-stepwise calls it interrupted.
    assert run.code == (2 if "Interrupted" in run.text else 1), run.text
    assert run.writes("debian01") == OBSERVED
    assert run.events("debian01") == ["gate"]
    assert sorted(row.check for row in run.evidence.results) == sorted(load_catalogue(()))
    return " ".join(item.text for item in run.target("debian01").gate.reasons if item.code == "veto")


@pytest.fixture
def lab(tmp_path: Path) -> str:
    return f"--lab={scenario(tmp_path, 'debian01')}"


@pytest.fixture
def rules(tmp_path: Path) -> str:
    return team(tmp_path, test_flaky=FLAKY.format(folder=str(tmp_path)))


def test_parts_of_pytest_may_be_missing(tmp_path: Path, lab: str) -> None:
    without = ["cacheprovider", "terminal", "junitxml", "xdist", "logging", "skipping"]
    run = sealproof(tmp_path, lab, *(f"-pno:{name}" for name in without))
    proven_once(run)


def test_a_test_that_passes_when_it_is_run_again_has_not_passed(tmp_path: Path, lab: str, rules: str) -> None:
    run = sealproof(tmp_path, lab, rules, "-prerunfailures", "--reruns=2")
    assert "test_flaky[debian01]: rerun" in held_back(run)


def test_what_was_left_out_since_it_passed_before_opens_no_gate(tmp_path: Path, lab: str, rules: str) -> None:
    stepwise = held_back(sealproof(tmp_path, lab, rules, "--sw"))
    assert "test_flaky[debian01]: failed" in stepwise
    # What had not begun when the run stopped was never asked.
    assert "test_steady[debian01]: not run" in stepwise
    last_failed = held_back(sealproof(tmp_path, lab, rules, "--lf"))
    assert "test_steady[debian01]: deselected" in last_failed
    assert "test_flaky[debian01]" not in last_failed
    # All of them again, only in another order.
    failed_first = sealproof(tmp_path, lab, rules, "--ff", "-prandomly", "-prerunfailures", "--reruns=1")
    assert "Using --randomly-seed" in failed_first.text
    proven_once(failed_first)
