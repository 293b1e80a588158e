"""What each target of a run is at just now: told by the engine, read by whoever shows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Activity:
    """What one target is at."""

    phase: str
    """A word: `observe`, `gate`, a step's name, `confirm`; at the end the target's outcome."""
    doing: str
    """What is done, or waited for."""
    since: float
    """When that began, by the clock of the activities, in seconds."""
    over: bool = False


class Activities:
    """By target's name. Thread-safe."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.began = clock()
        self._lock = threading.Lock()
        self._of = {name: Activity("waits", "", self.began) for name in names}

    def tell(self, name: str, phase: str, doing: str, *, over: bool = False) -> None:
        """Say what a target is at from now on."""
        with self._lock:
            self._of[name] = Activity(phase, doing, self.clock(), over)

    def now(self) -> Mapping[str, Activity]:
        """Return what every target is at, in the order of the fleet."""
        with self._lock:
            return dict(self._of)
