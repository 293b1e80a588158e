"""Where the engine puts what it found, and where pytest items wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from reports.evidence import Result, Target
from runners.activity import Activities

_TICK_SECONDS = 0.2


class Audience(Protocol):
    """Who is told that an item waits, in the item's own thread."""

    def waiting(self) -> None:
        """Called again and again while it waits."""
        ...

    def over(self) -> None:
        """Called when it waits no more."""
        ...


class Board:
    """Rows by (check, target), and the records of finished targets. Thread-safe."""

    def __init__(self, activities: Activities | None = None) -> None:
        self.activities = activities or Activities(())
        self._rows: dict[str, dict[str, Result]] = {}
        """Target name -> check id -> row."""
        self._targets: dict[str, Target] = {}
        self._platforms: dict[str, str] = {}
        self._changed = threading.Condition()
        self.audience: Audience | None = None
        """For a process that shows its items itself; with several threads that wait there must be none."""

    def post(self, rows: Iterable[Result], *, revise: bool = False) -> None:
        """Add rows. A row that is there already stays, unless a newer observation was judged (`revise`)."""
        with self._changed:
            for row in rows:
                of_target = self._rows.setdefault(row.target, {})
                if revise or row.check not in of_target:
                    of_target[row.check] = row
            self._changed.notify_all()

    def observe(self, name: str, platform: str) -> None:
        """Say which platform the target was observed to have."""
        with self._changed:
            self._platforms[name] = platform
            self._changed.notify_all()

    def platform(self, name: str) -> str:
        """Wait until the target was observed, or is through, and return its platform: `unknown` where nobody saw it."""
        self._await(lambda: name in self._platforms or name in self._targets)
        with self._changed:
            return self._platforms.get(name, "unknown")

    def finish(self, target: Target) -> None:
        """Add the record of a target that is through. All its rows must be there."""
        with self._changed:
            self._targets[target.name] = target
            self._changed.notify_all()
        self.activities.tell(target.name, target.outcome, target.note, over=True)

    def finished(self, name: str) -> bool:
        """Return whether the target is through."""
        with self._changed:
            return name in self._targets

    def row(self, check: str, target: str) -> Result:
        """Wait until the row is there and return it; a finished target without that row is an error of ours.

        A failure that our own preparation removes is judged again after it, so that one is waited for to the end.
        """
        self._await(lambda: self.settled(check, target))
        with self._changed:
            return self._rows[target][check]

    def await_row(self, check: str, target: str) -> None:
        """Wait until the row is there, or the target is through. It may still be revised."""
        self._await(lambda: target in self._targets or check in self._rows.get(target, {}))

    def settled(self, check: str, target: str) -> bool:
        """Return whether `row` would return at once."""
        with self._changed:
            row = self._rows.get(target, {}).get(check)
            final = row is not None and not (row.outcome == "failed" and row.rule.remedied_by)
            return final or target in self._targets

    def target(self, name: str) -> Target:
        """Wait until the target is through and return its record."""
        self._await(lambda: name in self._targets)
        with self._changed:
            return self._targets[name]

    def _await(self, there: Callable[[], bool]) -> None:
        audience = self.audience
        if audience is None:
            with self._changed:
                self._changed.wait_for(there)
            return
        try:
            while not self._there(there):
                audience.waiting()
        finally:
            # Also for whoever is interrupted while waiting: a table takes the terminal's cursor away.
            audience.over()

    def _there(self, there: Callable[[], bool]) -> bool:
        # Nobody may draw while holding what the engine needs to go on.
        with self._changed:
            return self._changed.wait_for(there, _TICK_SECONDS)

    def rows(self) -> tuple[Result, ...]:
        """Return all rows so far, sorted by target and check."""
        with self._changed:
            names = sorted(self._rows)
        return tuple(row for name in names for row in self.rows_of(name))

    def rows_of(self, target: str) -> tuple[Result, ...]:
        """Return the rows of one target so far, sorted by check."""
        with self._changed:
            of_target = self._rows.get(target, {})
            return tuple(of_target[check] for check in sorted(of_target))
