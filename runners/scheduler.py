"""Where waiting happens: calls run in worker threads and hold a slot, pauses hold none; reading a disk takes a core."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import ParamSpec, Protocol, TypeVar

from runners.again import seconds_before
from runners.errors import AgainError, RefusedError

P = ParamSpec("P")
T = TypeVar("T")

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""How many this process may use; macOS has no such call."""
READERS = 2 * CORES
"""How many disks are read at once: one computes, in a process of its own, while another waits for the network."""
PLACES = 32 * CORES
"""How many disks may be open to us at once. Granting and revoking take Azure many times as long as we read."""


class Scheduler(Protocol):
    """What a target's path uses to touch the world and to wait."""

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function in a worker thread; it holds one slot while it runs.

        What raises `AgainError` is run again after a pause, which holds none.
        """
        ...

    async def pause(self, seconds: float) -> None:
        """Wait without holding a slot. The one place where this project sleeps."""
        ...

    def now(self) -> datetime:
        """Return the time, UTC."""
        ...


class DiskScheduler(Scheduler, Protocol):
    """A scheduler that also has room for what reads disks."""

    def reading(self) -> AbstractAsyncContextManager[object]:
        """Give a place among the disks that are open to us. Access ages, so it is asked for after that."""
        ...

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that reads a disk in a worker thread. It holds none of the calls' slots."""
        ...


class ThreadScheduler:
    """A scheduler with a bounded number of calls in progress."""

    def __init__(self, concurrency: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="sealproof-call")
        self._readers = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="sealproof-read")
        self._room = asyncio.Semaphore(PLACES)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function in a worker thread; it waits here while all slots are taken."""
        loop, tries, waited = asyncio.get_running_loop(), 0, 0.0
        while True:
            try:
                return await loop.run_in_executor(self._threads, lambda: function(*args, **kwargs))
            except AgainError as error:
                # What was not even sent is no try.
                tries += error.sent
                wait = seconds_before(error, tries, waited)
                # Of an act alone: a look that was not sent tells nothing of what it was to look at.
                if wait is None and error.once and not error.sent:
                    raise RefusedError(
                        str(error), status=error.status, code=error.code, seconds=error.seconds
                    ) from None
                if wait is None:
                    raise
            await self.pause(wait)
            waited += wait

    def reading(self) -> AbstractAsyncContextManager[object]:
        """Give a place among the disks that are open to us."""
        return self._room

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that reads a disk in a worker thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: function(*args, **kwargs))

    async def pause(self, seconds: float) -> None:
        """Wait without holding a slot."""
        await asyncio.sleep(seconds)

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC)

    def close(self) -> None:
        """Let the worker threads end."""
        for threads in (self._threads, self._readers):
            threads.shutdown(wait=False, cancel_futures=True)
