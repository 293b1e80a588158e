"""A run on a hundred VMs is killed (SIGKILL) in the middle. The next one finishes it, and nothing is done twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab.server import Lab
from tests.faults.campaign import quick_lab
from tests.faults.claims import Process, let_claims_expire
from tests.faults.fleet import fleet, fleet_file
from tests.faults.truth import Visit, broken_rules, shared_disks
from tests.faults.watched import WatchedGuest
from tests.runners.runs import Run

NAMES = [f"vm{number:03}" for number in range(100)]
FLAG, DEALLOCATE = "virtualMachines/generalize", "virtualMachines/deallocate"
EARLY, LATE = NAMES[:20], NAMES[20:50]
"""VMs that the first run does not get beyond looking at, and those that it launches and does not get stopped."""
FLAGGED_BY_THE_FIRST = 30
"""How many of the others are flagged when it is killed, at least."""
HELD = [{"operation": "locks/listAtMachine", "target": name, "effect": "hold", "calls": [1]} for name in EARLY] + [
    {"operation": DEALLOCATE, "target": name, "effect": "hold", "calls": [1]} for name in LATE
]


@dataclass(frozen=True)
class Scene:
    """A lab, what the first run had done of it when it was killed, and the second run."""

    running: Lab
    launched: frozenset[str]
    flagged: frozenset[str]
    second: Visit

    def done(self, operation: str) -> Counter[str]:
        """How often Azure did this to each VM, by its own log."""
        log = [item for item in self.running.requests if item.operation == operation and 200 <= item.status < 300]
        return Counter(str(item.target) for item in log)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("hundred")
    with quick_lab(fleet(folder, NAMES, faults=HELD)) as running:
        targets = f"--fleet={fleet_file(running, folder)}"
        first = Process(running, folder / "first", targets, "--concurrency=100")
        try:
            first.await_truth(lambda: in_the_middle(running), "it never flagged so many", 600)
        finally:
            first.close()
        await_rest(running)
        launched = frozenset(name for name in NAMES if guest(running, name).launches)
        seen, before = frozenset(flagged(running)), len(running.requests)
        let_claims_expire(running)
        taken = [f"--take-over={item['vm_id']}" for item in running.fleet["targets"]]
        second = Process(running, folder / "second", targets, *taken, f"--resume={first.evidence}")
        try:
            run = Run(second.wait(), second.text, second.root)
        finally:
            second.close()
        yield Scene(running, launched, seen, Visit(run, running.requests[before:]))


def guest(running: Lab, name: str) -> WatchedGuest:
    found = running.guests[name]
    assert isinstance(found, WatchedGuest)
    return found


def in_the_middle(running: Lab) -> bool:
    """Whether all are launched that are to be, so that none is right before it, and so many are flagged."""
    launched = all(guest(running, name).launches for name in NAMES if name not in EARLY)
    return launched and len(flagged(running)) >= FLAGGED_BY_THE_FIRST


def await_rest(running: Lab) -> None:
    """Wait until the lab is through with what it was asked last: it is asked nothing any more, and nothing changes."""
    pause, before = threading.Event(), -1
    while (now := len(running.requests)) != before:
        before = now
        pause.wait(2)


def flagged(running: Lab) -> list[str]:
    return [machine.name for machine in running._running.machines.values() if machine.generalized]


def test_the_first_run_was_in_the_middle(scene: Scene) -> None:
    assert len(scene.flagged) >= FLAGGED_BY_THE_FIRST
    assert scene.flagged | {*LATE} <= scene.launched
    assert not scene.launched & {*EARLY}


def test_the_second_run_finishes_all(scene: Scene) -> None:
    assert Counter(scene.second.target(name).outcome for name in NAMES) == {"proven": len(NAMES)}, (
        scene.second.run.text[-4000:]
    )
    assert scene.second.run.code == 0


def test_nothing_was_done_twice(scene: Scene) -> None:
    assert {name: guest(scene.running, name).launches for name in NAMES} == dict.fromkeys(NAMES, 1)
    assert scene.done(FLAG) == dict.fromkeys(NAMES, 1)
    assert scene.done(DEALLOCATE) == dict.fromkeys(NAMES, 1)


def test_no_rule_is_broken(scene: Scene) -> None:
    assert [text for name in NAMES for text in broken_rules(scene.running, name, [scene.second])] == []
    assert shared_disks(scene.running) == []


def test_the_second_run_sends_nothing_into_a_guest_that_the_first_one_launched(scene: Scene) -> None:
    asked = {str(item.target) for item in scene.second.requests if item.operation == "virtualMachines/runCommand"}
    assert asked == set(NAMES) - scene.launched
