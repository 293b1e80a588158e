"""With pytest-xdist the run stays in one process: workers show what it found, and whatever becomes of them, it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.cli import ROOT
from runners.session import load_catalogue
from tests.runners.runs import Run, command, scenario, sealproof

MACHINES = ("debian01", "residue01")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The same run in one process, and with two workers."""
    runs = []
    for arguments in (["-v"], ["-v", "-n2"]):
        folder = tmp_path_factory.mktemp("shown")
        runs.append(sealproof(folder, f"--lab={scenario(folder, *MACHINES)}", *arguments))
    return runs[0], runs[1]


def test_workers_change_no_verdict_and_no_row(shown: tuple[Run, Run]) -> None:
    alone, spread = shown
    assert (spread.code, spread.evidence.verdict) == (alone.code, alone.evidence.verdict) == (1, "failed")
    assert [(row.check, row.target, row.outcome) for row in spread.evidence.results] == [
        (row.check, row.target, row.outcome) for row in alone.evidence.results
    ]
    assert [item.outcome for item in spread.evidence.targets] == ["proven", "failed"]


def test_workers_do_nothing_twice(shown: tuple[Run, Run]) -> None:
    alone, spread = shown
    for name in MACHINES:
        assert spread.writes(name) == alone.writes(name)
    assert spread.writes("debian01")["virtualMachines/generalize"] == 1


def test_workers_show_the_same_words(shown: tuple[Run, Run]) -> None:
    alone, spread = (sorted(_words(run.text)) for run in shown)
    assert spread == alone
    assert {"PASSED", "BLOCKED", "FAILED"} <= {word for word, _ in alone}


def _words(text: str) -> list[tuple[str, str]]:
    # checks/azure/lock.py::check_lock_absent[debian01] PASSED   [ 12%]
    # [gw0] [ 12%] PASSED checks/azure/lock.py::check_lock_absent[debian01]
    found = []
    for line in text.splitlines():
        node = next((word for word in line.split() if "::" in word), "")
        words = [word for word in line.replace("%", "").split() if word.isupper()]
        if node and words and "]" in line.replace(node, ""):
            found.append((words[0], node))
    return found
