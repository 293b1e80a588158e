"""docs/writing-checks.md is followed to the letter: its files are written, its commands run, and it happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from checks.catalogue import grades
from runners.cli import ROOT
from runners.commands import COMMAND_LIMIT
from runners.own_probes import SIZE_LIMIT
from tests.runners.runs import Run, command, sealproof

PAGE = (ROOT / "docs" / "writing-checks.md").read_text(encoding="utf-8")
# ... The rule, `rules/kernel.py`:\n\n```python\n...```
FILES = dict(re.findall(r"`([\w/]+\.[\w.]+)`:\n\n```\w+\n(.*?)```", PAGE, re.DOTALL))


def team(folder: Path, *, without: str = "") -> Path:
    """Write every file that the page shows, where it says, but for one that comes later."""
    for name in FILES.keys() - {without}:
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(FILES[name], encoding="utf-8")
    return folder


def follow(folder: Path, line: str) -> Run:
    """Run a command line of the page, which must be there."""
    assert f"    sealproof {line}\n" in PAGE
    return sealproof(folder, *line.split())


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return follow(team(tmp_path_factory.mktemp("team")), "--lab quiet.yaml --observe --checks rules")


def test_the_page_shows_these_files() -> None:
    assert sorted(FILES) == [
        "quiet.yaml",
        "rules/kernel.py",
        "rules/kernel_args.lab.txt",
        "rules/kernel_args.sh",
        "rules/test_clock.py",
        "tests/test_kernel.py",
    ]


def test_the_check_passes_on_the_machine_that_it_says(tmp_path: Path) -> None:
    run = follow(team(tmp_path, without="rules/test_clock.py"), "--lab --observe --checks rules")
    assert (run.code, run.target("debian01").outcome) == (0, "ready"), run.text
    assert run.rows("debian01", "pre")["ACME-KERNEL-001"].outcome == "passed"
    assert run.rows("win01", "pre")["ACME-KERNEL-001"].outcome == "not applicable"


def test_the_check_fails_on_the_other_machine(quiet: Run) -> None:
    target = quiet.target("quiet01")
    assert (quiet.code, target.outcome, target.gate.open) == (1, "failed", False), quiet.text
    assert [reason.check for reason in target.gate.reasons] == ["ACME-KERNEL-001"]
    assert target.gate.reasons[0].remedy.startswith("Add console=ttyS0 to GRUB_CMDLINE_LINUX")
    assert quiet.rows("quiet01", "pre")["ACME-KERNEL-001"].problems[0].observed == "no console="


def test_the_plain_test_runs_on_the_target(quiet: Run) -> None:
    (test,) = quiet.evidence.tests
    assert (test.test, test.target) == ("rules/test_clock.py::test_the_time_zone_is_utc[quiet01]", "quiet01")
    assert test.outcome == "passed", test.reason
    assert quiet.writes("quiet01") == {"virtualMachines/runCommand": 2}


def test_its_own_tests_pass_without_a_run(tmp_path: Path) -> None:
    run = command(team(tmp_path), sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert (run.code, run.text.splitlines()[-1].split(" in ")[0]) == (0, "4 passed"), run.text


def test_the_limits_are_those_that_hold() -> None:
    assert f"few: {COMMAND_LIMIT} for a target" in PAGE
    assert f"more than {SIZE_LIMIT // 1024} KiB of probes" in PAGE


def test_every_grade_is_explained() -> None:
    assert [letter for letter in grades() if not re.search(rf"[ ,]{letter} [a-z]", PAGE)] == []
