"""The parent's side of the reader process: starts it, serves it blocks, and believes nothing without limits.

The process parses bytes that a hostile guest may have written, with dissect, which is AGPL. It gets no address, no
environment and no file: only a pipe on which it asks for blocks of the disk and, once, answers.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from runners.disk.source import BlockSource, container_of, remarks_of
from runners.errors import DiskError, ReaderKilledError

# One frame from the process: what it is (R asks for a block, A is the answer), the block's offset, a length.
_FRAME = struct.Struct(">cQI")
_LENGTH = struct.Struct(">I")
_LARGEST_REQUEST = 1024 * 1024
_KILLED = (-signal.SIGKILL, -signal.SIGTERM)
"""Exit codes of a process that may have had nothing to do with its end."""

# The process has no path but the one of this project: -I keeps the environment and the current folder out.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from runners.disk.process.main import main; main(sys.argv[2:])"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader process may use."""

    wall_seconds: float = 300.0
    """From start to answer, with the time that the source takes."""
    cpu_seconds: int = 60
    memory_bytes: int = 512 * 1024 * 1024
    """Address space, all in all."""
    read_bytes: int = 512 * 1024 * 1024
    """How much of the disk it may ask for."""
    answer_bytes: int = 1024 * 1024


def examine(
    source: BlockSource,
    platform: str,
    *,
    limits: Limits | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Read a stopped disk in a process of its own and return its raw report. Blocks.

    `source` is one that nobody has read from yet, behind a SAS (`runners.disk.sas`) or in a file (`runners.disk.file`);
    `platform` is `linux` or `windows`. The report is what `runners.observe.disk.parse` takes: `platform`, `coverage`
    and `facts`. Raises `DiskError` when the source fails, and when the process crashes, takes too long, asks or answers
    too much, or can't run here; `ReaderKilledError` when somebody else may have ended it.
    """
    if platform not in ("linux", "windows"):
        raise DiskError(f"a disk of the platform {platform!r} can't be read; linux and windows can")
    limits = limits or Limits()
    begun = clock()
    ranges: dict[tuple[int, int], bytes] = {}
    answer, peak = _run(source, platform, limits, clock, ranges)
    try:
        report = json.loads(answer)
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict):
        raise DiskError("the reader process answered with something that is no report; nothing of it was used")
    if "error" in report:
        raise DiskError(f"the reader process could not read the disk: {str(report['error'])[:500]}")
    # What the parent can count itself is not taken from a process that hostile bytes may have taken over.
    coverage = report.get("coverage")
    if isinstance(coverage, dict):
        coverage |= {"bytes_read": source.bytes_read, "requests": source.requests, "seconds": round(clock() - begun, 3)}
        coverage["remarks"] = list(remarks_of(source))
        if container_of(source) == "raw":
            coverage["size_bytes"] = source.size
        coverage["peak_memory_bytes"] = peak
        coverage["read_sha256"] = _digest(ranges)
    return report | {"platform": platform}


def ready() -> None:
    """Have the reader process read an empty disk of 64 KiB, as it will read a stopped one. Blocks for 0.3 s or so.

    Raises `DiskError` where the process can't start, lacks a package, or can't be confined on this host.
    """
    report = examine(_Blank(), "linux", limits=Limits(wall_seconds=60.0))
    if not isinstance(report.get("coverage"), dict):
        raise DiskError("the reader process answered without saying what it read")


class _Blank:
    """A disk of zeros, without any partition."""

    size = 64 * 1024
    bytes_read = 0
    requests = 0

    def read(self, offset: int, length: int) -> bytes:
        return bytes(max(0, min(length, self.size - offset)))


def _digest(ranges: dict[tuple[int, int], bytes]) -> str:
    """Return one SHA-256 in hex over all ranges that were read, in whatever order and however often."""
    digest = hashlib.sha256()
    for (offset, length), content in sorted(ranges.items()):
        digest.update(f"{offset} {length} {content.hex()}\n".encode())
    return digest.hexdigest()


def _run(
    source: BlockSource,
    platform: str,
    limits: Limits,
    clock: Callable[[], float],
    ranges: dict[tuple[int, int], bytes],
) -> tuple[bytes, int]:
    root = str(Path(__file__).resolve().parents[2])
    settings = (platform, container_of(source), source.size, limits.memory_bytes, limits.cpu_seconds)
    command = [sys.executable, "-I", "-B", "-c", _START, root, *map(str, settings)]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments that are ours
            command,
            env={},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise DiskError(f"the reader process can't be started with {sys.executable}: {error.strerror}") from None
    try:
        return _Conversation(process, source, limits, clock, ranges).answer(), _peak(process.pid)
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        process.wait()


def _peak(pid: int) -> int:
    """Return the most memory that a process had in use so far, in bytes; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    # VmHWM:	   61234 kB
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


class _Ended(Exception):  # noqa: N818 - how a conversation ends, whatever the reason
    """The process closed its pipe."""


class _Conversation:
    """Requests for blocks, answered until the report comes."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        source: BlockSource,
        limits: Limits,
        clock: Callable[[], float],
        ranges: dict[tuple[int, int], bytes],
    ) -> None:
        """`ranges` gets the SHA-256 of every range that is served, by its offset and length."""
        if process.stdin is None or process.stdout is None:
            raise DiskError("the reader process was started without its pipes")
        self._process = process
        self._source = source
        self._limits = limits
        self._clock = clock
        self._deadline = clock() + limits.wall_seconds
        self._in: IO[bytes] = process.stdout
        self._out: IO[bytes] = process.stdin
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)
        self._asked = 0
        self._ranges = ranges

    def answer(self) -> bytes:
        """Serve the process until it answers; return the bytes of its report."""
        try:
            while True:
                kind, offset, length = _FRAME.unpack(self._receive(_FRAME.size))
                if kind == b"A":
                    return self._report(length)
                if kind != b"R":
                    raise DiskError("the reader process broke its protocol; nothing of what it said was used")
                self._serve(offset, length)
        except (_Ended, BrokenPipeError):
            pass
        raise self._death()

    def _report(self, length: int) -> bytes:
        if length > self._limits.answer_bytes:
            raise DiskError(
                f"the reader process wants to answer with {length} bytes, and {self._limits.answer_bytes} are allowed: "
                "the disk holds more names than a guest should, or is hostile"
            )
        return self._receive(length)

    def _serve(self, offset: int, length: int) -> None:
        self._asked += length
        if length > _LARGEST_REQUEST or self._asked > self._limits.read_bytes:
            raise DiskError(
                f"the reader process asked for more than {self._limits.read_bytes} bytes of the disk, so it was "
                "stopped: its file system is damaged or hostile"
            )
        data = self._source.read(offset, length)
        self._ranges[offset, len(data)] = hashlib.sha256(data).digest()
        self._send(_LENGTH.pack(len(data)) + data)

    def _receive(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._await(self._in, selectors.EVENT_READ)
            part = os.read(self._in.fileno(), count - len(data))
            if not part:
                raise _Ended
            data += part
        return bytes(data)

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._await(self._out, selectors.EVENT_WRITE)
            rest = rest[os.write(self._out.fileno(), rest) :]

    def _await(self, pipe: IO[bytes], event: int) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            remaining = self._deadline - self._clock()
            if remaining > 0 and selector.select(remaining):
                return
        raise DiskError(
            f"the disk was not read within {self._limits.wall_seconds:g} s, so the reader process was stopped after "
            f"{self._source.requests} requests to the disk; is the route to it slow, or its file system damaged?"
        )

    def _death(self) -> DiskError:
        """Say how the process ended. Its pipe is closed, so it is about to be gone, or is no longer of use."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return DiskError("the reader process closed its pipe and did not end; it was stopped")
        if code == -signal.SIGXCPU:
            how = f"was stopped by the system, since it used its {self._limits.cpu_seconds} s of processor time"
        elif code in _KILLED:
            how = f"was killed with signal {-code}, by a person or by the system for want of memory,"
        elif code < 0:
            how = f"crashed with signal {-code}"
        else:
            how = f"ended with exit code {code}"
        if code in _KILLED:
            return ReaderKilledError(f"the reader process {how} and gave no answer")
        why = "the disk is damaged or hostile, or its limits too narrow"
        return DiskError(f"the reader process {how} and gave no answer: {why}")
