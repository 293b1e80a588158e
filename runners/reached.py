"""An Azure that was reached, real or embedded, with what asks it: once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from runners.azure import Arm
from runners.scheduler import ThreadScheduler
from runners.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Reached:
    """An Azure with its connections, and the scheduler of all calls."""

    around: Surroundings
    arm: Arm
    scheduler: ThreadScheduler


@contextmanager
def reach(surroundings: AbstractContextManager[Surroundings], concurrency: int) -> Iterator[Reached]:
    """Enter the surroundings and give them with what asks them. Raises `UsageError`."""
    with surroundings as around:
        scheduler = ThreadScheduler(concurrency)
        try:
            arm = Arm(around.cloud, around.credential)
            try:
                yield Reached(around, arm, scheduler)
            finally:
                arm.close()
        finally:
            scheduler.close()
