"""A transaction log of a registry hive, as Windows 8.1 and newer write it: enough for a disk that was not flushed.

A log has a copy of the hive's base block and then entries. Each entry has the pages of 512 bytes that changed, and two
Marvin32 hashes. Layout: https://github.com/msuhanov/regf (format specification).
"""

from __future__ import annotations

import struct

_BASE_BLOCK, _SECTOR = 4096, 512
_SEED = 0x82EF4D887A4E55C5
_KIND_OF_LOG = 6


def unflushed(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Return a hive whose last changes are in its log alone, and that log.

    `old` is what the hive's file has, `new` what Windows would load: both as `write_hive` gives them.
    """
    head = bytearray(old[:508])
    head[4:12] = struct.pack("<II", 2, 1)  # a write was begun, and not ended
    head[508:] = struct.pack("<I", _checksum(head))
    log_head = bytearray(new[:_SECTOR])
    log_head[4:12] = struct.pack("<II", 1, 1)
    log_head[28:32] = struct.pack("<I", _KIND_OF_LOG)
    log_head[508:] = struct.pack("<I", _checksum(log_head))
    return bytes(head) + old[_SECTOR:], bytes(log_head) + entry(1, old[_BASE_BLOCK:], new[_BASE_BLOCK:])


def entry(sequence: int, old: bytes, new: bytes) -> bytes:
    """Return the entry that makes the bins of `old` those of `new`."""
    places = [
        place for place in range(0, len(new), _SECTOR) if old[place : place + _SECTOR] != new[place : place + _SECTOR]
    ]
    pages = b"".join(new[place : place + _SECTOR] for place in places)
    body = b"".join(struct.pack("<II", place, _SECTOR) for place in places) + pages
    size = -(-(40 + len(body)) // _SECTOR) * _SECTOR
    body = body.ljust(size - 40, b"\0")
    head = struct.pack("<4sIIIIIQ", b"HvLE", size, 0, sequence, len(new), len(places), marvin32(body))
    return head + struct.pack("<Q", marvin32(head)) + body


def marvin32(data: bytes) -> int:
    """Return the Marvin32 hash with the seed of the registry."""
    state = [_SEED & 0xFFFFFFFF, _SEED >> 32]
    padded = data + b"\x80" + bytes(3 - len(data) % 4)
    for word in [*struct.unpack(f"<{len(padded) // 4}I", padded), 0]:
        state[0] = (state[0] + word) & 0xFFFFFFFF
        for turned, added in ((20, 9), (27, 19)):
            state[1] ^= state[0]
            state[0] = (_turned(state[0], turned) + state[1]) & 0xFFFFFFFF
            state[1] = _turned(state[1], added)
    return state[1] << 32 | state[0]


def _turned(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF


def _checksum(head: bytes | bytearray) -> int:
    total = 0
    for (word,) in struct.iter_unpack("<I", bytes(head[:508])):
        total ^= word
    return {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total)
