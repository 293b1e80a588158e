"""Where waiting happens: calls run in worker threads and hold a slot, pauses hold none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import ParamSpec, Protocol, TypeVar

from runners.again import seconds_before
from runners.errors import AgainError

P = ParamSpec("P")
T = TypeVar("T")


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


class ThreadScheduler:
    """A scheduler with a bounded number of calls in progress."""

    def __init__(self, concurrency: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="sealproof-call")

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
                if wait is None:
                    raise
            await self.pause(wait)
            waited += wait

    async def pause(self, seconds: float) -> None:
        """Wait without holding a slot."""
        await asyncio.sleep(seconds)

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC)

    def close(self) -> None:
        """Let the worker threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
