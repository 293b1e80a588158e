"""Votes: what a team's plain tests say against generalizing a target. A test can only say no; nobody can vote for it.

A target's gate waits while somebody can still vote on it, and no longer. Voting on a target is over when

- every plain test that was planned for it has reported, or
- no process is free to run another: each waits, in an item that shows a target's end, for a gate that waits for votes,
- or the session ends.

A test that has not passed by then is a veto, whatever the reason. So no order of items can stop a run for ever, and
none can open a gate.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from reports.evidence import PlainTestRecord

Outcome = Literal["planned", "passed", "failed", "skipped", "xfailed", "xpassed", "rerun", "deselected", "not run"]

_EVERY = ""
"""The target of a test that is about every one."""


@dataclass(frozen=True, slots=True)
class PlainTest:
    """A plain test that was planned, for one target or (`target` empty) for every one."""

    node: str
    """Its pytest node id."""
    name: str
    """How people are told of it: `rules/test_ssh.py::test_port[win01]`."""
    target: str
    left_out: str = ""
    """Why pytest will not run it (`deselected`, ...); empty where it will."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What a plain test has said."""

    outcome: Outcome = "planned"
    reason: str = ""


class Votes:
    """All votes of a run. Thread-safe; it knows nothing of pytest."""

    def __init__(self, targets: Iterable[str]) -> None:
        self._lock = threading.RLock()
        self._open = set(targets)
        """The targets on which voting is not over."""
        self._tests: dict[str, PlainTest] = {}
        self._votes: dict[str, Vote] = {}
        # A fleet of a thousand has thousands of tests: nothing below walks all of them, or all targets, for one vote.
        self._about: dict[str, list[tuple[int, PlainTest]]] = {}
        """The tests by their target, each with its place among all."""
        self._unheard: Counter[str] = Counter()
        """How many tests have not reported, by their target."""
        self._processes: set[str] = set()
        self._waiting: dict[str, str] = {}
        """Process -> the target whose end it waits for."""
        self._listeners: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def plan(self, tests: Iterable[PlainTest]) -> None:
        """Say which tests there are: before the engine starts."""
        with self._lock:
            for test in tests:
                self._tests[test.node] = test
                self._votes[test.node] = Vote("deselected", test.left_out) if test.left_out else Vote()
            self._about, self._unheard = {}, Counter()
            for place, test in enumerate(self._tests.values()):
                self._about.setdefault(test.target, []).append((place, test))
                self._unheard[test.target] += self._votes[test.node].outcome == "planned"
            self._end(target for target in self._open if self._heard(target))

    def vote(self, node: str, outcome: Outcome, reason: str = "") -> None:
        """Take a test's vote. The first that is no pass stays; ids of other tests are passed over."""
        with self._lock:
            before = self._votes.get(node)
            if before is None or before.outcome not in ("planned", "passed"):
                return
            self._votes[node] = Vote(outcome, reason)
            if before.outcome == "planned":
                self._count(self._tests[node].target)

    def vetoes(self, target: str) -> tuple[str, ...]:
        """Return what speaks against the target now, one sentence a test: a test that has not reported does, too."""
        with self._lock:
            about = sorted((*self._about.get(target, ()), *self._about.get(_EVERY, ())))
            said = [(test, self._votes[test.node]) for _, test in about]
        return tuple(_sentence(test, vote) for test, vote in said if vote.outcome != "passed")

    def over(self, target: str) -> bool:
        """Return whether voting on the target is over."""
        with self._lock:
            return target not in self._open

    def when_over(self, target: str, listener: Callable[[], None]) -> None:
        """Call `listener` once, from any thread, when voting on the target is over; at once where it is."""
        with self._lock:
            self._listeners[target].append(listener)
            if target not in self._open or self._heard(target):
                self._end([target])

    def close(self, reason: str) -> None:
        """End all voting, since the session ends: what has not reported will not."""
        with self._lock:
            for node, vote in self._votes.items():
                if vote.outcome == "planned":
                    self._votes[node] = Vote("not run", reason)
            self._unheard.clear()
            self._end({*self._open, *self._listeners})

    # Who could still run a test

    def arrive(self, process: str) -> None:
        """A process that runs items is there."""
        with self._lock:
            self._processes.add(process)

    def leave(self, process: str) -> None:
        """It is gone. Where it was the last, either another comes or the session ends; both are told."""
        with self._lock:
            self._processes.discard(process)
            self._free_somebody()

    @contextmanager
    def waiting(self, process: str, target: str) -> Iterator[None]:
        """While this lasts, the process runs no test: it waits for the target's end."""
        with self._lock:
            self._waiting[process] = target
            self._free_somebody()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(process, None)

    def records(self) -> tuple[PlainTestRecord, ...]:
        """Return what every plain test said, sorted by name."""
        with self._lock:
            found = [
                PlainTestRecord(
                    test=test.name,
                    target=test.target or None,
                    outcome="not run" if vote.outcome == "planned" else vote.outcome,
                    reason=vote.reason,
                )
                for test, vote in ((item, self._votes[item.node]) for item in self._tests.values())
            ]
        return tuple(sorted(found, key=lambda record: (record.test, record.target or "")))

    def _count(self, target: str) -> None:
        """Count that a test about `target` has reported, and see on which targets voting is over by that."""
        self._unheard[target] -= 1
        if not self._unheard[target]:
            concerned = self._open if target == _EVERY else {target}
            self._end(item for item in concerned if self._heard(item))

    def _heard(self, target: str) -> bool:
        """Return whether every test about the target has reported."""
        return not self._unheard[target] and not self._unheard[_EVERY]

    def _free_somebody(self) -> None:
        """End voting on what every process waits for, if none is free to run a test."""
        stuck = {target for process, target in self._waiting.items() if process in self._processes}
        everybody = self._processes <= self._waiting.keys()
        if self._processes and everybody and stuck <= self._open:
            # Only those that somebody waits for: their end sets a process free, which may vote on the others.
            self._end(stuck)

    def _end(self, targets: Iterable[str]) -> None:
        """End voting on targets, and tell who listens."""
        ended = tuple(targets)
        self._open.difference_update(ended)
        for target in ended:
            for listener in self._listeners.pop(target, ()):
                listener()


def _sentence(test: PlainTest, vote: Vote) -> str:
    said = "was not run in time" if vote.outcome == "planned" else vote.outcome
    return f"plain test {test.name}: {said}{f' ({vote.reason})' if vote.reason else ''}"
