"""Calls hold a slot, pauses hold none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from runners.scheduler import READERS, ThreadScheduler


@pytest.fixture
def scheduler() -> Iterator[ThreadScheduler]:
    scheduler = ThreadScheduler(2)
    yield scheduler
    scheduler.close()


def test_a_call_gives_its_result_and_passes_its_arguments(scheduler: ThreadScheduler) -> None:
    def join(one: str, *, two: str) -> str:
        return one + two

    assert asyncio.run(scheduler.call(join, "a", two="b")) == "ab"


def test_a_call_raises_what_its_function_raises(scheduler: ThreadScheduler) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        asyncio.run(scheduler.call(int, "x"))


def test_a_call_runs_in_a_thread_of_its_own(scheduler: ThreadScheduler) -> None:
    name = asyncio.run(scheduler.call(lambda: threading.current_thread().name))

    assert name.startswith("sealproof-call")


def test_no_more_calls_are_in_progress_than_there_are_slots(scheduler: ThreadScheduler) -> None:
    lock, gate = threading.Lock(), threading.Barrier(2)
    now, most = 0, 0

    def work() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        gate.wait(timeout=10)  # passes only when two are in here at once
        with lock:
            now -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(scheduler.call(work) for _ in range(6)))

    asyncio.run(all_of_them())

    assert most == 2


def test_who_reads_a_disk_waits_for_a_reader_and_holds_no_slot() -> None:
    scheduler, gate, lock = ThreadScheduler(1), threading.Barrier(READERS + 1), threading.Lock()
    inside, most = 0, 0

    def read() -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        gate.wait(timeout=30)  # passes only when every reader is at work, and the only slot is free
        with lock:
            inside -= 1
        return threading.current_thread().name

    async def all_of_them() -> list[str]:
        reads = [asyncio.create_task(scheduler.read(read)) for _ in range(2 * READERS)]
        for _ in range(2):
            await scheduler.call(gate.wait, timeout=30)
        return await asyncio.gather(*reads)

    try:
        names = asyncio.run(all_of_them())
    finally:
        scheduler.close()
    assert most == READERS
    assert all(name.startswith("sealproof-read") for name in names)


def test_a_pause_holds_no_slot(scheduler: ThreadScheduler) -> None:
    async def many() -> list[int]:
        pauses = [asyncio.create_task(scheduler.pause(60)) for _ in range(10)]
        await asyncio.sleep(0)
        answer = await scheduler.call(lambda: 7)
        for task in pauses:
            assert not task.done()
            task.cancel()
        return [answer]

    assert asyncio.run(many()) == [7]


def test_its_clock_says_utc(scheduler: ThreadScheduler) -> None:
    first, second = scheduler.now(), scheduler.now()

    assert first.tzinfo is UTC
    assert timedelta(0) <= second - first


def test_a_short_pause_ends(scheduler: ThreadScheduler) -> None:
    before = scheduler.now()
    asyncio.run(scheduler.pause(0.01))

    assert scheduler.now() > before
