"""The last changes of a registry hive, from its transaction logs: applied in memory, as Windows does at its next start.

Since Windows 8.1 a hive's changes go to HIVE.LOG1 and HIVE.LOG2, and reach the hive itself much later. A log starts
with a copy of the hive's base block (512 bytes); then follow entries, each with the pages that one write changed:

    HvLE, size, flags, sequence number, size of the hive's bins, number of pages, two hashes;
    place and size of each page; the pages

An entry counts if both hashes are right and its number follows that of the one before; what else a log holds is older.
https://github.com/msuhanov/regf (format specification)
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from runners.disk.process.tree import Unreadable

BASE_BLOCK = 4096
_HEAD = struct.Struct("<4sIIIIIQQ")
_SECTOR = 512
_KIND_OF_LOG = 6
_LARGEST_LOG = 64 * 1024 * 1024
_SEED = 0x82EF4D887A4E55C5


@dataclass(frozen=True, slots=True)
class Entry:
    """What one write changed."""

    sequence: int
    bins_size: int
    pages: tuple[tuple[int, bytes], ...]
    """Place below the base block, content."""


def checksum(block: bytes) -> int:
    """Return what a base block must have at 508: the XOR of its first 127 double words, but never 0 and -1."""
    total = 0
    for (word,) in struct.iter_unpack("<I", block[:508]):
        total ^= word
    return {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total)


def sound(block: bytes) -> bool:
    """Return whether the first 512 bytes of a hive or a log are a base block."""
    return len(block) >= _SECTOR and block[:4] == b"regf" and struct.unpack_from("<I", block, 508)[0] == checksum(block)


def replayed(hive: BinaryIO, name: str, logs: list[BinaryIO]) -> BinaryIO:
    """Return the hive `name` as Windows would load it: itself where it was closed cleanly, or with its logs applied.

    Raises `Unreadable` where its last changes can't be told.
    """
    hive.seek(0)
    base = hive.read(_SECTOR)
    if not sound(base):
        raise Unreadable(f"the header of {name} is damaged")
    primary, secondary = struct.unpack_from("<II", base, 4)
    if primary == secondary:
        return hive
    entries = {entry.sequence: entry for log in logs for entry in _entries(log, name, secondary)}
    waiting = sorted(entries)
    if not waiting:
        raise Unreadable(
            f"{name} was not closed cleanly: its last changes are in its log files, which hold none that could be used"
        )
    pages: dict[int, bytes] = {}
    size, number = 0, waiting[0]
    while number in entries:
        size = entries[number].bins_size
        for place, page in entries[number].pages:
            pages |= {place + start: page[start : start + _SECTOR] for start in range(0, len(page), _SECTOR)}
        number += 1
    return io.BufferedReader(_Overlay(hive, BASE_BLOCK + size, pages))


def _entries(log: BinaryIO, name: str, first: int) -> Iterator[Entry]:
    """Yield the entries of a log from the number `first` on."""
    log.seek(0, io.SEEK_END)
    size = log.tell()
    if size > _LARGEST_LOG:
        raise Unreadable(f"a log of {name} has {size} bytes, more than the {_LARGEST_LOG} that are read")
    log.seek(0)
    base = log.read(_SECTOR)
    if not sound(base) or struct.unpack_from("<I", base, 28)[0] != _KIND_OF_LOG:
        return
    expected = None
    while entry := _entry(log, first):
        if expected is not None and entry.sequence != expected:
            return
        expected = entry.sequence + 1
        if entry.sequence >= first:
            yield entry


def _entry(log: BinaryIO, first: int) -> Entry | None:
    """Return the entry at the log's place, or nothing where none counts. What is before `first` is not hashed."""
    head = log.read(_HEAD.size)
    if len(head) < _HEAD.size or head[:4] != b"HvLE":
        return None
    _, size, _, sequence, bins_size, count, body_hash, head_hash = _HEAD.unpack(head)
    if size % _SECTOR or not _HEAD.size < size <= _LARGEST_LOG or marvin32(head[:32]) != head_hash:
        return None
    body = log.read(size - _HEAD.size)
    if len(body) != size - _HEAD.size or count * 8 > len(body):
        return None
    if sequence >= first and marvin32(body) != body_hash:
        return None
    pages = []
    start = count * 8
    for place, length in struct.iter_unpack("<II", body[:start]):
        pages.append((place, body[start : start + length]))
        start += length
        if place % _SECTOR or length % _SECTOR or start > len(body):
            return None
    return Entry(sequence, bins_size, tuple(pages))


class _Overlay(io.RawIOBase):
    """A hive with other pages in some places."""

    def __init__(self, hive: BinaryIO, size: int, pages: dict[int, bytes]) -> None:
        super().__init__()
        self._hive = hive
        self._size = size
        self._pages = pages
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        begin, end = self._place, min(self._place + len(buffer), self._size)
        if begin >= end:
            return 0
        self._hive.seek(begin)
        data = bytearray(self._hive.read(end - begin).ljust(end - begin, b"\0"))
        first = begin - (begin - BASE_BLOCK) % _SECTOR
        for place in range(first, end, _SECTOR):
            page = self._pages.get(place - BASE_BLOCK)
            if page is not None:
                low, high = max(place, begin), min(place + _SECTOR, end)
                data[low - begin : high - begin] = page[low - place : high - place]
        buffer[: len(data)] = data
        self._place = end
        return len(data)


def marvin32(data: bytes) -> int:
    """Return Windows' hash of an entry's part. https://github.com/dotnet/runtime has it as Marvin."""
    low, high = _SEED & 0xFFFFFFFF, _SEED >> 32
    rest = len(data) % 4
    ending = data[len(data) - rest :] + b"\x80"
    words = [word for (word,) in struct.iter_unpack("<I", data[: len(data) - rest])]
    for word in (*words, int.from_bytes(ending, "little"), 0):
        low = (low + word) & 0xFFFFFFFF
        high ^= low
        low = ((low << 20 | low >> 12) + high) & 0xFFFFFFFF
        high = (high << 9 | high >> 23) & 0xFFFFFFFF ^ low
        low = ((low << 27 | low >> 5) + high) & 0xFFFFFFFF
        high = (high << 19 | high >> 13) & 0xFFFFFFFF
    return high << 32 | low
