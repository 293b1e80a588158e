"""Whether the log of an XFS holds changes that are not yet in their place.

The superblock does not say it: the log itself does. It is a ring of blocks of 512 bytes, written round by round, and
each block starts with the number of its round (its cycle; the first block of a record has it behind the record's magic
number). So the newest record ends where the cycle falls, at the head. A clean unmount, and a read-only remount at
shutdown, waits until every change is in its place and then writes one last record of one single operation, which is
flagged as the unmount. The kernel mounts without recovery exactly if the record before the head is that one
(fs/xfs/xfs_log_recover.c: xlog_find_head, xlog_check_unmount_rec), and so it is asked here. Every other newest record
means that changes wait in the log; and a head that can't be found says nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from runners.disk.process.tree import Unreadable

BASIC_BLOCK = 512
_MAGIC = 0xFEEDBABE
_PER_HEADER = 32 * 1024
"""How many bytes of a record one header block describes; a longer record has more header blocks."""
_LARGEST_RECORD = 256 * 1024
_UNMOUNT = 0x20
# An unmount record is one header block and its data, padded to the log's stripe unit, which is at most 256 KiB.
_FARTHEST = 1 + _LARGEST_RECORD // BASIC_BLOCK


class XfsLog:
    """The log of one file system, in basic blocks."""

    def __init__(self, read: Callable[[int, int], bytes], blocks: int) -> None:
        """`read` takes the first block and a number of blocks, inside of the log, and returns all of their bytes."""
        self._read = read
        self._blocks = blocks

    def unmounted(self) -> bool:
        """Return whether the newest record is an unmount's. Raises `Unreadable` where it can't be told."""
        head = self._head()
        self._demand_older_behind(head)
        for back in range(2, min(_FARTHEST, self._blocks) + 1):
            start = (head - back) % self._blocks
            block = self._block(start)
            if _word(block, 0) == _MAGIC:
                return self._is_unmount(start, block, back)
        # The newest record is longer than any unmount's, and ends at the head.
        return False

    def _head(self) -> int:
        """Return the number of the block behind the newest one."""
        first, last = self._cycle(0), self._cycle(self._blocks - 1)
        if first == 0:
            raise Unreadable("its log is empty, without even the record that mkfs writes: it is not known to be clean")
        if first == last:
            return 0
        if last not in (0, first - 1):
            raise Unreadable("its log is damaged, so that it can't be said whether it was unmounted cleanly")
        low, high = 0, self._blocks - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._cycle(middle) == last:
                high = middle
            else:
                low = middle
        return high

    def _demand_older_behind(self, head: int) -> None:
        """Raise `Unreadable` unless the blocks around the head are of the rounds that they must be of."""
        newest = self._cycle((head - 1) % self._blocks)
        if newest != self._cycle(0):
            raise Unreadable("its log is damaged at its newest record, so that it is not known to be clean")
        for ahead in range(min(64, self._blocks - head)):
            older = self._cycle(head + ahead)
            if (head and older not in (0, newest - 1)) or (not head and older != newest):
                raise Unreadable("its log is damaged behind its newest record, so that it is not known to be clean")

    def _is_unmount(self, start: int, header: bytes, length: int) -> bool:
        # struct xlog_rec_header: magic, cycle, version, length, ..., number of operations at 40, ..., size at 320
        cycle, version, data = struct.unpack_from(">III", header, 4)
        operations, size = _word(header, 40), _word(header, 320)
        headers = -(-size // _PER_HEADER) if version & 2 and size > _PER_HEADER else 1
        if cycle == 0 or version not in (1, 2) or data == 0 or data % BASIC_BLOCK or size > _LARGEST_RECORD:
            raise Unreadable("the newest record of its log is damaged, so that it is not known to be clean")
        if headers + data // BASIC_BLOCK != length:
            # The record does not end at the head: it was cut off, or something else was written behind it.
            return False
        # struct xlog_op_header: id (4 bytes, here the cycle), length, client, flags
        flags = self._block((start + headers) % self._blocks)[9]
        return operations == 1 and bool(flags & _UNMOUNT)

    def _cycle(self, number: int) -> int:
        block = self._block(number)
        return _word(block, 4) if _word(block, 0) == _MAGIC else _word(block, 0)

    def _block(self, number: int) -> bytes:
        block = self._read(number, 1)
        if len(block) != BASIC_BLOCK:
            raise Unreadable("its log lies outside of the disk")
        return block


def _word(block: bytes, place: int) -> int:
    return int.from_bytes(block[place : place + 4], "big")
