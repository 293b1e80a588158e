"""Blocks that are kept and fetched ahead, over a disk in memory."""

from __future__ import annotations

import random
import threading

from runners.disk.blocks import BLOCK, LONGEST_RUN, Blocks
from runners.errors import DiskError

DISK = random.Random(3).randbytes(20 * BLOCK + 1000)


class Fetcher:
    """Fetches from `DISK`, and remembers what. Of `failing`, each block fails once as the first of a request."""

    def __init__(self, *failing: int) -> None:
        self.asked: list[tuple[int, int]] = []
        self._failing = set(failing)
        self._lock = threading.Lock()

    def __call__(self, offset: int, length: int) -> bytes:
        with self._lock:
            assert offset % BLOCK == 0
            self.asked.append((offset // BLOCK, -(-length // BLOCK)))
            if offset // BLOCK in self._failing:
                self._failing.remove(offset // BLOCK)
                raise DiskError("failed ahead of its need")
        return DISK[offset : offset + length]


def over(fetch: Fetcher, zero: set[int] | None = None) -> Blocks:
    return Blocks(len(DISK), fetch, lambda begin, end: begin // BLOCK in (zero or set()))


def test_any_reads_give_the_bytes_of_the_disk() -> None:
    chance = random.Random(4)
    reader = over(Fetcher())
    for _ in range(400):
        offset, length = chance.randrange(len(DISK)), chance.randrange(1, 3 * BLOCK)
        assert reader.read(offset, length) == DISK[offset : offset + length]
    assert reader.read(len(DISK), 5) == reader.read(-1, 5) == b""
    reader.close()


def test_no_block_is_asked_for_twice_while_it_is_kept() -> None:
    fetch = Fetcher()
    reader = over(fetch)
    for offset in range(0, len(DISK), 10_000):
        assert reader.read(offset, 10_000) == DISK[offset : offset + 10_000]
    reader.close()
    asked = [number for first, count in fetch.asked for number in range(first, first + count)]
    assert sorted(asked) == list(range(21))
    assert max(count for _, count in fetch.asked) <= LONGEST_RUN


def test_what_failed_ahead_of_its_need_is_asked_for_again() -> None:
    fetch = Fetcher(3, 5, 9, 13)
    reader = over(fetch)
    for offset in range(0, len(DISK), BLOCK):
        for _ in range(2):
            try:
                data = reader.read(offset, BLOCK)
            except DiskError:
                continue
            assert data == DISK[offset : offset + BLOCK]
            break
        else:
            raise AssertionError(f"never read: {offset}")
    reader.close()


def test_zeros_are_not_asked_for_and_not_ahead_either() -> None:
    fetch = Fetcher()
    reader = over(fetch, zero={2, 3, 4})
    assert [reader.read(number * BLOCK, BLOCK) for number in (2, 3, 4)] == [bytes(BLOCK)] * 3
    for number in range(5):
        reader.read(number * BLOCK, 1)
    reader.close()
    assert not {2, 3, 4} & {number for first, count in fetch.asked for number in range(first, first + count)}
