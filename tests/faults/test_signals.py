"""Ctrl-C and SIGTERM, as people and pipelines send them, to real processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.server import Lab
from reports.evidence import Evidence
from tests.faults.claims import Process, let_claims_expire
from tests.faults.fleet import fleet, fleet_file, lab, signed_in
from tests.runners.runs import sealproof

SLOW = 6.0
"""Seconds from the launch to the power-off."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Lab]:
    path = fleet(tmp_path, ["golden", "other"])
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for machine in data["machines"]:
        machine["guest"]["simulated"]["on_launch"]["seconds"] = SLOW
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    with lab(path) as running:
        yield running


@pytest.fixture
def process(running: Lab, tmp_path: Path) -> Iterator[Process]:
    folder = tmp_path / "first"
    folder.mkdir()
    process = Process(running, folder, f"--fleet={fleet_file(running, folder, ['golden'])}")
    yield process
    process.close()


def record(process: Process) -> Evidence:
    return Evidence.from_bytes((process.evidence / "evidence.json").read_bytes())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_launched_is_awaited_and_recorded(process: Process, number: signal.Signals) -> None:
    process.await_event("golden", "launch.confirmed")
    process.signal(number)

    assert process.wait() == 2
    assert "still at work: golden. Nothing new is launched; what was launched ends." in process.text
    assert record(process).verdict == "proven"


def test_a_signal_before_the_launch_launches_nothing_and_gives_the_claim_back(process: Process, running: Lab) -> None:
    process.await_event("golden", "claim.begin")
    process.signal(signal.SIGTERM)

    assert process.wait() == 2
    assert record(process).targets[0].note == "the run was interrupted"
    assert "launch.intent" not in process.journal("golden")
    assert all(machine.tags == {} for machine in running._running.machines.values())


def test_the_second_signal_says_what_the_third_abandons_and_another_run_finishes_it(
    process: Process, running: Lab, tmp_path: Path
) -> None:
    process.await_event("golden", "launch.confirmed")
    process.signal(signal.SIGTERM)
    process.await_text("still at work")
    process.signal(signal.SIGTERM)
    process.await_text("Once more abandons golden")
    process.signal(signal.SIGTERM)

    assert process.wait(15) == 2
    (target,) = record(process).targets
    assert record(process).run.ended is not None
    assert (target.outcome, "abandoned when the run was interrupted" in target.note) == ("undetermined", True)
    words = f"--take-over {target.vm_id} --resume {process.evidence}"
    assert words in " ".join(process.text.split())

    let_claims_expire(running)
    again = tmp_path / "again"
    again.mkdir()
    with signed_in(running) as way:
        targets = f"--fleet={fleet_file(running, again, ['golden'])}"
        run = sealproof(again, *way, targets, "-q", "--generalize", *words.split())
    assert (run.code, run.target("golden").outcome) == (0, "proven"), run.text
