"""Work that may never end, in a thread that nobody waits for: a host that hangs must not keep a run from ending."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def apart(work: Callable[[], T], seconds: float) -> T:
    """Run a blocking function in a daemon thread of its own, and return what it does.

    Raises `TimeoutError` after `seconds`; the thread is left to itself then, and what comes of it is lost.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(setter: Callable[[Any], None], value: Any) -> None:
        if not answer.done():
            setter(value)

    def run() -> None:
        setter: Callable[[Any], None]
        value: Any
        try:
            setter, value = answer.set_result, work()
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            setter, value = answer.set_exception, error
        with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            loop.call_soon_threadsafe(tell, setter, value)

    threading.Thread(target=run, name="sealproof-apart", daemon=True).start()
    return await asyncio.wait_for(answer, seconds)
