"""Reading a disk once more where its reader process was killed, whether it is behind a SAS or in a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from runners.disk.access import Log
from runners.errors import ReaderKilledError
from runners.scheduler import DiskScheduler

P = ParamSpec("P")
T = TypeVar("T")


async def read_undisturbed(
    scheduler: DiskScheduler, journal: Log, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what a function that reads a disk returns; it is called again where somebody killed its process.

    The second time it raises what it raises.
    """
    try:
        return await scheduler.read(function, *args, **kwargs)
    except ReaderKilledError as error:
        # The disk is still there, and reading it changes nothing.
        journal.append("disk.again", {"reason": str(error)})
    return await scheduler.read(function, *args, **kwargs)
