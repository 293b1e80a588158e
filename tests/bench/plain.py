"""Plain pytest with testinfra, without Sealproof: test files as somebody would write them, and a run of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.command import ALONE, Took, run
from tests.bench.fleet import Served
from tests.bench.questions import QUESTIONS
from tests.bench.run_command_backend import ENDPOINT

_TEST = """\
import pytest

from tests.bench.questions import QUESTIONS


@pytest.mark.parametrize("question", QUESTIONS[:{count}])
def test_question(host, question):
    question(host)
"""
_HOST = """\
from tests.bench.run_command_backend import host_of


@pytest.fixture(scope="module")
def host():
    return host_of("{vm}")
"""
"""In place of testinfra's own `host`."""


def over_run_command(lab: Served, vms: Sequence[str], questions: int, folder: Path, workers: int = 0) -> Took:
    """Ask each VM the first `questions` over Run Command, a file for each VM; with `workers`, by xdist file by file."""
    test = _TEST.format(count=questions)
    files = {f"test_vm{number:04d}.py": test + _HOST.format(vm=vm) for number, vm in enumerate(vms)}
    options = ("-n", str(workers), "--dist", "loadfile") if workers else ()
    return _run(files, options, folder, questions * len(vms), {**lab.environment, ENDPOINT: lab.endpoint})


def over(host: str, folder: Path) -> Took:
    """Ask a host by its testinfra specification all there is to ask."""
    test = _TEST.format(count=len(QUESTIONS))
    return _run({"test_host.py": test}, (f"--hosts={host}",), folder, len(QUESTIONS), {})


def _run(
    files: dict[str, str], options: Sequence[str], folder: Path, asserted: int, environment: dict[str, str]
) -> Took:
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # not ours, which loads Sealproof
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(folder / "pytest.ini"), "--rootdir", str(folder)]
    took = run([*command, *ALONE, "-p", "no:cacheprovider", *options, str(folder)], environment)
    assert took.code == 0, took.said
    assert f"{asserted} passed" in took.said, took.said
    return took
