"""Shows on the terminal what the targets are at while pytest's items wait for them.

An item that waits has the terminal for itself, so nothing is drawn into what pytest writes: on a terminal a table that
is gone before the item is told, elsewhere (a file, a CI's log) now and then a line.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from reports.text import line
from runners.activity import Activities, Activity

LINE_SECONDS = 30.0
"""How long nothing is said in a log, at most, while something is waited for."""
_TABLE_AFTER = 0.5
"""Seconds that an item waits before there is a table: shorter waits would only flicker."""
_SPARE_ROWS = 8
_MOST_NAMES = 4


class Screen:
    """A table for a terminal. `drawing` holds back pytest's capture while something is drawn."""

    def __init__(self, activities: Activities, drawing: Callable[[], AbstractContextManager[Any]]) -> None:
        self._activities = activities
        self._drawing = drawing
        self._waits_since: float | None = None
        self._live: Live | None = None

    def waiting(self) -> None:
        """Draw, if somebody has been waiting for long enough. Called several times a second."""
        now = self._activities.clock()
        self._waits_since = now if self._waits_since is None else self._waits_since
        if now - self._waits_since < _TABLE_AFTER:
            return
        with self._drawing():
            if self._live is None:
                sys.stdout.write("\n")
                console = Console(file=sys.stdout, force_terminal=True)
                self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
                self._live.start()
            self._live.update(table(self._activities, self._live.console.height - _SPARE_ROWS), refresh=True)

    def over(self) -> None:
        """Take the table away: the item goes on, and pytest writes."""
        self._waits_since = None
        if self._live is not None:
            with self._drawing():
                self._live.stop()
            self._live = None


class Lines:
    """Lines for a log: every change of a target where `every`, else a summary now and then."""

    def __init__(self, activities: Activities, write: Callable[[str], None], *, every: bool) -> None:
        self._activities = activities
        self._write = write
        self._every = every
        self._last = activities.clock()
        self._told: Mapping[str, Activity] = {}

    def waiting(self) -> None:
        """Say what is new, if it is time for that."""
        now, seen = self._activities.clock(), self._activities.now()
        if self._every:
            for name, activity in seen.items():
                if activity != self._told.get(name):
                    self._write(f"{_age(activity.since - self._activities.began)} {_line(name, activity)}")
            self._told = seen
        elif now - self._last >= LINE_SECONDS:
            self._last = now
            self._write(f"{_age(now - self._activities.began)} {summary(seen, now)}")

    def over(self) -> None:
        """Do nothing: what is written stays."""


def audience(config: pytest.Config, activities: Activities) -> Screen | Lines | None:
    """Return who shows a run on this terminal; None where nobody is to be told (`-q`, or pytest shows nothing)."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    if reporter is None or config.option.verbose < 0:
        return None

    def drawing() -> AbstractContextManager[Any]:
        disabled: AbstractContextManager[Any] = capture.global_and_fixture_disabled() if capture else nullcontext()
        return disabled

    def write(text: str) -> None:
        with drawing():
            reporter.ensure_newline()
            reporter.write_line(text)

    in_log = os.environ.get("CI") or os.environ.get("TF_BUILD") or os.environ.get("TERM") == "dumb"
    if reporter.isatty and not in_log:
        return Screen(activities, drawing)
    return Lines(activities, write, every=config.option.verbose > 0)


def summary(seen: Mapping[str, Activity], now: float) -> str:
    """Return a fleet in one line: what is through and how, what is under way, and who has waited longest."""
    parts = [f"{sum(item.over for item in seen.values())} of {len(seen)} through"]
    outcomes = Counter(item.phase for item in seen.values() if item.over)
    if outcomes:
        parts[0] += f" ({', '.join(f'{count} {outcome}' for outcome, count in sorted(outcomes.items()))})"
    phases = Counter(item.phase for item in seen.values() if not item.over)
    parts += [f"{count} {phase}" for phase, count in phases.most_common()]
    slowest = [f"{line(name)} {_age(now - item.since)} {item.doing}" for name, item in _slowest(seen)[:_MOST_NAMES]]
    return ", ".join(parts) + (f"; longest: {'; '.join(slowest)}" if slowest else "")


def table(activities: Activities, rows: int) -> Group:
    """Return a table of what is under way, the longest first, `rows` of it at most, and a line about all."""
    now, seen = activities.clock(), activities.now()
    slowest = _slowest(seen)
    shown = slowest[: max(1, rows)]
    grid = Table.grid(padding=(0, 2))
    for name, item in shown:
        grid.add_row(Text(line(name)), Text(item.phase, "bold"), Text(_age(now - item.since)), Text(item.doing, "dim"))
    parts: list[Table | Text] = [grid]
    if len(slowest) > len(shown):
        parts.append(Text(f"and {len(slowest) - len(shown)} more", "dim"))
    parts.append(Text(f"{_age(now - activities.began)}  {_through(seen)}"))
    return Group(*parts)


def _through(seen: Mapping[str, Activity]) -> str:
    return summary(seen, 0.0).partition("; longest")[0]


def _slowest(seen: Mapping[str, Activity]) -> list[tuple[str, Activity]]:
    return sorted(_under_way(seen.items()), key=lambda item: item[1].since)


def _under_way(items: Iterable[tuple[str, Activity]]) -> list[tuple[str, Activity]]:
    return [(name, item) for name, item in items if not item.over]


def _line(name: str, activity: Activity) -> str:
    return f"{line(name)} {activity.phase}" + (f": {activity.doing}" if activity.doing else "")


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
