"""The stopped disk behind a SAS: a page blob, of which little is read."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from runners.disk.blocks import BLOCK, Blocks
from runners.disk.page_ranges import Written
from runners.disk.ranges import Access, Ranges
from runners.disk.vhd import FOOTER, payload_size
from runners.errors import DiskError


class SasSource:
    """A managed disk or a snapshot behind a SAS URL. Blocks; use it from one thread."""

    def __init__(
        self,
        access: Access,
        ca_file: str | Path | None = None,
        *,
        pause: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask for the size of the disk, take off a fixed VHD's footer, and learn which of its pages are zeros.

        `ca_file` holds the authorities to trust instead of the system's; `pause` waits for that many seconds between
        attempts. Raises `DiskError`.
        """
        self._ranges = Ranges(access, ca_file, pause=pause, clock=clock)
        try:
            head = self._ranges.get(0, BLOCK)
            total = self._ranges.total
            footer = self._ranges.get(total - FOOTER, FOOTER) if total > len(head) else head[-FOOTER:]
            self._size = payload_size(total, footer)
            self._written, self._remark = self._pages()
        except DiskError:
            self._ranges.close()
            raise
        self._blocks = Blocks(self._size, self._ranges.get, self._zero, head[: self._size])

    def __repr__(self) -> str:
        return f"<SasSource at {self._ranges.host}>"

    def __enter__(self) -> SasSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Size of the disk in bytes, without a VHD's footer."""
        return self._size

    @property
    def bytes_read(self) -> int:
        """How many bytes of the disk, and of the list of its page ranges, came over the wire."""
        return self._ranges.bytes_read

    @property
    def requests(self) -> int:
        """How many requests were sent, with those that had to be repeated."""
        return self._ranges.requests

    @property
    def remarks(self) -> tuple[str, ...]:
        """What came of the page ranges, and whether the SAS was renewed."""
        renewals = self._ranges.renewals
        return (self._remark, f"the SAS was renewed {renewals} times") if renewals else (self._remark,)

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk, short only at its end. Raises `DiskError`."""
        return self._blocks.read(offset, length)

    def close(self) -> None:
        """Wait for what is under way, and close the connections."""
        self._blocks.close()
        self._ranges.close()

    def _pages(self) -> tuple[Written | None, str]:
        try:
            written = self._ranges.pages()
        except DiskError as error:
            return None, f"zeros were asked for like anything else: {error}"
        count = sum(written.ends) - sum(written.begins)
        return written, f"of the disk {count} bytes were ever written, by its page ranges; the rest was not asked for"

    def _zero(self, begin: int, end: int) -> bool:
        return self._written is not None and not self._written.touches(begin, end)
