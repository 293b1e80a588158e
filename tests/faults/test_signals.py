"""Ctrl-C and SIGTERM, as people and pipelines send them, to real processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.guests.guest import Guest
from lab.guests.simulated import SimulatedGuest
from lab.scenario import Machine
from lab.server import Lab, serve
from reports.evidence import Evidence
from tests.faults.claims import Process, let_claims_expire
from tests.faults.fleet import fleet, fleet_file, signed_in
from tests.runners.runs import sealproof

SLOW_CLAIM = {
    "target": "other",
    "operation": "tags/updateAtMachine",
    "calls": [1],
    "effect": "delay",
    "seconds": 5,
    "carried_out": True,
}
"""Leaves time for a signal before the launch, on a slow host as well."""


class Told:
    """A timer that ends when it is told to: it stays open how long a guest takes."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self.call = call

    def start(self) -> None:
        """Begin to wait."""

    def cancel(self) -> None:
        """Stop waiting."""


def patient(machine: Machine) -> Guest:
    """Make a guest that stays up after its launch until `goes_off`."""
    assert machine.spec.guest.simulated is not None
    return SimulatedGuest.from_scenario(machine.name, machine.spec.platform, machine.spec.guest.simulated, timer=Told)


def goes_off(running: Lab) -> None:
    """Let what was launched in the guest come to its end."""
    guest = running.guests["golden"]
    assert isinstance(guest, SimulatedGuest)
    assert isinstance(guest._pending, Told)
    guest._pending.call()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Lab]:
    with serve(fleet(tmp_path, ["golden", "other"], faults=[SLOW_CLAIM]), guests=patient) as running:
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
def test_what_was_launched_is_awaited_and_recorded(process: Process, running: Lab, number: signal.Signals) -> None:
    process.await_event("golden", "launch.confirmed")
    process.signal(number)
    process.await_text("still at work")
    goes_off(running)

    assert process.wait() == 2
    assert "still at work: golden. Nothing new is launched; what was launched ends." in process.text
    assert record(process).verdict == "proven"


def test_a_signal_before_the_launch_launches_nothing_and_gives_the_claim_back(running: Lab, tmp_path: Path) -> None:
    process = Process(running, tmp_path, f"--fleet={fleet_file(running, tmp_path, ['other'])}")
    try:
        process.await_event("other", "claim.begin")
        process.signal(signal.SIGTERM)

        assert process.wait() == 2
        assert record(process).targets[0].note == "the run was interrupted"
        assert "launch.intent" not in process.journal("other")
        assert all(machine.tags == {} for machine in running._running.machines.values())
    finally:
        process.close()


def test_the_second_signal_says_what_the_third_abandons_and_another_run_finishes_it(
    process: Process, running: Lab, tmp_path: Path
) -> None:
    process.await_event("golden", "launch.confirmed")
    process.signal(signal.SIGTERM)
    process.await_text("still at work")
    process.signal(signal.SIGTERM)
    process.await_text("Once more abandons golden")
    process.signal(signal.SIGTERM)

    assert process.wait() == 2
    (target,) = record(process).targets
    assert record(process).run.ended is not None
    assert (target.outcome, "abandoned when the run was interrupted" in target.note) == ("undetermined", True)
    words = f"--take-over {target.vm_id} --resume {process.evidence}"
    assert words in " ".join(process.text.split())

    goes_off(running)
    let_claims_expire(running)
    again = tmp_path / "again"
    again.mkdir()
    with signed_in(running) as way:
        targets = f"--fleet={fleet_file(running, again, ['golden'])}"
        run = sealproof(again, *way, targets, "-q", "--generalize", *words.split())
    assert (run.code, run.target("golden").outcome) == (0, "proven"), run.text
