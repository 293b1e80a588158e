"""Runs that are killed (SIGKILL): inside a call, and at an entry of the journal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.server import Lab
from tests.faults.cell import Call, Document, Family, cells, once, writes
from tests.faults.fleet import environment, fleet_file, way
from tests.faults.nursery import Moment, Nursery

PATIENCE_SECONDS = 180.0

CRASHES: Sequence[Family] = (
    Family("killed inside a call, which Azure never heard of", {"effect": "hold"}, once),
    Family("killed inside a call, which Azure carries out afterwards", {"effect": "late"}, writes),
    Family("killed after Azure did it, before the answer is read", {"effect": "hold", "carried_out": True}, writes),
)
BEFORE, AFTER = "killed before an entry of the journal is written", "killed after an entry of the journal is written"


@dataclass(frozen=True, slots=True)
class Crash:
    """One way to die, which has a VM of its own."""

    name: str
    title: str
    where: str
    fault: Document | None = field(default=None, repr=False)
    moment: Moment | None = None

    def __str__(self) -> str:
        return f"{self.title}: {self.where}"


def crashes(calls: Sequence[Call], events: Iterable[str]) -> Iterator[Crash]:
    """Return a crash for each moment of a clean run, by its calls and by the events of its journal."""
    for cell in cells(CRASHES, calls, "k"):
        yield Crash(cell.name, cell.title, cell.where, fault=cell.faults[0])
    counted: dict[str, int] = {}
    for index, event in enumerate(events):
        number = counted[event] = counted.get(event, 0) + 1
        where = f"entry {number} of {event}"
        yield Crash(f"b{index:03}", BEFORE, where, moment=(event, number, "before"))
        yield Crash(f"a{index:03}", AFTER, where, moment=(event, number, "after"))


def die(lab: Lab, nursery: Nursery, folder: Path, crash: Crash) -> int:
    """Run Sealproof on the crash's VM until it is killed there. Returns the process's end: -9 where it was.

    A run may get by without a call that another one made: how often it looks while it waits is a matter of time.
    """
    folder.mkdir(parents=True)
    targets = f"--fleet={fleet_file(lab, folder, [crash.name])}"
    options = [*way(lab), targets, "-q", "-k", "executor", "--generalize"]
    pid = nursery.start(folder, options, environment(lab), crash.moment)
    if crash.fault is not None:
        _kill_when_held(lab, pid)
    return nursery.end()


def _kill_when_held(lab: Lab, pid: int) -> None:
    """Kill the process as soon as the lab holds its call; let the lab notice before anybody else calls."""
    _wait(
        lambda: bool(lab.held) or not _lives(pid), f"process {pid} neither ends nor makes the call that is to be held"
    )
    if lab.held:
        os.kill(pid, signal.SIGKILL)
        _wait(lambda: not lab.held, "the lab holds the call of a process that is gone")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait(truth: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not truth():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.002)
