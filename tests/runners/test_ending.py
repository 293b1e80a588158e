"""What pytest shows in red and the record can't explain is never a success."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.cli import ROOT
from tests.runners.runs import Run, scenario, sealproof

ERRORS = {
    "in setup": """
import pytest

@pytest.fixture(autouse=True)
def strict(request):
    if "check_lock_absent" in request.node.name:
        raise RuntimeError("a fixture of the team broke")
""",
    "in teardown": """
import pytest

@pytest.fixture(autouse=True)
def strict(request):
    yield
    if "check_lock_absent" in request.node.name:
        raise RuntimeError("a fixture of the team broke")
""",
    "around the call": """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    yield
    if "check_lock_absent" in item.name:
        raise RuntimeError("a hook of the team broke")
""",
}


def observed(folder: Path, machine: str, *arguments: str) -> Run:
    return sealproof(folder, f"--lab={scenario(folder, machine)}", "--observe", *arguments)


@pytest.mark.parametrize("plugin", list(ERRORS.values()), ids=list(ERRORS))
def test_an_error_around_a_check_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugin: str) -> None:
    (tmp_path / "sealproof_error.py").write_text(plugin)
    monkeypatch.syspath_prepend(str(tmp_path))
    run = observed(tmp_path, "win01", "-p", "sealproof_error")
    assert run.evidence.verdict == "ready"
    assert "of the team broke" in run.text
    assert run.code == 1, run.text


def test_an_error_around_a_check_makes_a_doubt_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sealproof_error.py").write_text(ERRORS["in setup"])
    monkeypatch.syspath_prepend(str(tmp_path))
    lab = f"--lab={scenario(tmp_path, 'win01')}"
    assert sealproof(tmp_path, lab, "-m", "pre").code == 8
    assert sealproof(tmp_path, lab, "-m", "pre", "-p", "sealproof_error").code == 1


def test_a_file_that_could_not_be_collected_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import no_such_module_anywhere\n")
    places = [str(ROOT / "checks"), str(tmp_path / "test_broken.py")]
    run = observed(tmp_path, "win01", "--continue-on-collection-errors", *places)
    assert run.evidence.verdict == "ready"
    assert run.code == 1, run.text


def test_another_test_that_fails_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_other():\n    assert False\n")
    run = observed(tmp_path, "win01", str(ROOT / "checks"), str(tmp_path / "test_other.py"))
    assert (run.evidence.verdict, run.code) == ("ready", 1)


def test_another_test_that_passes_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    run = observed(tmp_path, "win01", str(ROOT / "checks"), str(tmp_path / "test_other.py"))
    assert (run.evidence.verdict, run.code) == ("ready", 0)


def test_a_run_that_something_else_stopped_as_failed_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sealproof_stop.py").write_text(
        "def pytest_runtest_logfinish(nodeid):\n    pass\n\n\n"
        "def pytest_runtest_teardown(item, nextitem):\n"
        "    if nextitem is None:\n        item.session.shouldfail = 'enough'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    run = observed(tmp_path, "win01", "-p", "sealproof_stop")
    assert run.code == 1, run.text
