"""Blocks of a disk that is far away: kept, fetched several at once, and ahead of whoever reads in order."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

BLOCK = 256 * 1024
"""Ranges are whole blocks of this size: a trade between round trips (some 20 ms each) and bytes nobody asked for."""
MOST_CACHED = 128
"""Blocks that are kept: 32 MiB."""
LONGEST_RUN = 8
"""Blocks of one request at most: 2 MiB."""
PARALLEL = 4
"""Requests under way at most."""


class Blocks:
    """Reads by blocks. Blocks; use it from one thread, `fetch` is called from several.

    `fetch` returns so many bytes from an offset, short only at the end; `zero` says whether there are only zeros
    between two offsets.
    """

    def __init__(
        self, size: int, fetch: Callable[[int, int], bytes], zero: Callable[[int, int], bool], head: bytes = b""
    ) -> None:
        """`head` is what is at the start of the disk, where somebody has read it already."""
        self._size = size
        self._fetch = fetch
        self._zero = zero
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._coming: dict[int, Future[dict[int, bytes]]] = {}
        self._next = -1
        """The block after the last one that was read."""
        self._window = 0
        """How many blocks to have ahead; it doubles with each block that is read in order."""
        self._pool: ThreadPoolExecutor | None = None
        if len(head) == min(BLOCK, size):
            self._cache[0] = head

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk, short only at its end. Raises what `fetch` raises."""
        end = min(offset + max(0, length), self._size)
        if offset < 0 or offset >= end:
            return b""
        first, last = offset // BLOCK, (end - 1) // BLOCK
        self._order(first, last)
        data = b"".join(self._block(number) for number in range(first, last + 1))
        return data[offset - first * BLOCK : end - first * BLOCK]

    def close(self) -> None:
        """Let what is still under way end, wait for it, and let go of what was kept."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._coming.clear()
        self._cache.clear()

    def _order(self, first: int, last: int) -> None:
        """Ask for what is missing, and for what comes next where the disk is read in order."""
        if last >= self._next:
            in_order = first in (self._next - 1, self._next)
            self._window = min(max(1, self._window * 2), LONGEST_RUN) if in_order else 0
        elif first < self._next - 1:
            self._window = 0
        self._next = last + 1
        wanted = [number for number in range(first, last + 1) if self._absent(number)]
        missing = bool(wanted)
        if self._window and (missing or self._absent(last + max(1, self._window // 2))):
            wanted += [number for number in range(last + 1, last + 1 + self._window) if self._absent(number)]
        runs = list(_runs(wanted))
        if missing and len(runs) == 1:
            self._keep(self._run(*runs[0]))
        else:
            for begin, count in runs:
                self._send(begin, count)

    def _absent(self, number: int) -> bool:
        begin = number * BLOCK
        if number in self._cache or number in self._coming or begin >= self._size:
            return False
        return not self._zero(begin, min(begin + BLOCK, self._size))

    def _send(self, begin: int, count: int) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="sealproof-disk")
        future = self._pool.submit(self._run, begin, count)
        for number in range(begin, begin + count):
            self._coming[number] = future

    def _run(self, begin: int, count: int) -> dict[int, bytes]:
        data = self._fetch(begin * BLOCK, min(count * BLOCK, self._size - begin * BLOCK))
        return {begin + number: data[number * BLOCK : (number + 1) * BLOCK] for number in range(count)}

    def _block(self, number: int) -> bytes:
        if number in self._coming:
            self._arrive(self._coming[number])
        block = self._cache.get(number)
        if block is not None:
            self._cache.move_to_end(number)
            return block
        begin = number * BLOCK
        length = min(BLOCK, self._size - begin)
        if self._zero(begin, begin + length):
            return bytes(length)
        self._keep(self._run(number, 1))
        return self._cache[number]

    def _arrive(self, future: Future[dict[int, bytes]]) -> None:
        """Wait for what is coming. What failed is forgotten: whoever needs it asks again, and fails by himself."""
        failed = future.exception() is not None
        for number in [number for number, other in self._coming.items() if other is future]:
            del self._coming[number]
        if not failed:
            self._keep(future.result())

    def _keep(self, blocks: dict[int, bytes]) -> None:
        self._cache.update(blocks)
        while len(self._cache) > MOST_CACHED:
            self._cache.popitem(last=False)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first number and count of what follows one another, cut to what one request may hold."""
    begin, count = -1, 0
    for number in numbers:
        if count and number == begin + count and count < LONGEST_RUN:
            count += 1
            continue
        if count:
            yield begin, count
        begin, count = number, 1
    if count:
        yield begin, count
