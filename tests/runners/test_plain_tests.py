"""A team's plain tests: one item for each target, votes that only close gates, and what each said in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.cli import ROOT
from runners.commands import COMMAND_LIMIT
from runners.plain_tests import NOT_IN_CONFIRM
from tests.runners.runs import Run, scenario, sealproof, team

HELLO = "def test_hello(host):\n    assert host.run('echo hello').stdout == 'hello'\n"


def said(run: Run) -> dict[str, str]:
    """Plain test -> its outcome, as the record says."""
    return {item.test: item.outcome for item in run.evidence.tests}


def vetoes(run: Run, target: str) -> list[str]:
    return [item.text for item in run.target(target).gate.reasons if item.code == "veto"]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two healthy targets; of the plain tests one speaks against win01. Another file has nothing to do with targets."""
    folder = tmp_path_factory.mktemp("plain")
    fails = "def test_name(target):\n    assert target != 'win01'\n"
    nobody = "def test_team():\n    pass\n"
    rules = team(folder, test_hello=HELLO, test_name=fails + "\n\n" + nobody)
    (folder / "test_here.py").write_text("def test_here(host):\n    assert host.backend.NAME == 'local'\n")
    places = [str(ROOT / "checks"), str(folder / "rules"), str(folder / "test_here.py")]
    return sealproof(folder, f"--lab={scenario(folder, 'debian01', 'win01')}", rules, "-v", *places)


def test_what_every_plain_test_said_is_in_the_record(mixed: Run) -> None:
    assert said(mixed) == {
        "rules/test_hello.py::test_hello[debian01]": "passed",
        "rules/test_hello.py::test_hello[win01]": "passed",
        "rules/test_name.py::test_name[debian01]": "passed",
        "rules/test_name.py::test_name[win01]": "failed",
        "rules/test_name.py::test_team": "passed",
    }
    assert [item.target for item in mixed.evidence.tests] == ["debian01", "win01", "debian01", "win01", None]


def test_a_plain_test_that_fails_closes_the_gate_of_its_target_alone(mixed: Run) -> None:
    assert mixed.target("debian01").outcome == "proven"
    assert mixed.writes("debian01")["virtualMachines/generalize"] == 1
    assert mixed.target("win01").outcome == "failed"
    assert len(vetoes(mixed, "win01")) == 1
    assert "rules/test_name.py::test_name[win01]: failed" in vetoes(mixed, "win01")[0]
    # The observation, and the command of the test that passed.
    assert mixed.writes("win01") == {"virtualMachines/runCommand": 2}
    assert (mixed.code, mixed.evidence.verdict) == (1, "failed")


def test_elsewhere_host_is_the_one_that_testinfra_gives(mixed: Run) -> None:
    assert "test_here[local]" in mixed.text
    assert not any("test_here" in name for name in said(mixed))


OUTCOMES = """
import pytest


@pytest.fixture
def dirty():
    yield
    raise RuntimeError("the team's own teardown broke")


def test_fine(target):
    pass


def test_skips(target):
    pytest.skip("no licence here")


@pytest.mark.xfail(reason="known, and still wrong")
def test_known(target):
    assert False


@pytest.mark.xfail(reason="no longer wrong")
def test_mended(target):
    pass


def test_dirty(target, dirty):
    pass


def test_talkative(host):
    for _ in range(100):
        host.run("echo hello")
"""


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("outcomes")
    rules = team(folder, test_all=OUTCOMES)
    return sealproof(folder, f"--lab={scenario(folder, 'debian01')}", rules, "--observe")


def test_whatever_did_not_pass_is_a_veto_also_where_nothing_is_to_be_generalized(observed: Run) -> None:
    outcomes = {name.partition("::")[2].partition("[")[0]: outcome for name, outcome in said(observed).items()}
    assert outcomes == {
        "test_fine": "passed",
        "test_skips": "skipped",
        "test_known": "xfailed",
        "test_mended": "xpassed",
        "test_dirty": "failed",
        "test_talkative": "failed",
    }
    assert len(vetoes(observed, "debian01")) == 5
    assert "no licence here" in " ".join(vetoes(observed, "debian01"))
    assert (observed.code, observed.target("debian01").outcome) == (1, "failed")


def test_the_commands_of_a_target_are_bounded_and_the_error_says_what_to_do(observed: Run) -> None:
    assert observed.writes("debian01") == {"virtualMachines/runCommand": 1 + COMMAND_LIMIT}
    assert "Write a check with a probe instead" in observed.text


def test_what_is_not_shown_is_a_veto(tmp_path: Path) -> None:
    rules = team(
        tmp_path, test_hello=HELLO, test_more="def test_one(target):\n    pass\n\n\ndef test_two():\n    pass\n"
    )
    lab = f"--lab={scenario(tmp_path, 'debian01')}"
    run = sealproof(
        tmp_path, lab, rules, f"{ROOT}/checks/executor.py", f"{tmp_path}/rules/test_more.py", "-k", "not one"
    )
    assert said(run) == {
        "rules/test_hello.py::test_hello": "deselected",
        "rules/test_more.py::test_one[debian01]": "deselected",
        "rules/test_more.py::test_two": "passed",
    }
    assert len(vetoes(run, "debian01")) == 2
    assert run.writes("debian01") == {"virtualMachines/runCommand": 1}


def test_a_file_that_can_not_be_collected_is_a_veto(tmp_path: Path) -> None:
    rules = team(tmp_path, test_broken="import no_such_module_anywhere\n\n\ndef test_one(target):\n    pass\n")
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'debian01')}", rules, "--continue-on-collection-errors")
    assert "rules/test_broken.py: deselected (the file could not be collected)" in " ".join(vetoes(run, "debian01"))
    assert run.writes("debian01") == {"virtualMachines/runCommand": 1}
    assert run.code == 1


def test_a_plain_test_that_comes_too_late_closes_the_gate_and_stops_nobody(tmp_path: Path) -> None:
    last = "def pytest_collection_finish(session):\n    session.items.reverse()\n"
    rules = team(tmp_path, conftest=last, test_hello=HELLO)
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'debian01')}", rules)
    assert "was not run in time" in vetoes(run, "debian01")[0]
    assert run.writes("debian01") == {"virtualMachines/runCommand": 1}, "no command after the gate was decided"
    assert "its gate was decided" in run.text
    assert run.code == 1


def test_a_sealed_vm_is_asked_no_plain_tests_and_that_is_said_once(tmp_path: Path) -> None:
    rules = team(tmp_path, test_hello=HELLO)
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'debian01')}", rules, "--confirm", "-v")
    assert run.text.count(NOT_IN_CONFIRM) == 1
    assert "test_hello" not in run.text
    assert run.evidence.tests == ()
