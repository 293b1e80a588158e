"""Waiting that passes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from unittest import mock

from runners.quota import Quota
from runners.scheduler import ThreadScheduler


@contextmanager
def hurry(wrong_by: timedelta = timedelta(0)) -> Iterator[None]:
    """Let each pause take an instant, and half a minute or more on the clock of the target that pauses.

    `wrong_by`: how far the clock of the host that runs Sealproof goes ahead.
    """
    passed: ContextVar[timedelta] = ContextVar("passed", default=timedelta(0))

    async def pause(_: ThreadScheduler, seconds: float) -> None:
        passed.set(passed.get() + timedelta(seconds=max(seconds, 30)))
        await asyncio.sleep(0.02)

    def now(_: ThreadScheduler) -> datetime:
        return datetime.now(UTC) + passed.get() + wrong_by

    with (
        mock.patch.multiple(ThreadScheduler, pause=pause, now=now),
        # A quota goes by the real clock, which such a run does not let pass; so do the SDK's waits between its tries.
        mock.patch.object(Quota, "wait", return_value=0.0),
        mock.patch("azure.core.pipeline.transport.RequestsTransport.sleep"),
    ):
        yield
