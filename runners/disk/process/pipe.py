"""The process's only way out: blocks of the disk in, one answer out."""

from __future__ import annotations

import os
import struct
from collections import OrderedDict

_FRAME = struct.Struct(">cQI")
_LENGTH = struct.Struct(">I")
_BLOCK = 64 * 1024
_CACHED_BLOCKS = 256


class Pipe:
    """Asks for blocks over one descriptor, and gets them over another."""

    def __init__(self, size: int, receive: int, send: int) -> None:
        self.size = size
        self._receive = receive
        self._send = send
        self._cache: OrderedDict[int, bytes] = OrderedDict()

    @classmethod
    def take_over(cls, size: int) -> Pipe:
        """Take standard input and output for the protocol, so that nothing printed can get into it."""
        receive, send = os.dup(0), os.dup(1)
        for standard in (0, 1):
            os.dup2(2, standard)
        return cls(size, receive, send)

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk, short only at its end."""
        end = min(offset + length, self.size)
        if offset < 0 or offset >= end:
            return b""
        first, last = offset // _BLOCK, (end - 1) // _BLOCK
        data = b"".join(self._block(number) for number in range(first, last + 1))
        return data[offset - first * _BLOCK : end - first * _BLOCK]

    def answer(self, report: bytes) -> None:
        """Send the answer. There is only one."""
        self._write(_FRAME.pack(b"A", 0, len(report)) + report)

    def linger(self) -> None:
        """Wait until the parent has seen enough."""
        os.read(self._receive, 1)

    def _block(self, number: int) -> bytes:
        block = self._cache.get(number)
        if block is None:
            length = min(_BLOCK, self.size - number * _BLOCK)
            self._write(_FRAME.pack(b"R", number * _BLOCK, length))
            block = self._exactly(_LENGTH.unpack(self._exactly(_LENGTH.size))[0])
            if len(block) != length:
                raise EOFError(f"{len(block)} bytes in place of {length} at {number * _BLOCK} of the disk")
            self._cache[number] = block
            if len(self._cache) > _CACHED_BLOCKS:
                self._cache.popitem(last=False)
        self._cache.move_to_end(number)
        return block

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._send, rest) :]

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = os.read(self._receive, count - len(data))
            if not part:
                # The parent is gone, or has enough: there is nobody to answer.
                os._exit(3)
            data += part
        return bytes(data)
