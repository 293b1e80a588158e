"""The client of the QEMU guest agent, which stands in for Azure's agent.

Source: QEMU's qga/qapi-schema.json. Requests and answers are lines of JSON; one request at a time.
"""

from __future__ import annotations

import base64
import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import Any

from lab.guests.guest import ScriptResult
from lab.guests.real.errors import AgentSilent, RealGuestError

ANSWER_SECONDS = 60.0
"""How long an answered agent may take for one request. Generous: an emulated guest under load is slow."""
# The script comes on standard input and runs from a file, so that its own commands can't eat the rest of it.
RUN_FROM_FILE = """
script=$(mktemp /run/run-command.XXXXXX) || exit 125
cat >"$script"
sh "$script" </dev/null
code=$?
rm -f "$script"
exit "$code"
"""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Answers from the agent's port, cut into lines."""

    connection: socket
    buffer: bytearray

    def read(self, deadline: float) -> bytes:
        """Return the next line. Raises `AgentSilent` at `deadline` (monotonic) or when the machine goes off."""
        searched = 0
        while (end := self.buffer.find(b"\n", searched)) < 0:
            searched = len(self.buffer)
            left = deadline - time.monotonic()
            if left <= 0:
                raise AgentSilent("the guest agent did not answer in time.")
            self.connection.settimeout(left)
            try:
                received = self.connection.recv(1 << 18)
            except TimeoutError:
                continue
            except OSError:
                received = b""
            if not received:
                raise AgentSilent("the real guest was powered off while its agent was asked.")
            self.buffer.extend(received)
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line


class GuestAgent:
    """Asks the agent behind a port. `port` returns the port's socket of the moment: a new one after each power-on."""

    def __init__(self, port: Callable[[], socket]) -> None:
        self._port = port
        self._lines: _Lines | None = None
        self._in_step = False
        self._lock = threading.Lock()
        self._numbers = itertools.count(int(time.time()) & 0xFFFFFF)

    def ready(self, seconds: float) -> bool:
        """Return whether the agent answers within `seconds`."""
        try:
            self._ask("guest-ping", seconds=seconds)
        except RealGuestError:
            return False
        return True

    def run(self, script: str, seconds: float) -> ScriptResult:
        """Run a POSIX sh script as root; return all that it printed (16 MiB at most of each stream) and its exit code.

        Raises `RealGuestError` when it can't be started, is not done after `seconds` (it is left running), or when
        the machine goes off before its answer.
        """
        deadline = time.monotonic() + seconds
        command = {
            "path": "/bin/sh",
            "arg": ["-c", RUN_FROM_FILE],
            "input-data": base64.b64encode(script.encode()).decode(),
            "capture-output": True,
        }
        pid = self._ask("guest-exec", command)["pid"]
        pause, pauses = 0.05, threading.Event()
        while not (status := self._ask("guest-exec-status", {"pid": pid}))["exited"]:
            if time.monotonic() > deadline:
                raise RealGuestError(
                    f"a script in the real guest was not done after {seconds:.0f} s (process {pid} there); it was left"
                    " running. Its first line: " + repr(script.strip().partition("\n")[0][:80])
                )
            pauses.wait(pause)
            pause = min(pause * 1.5, 0.5)
        if status.get("out-truncated") or status.get("err-truncated"):
            raise RealGuestError("a script in the real guest printed more than the 16 MiB that its agent keeps.")
        return ScriptResult(
            stdout=base64.b64decode(status.get("out-data", "")),
            stderr=base64.b64decode(status.get("err-data", "")),
            exit_code=status["exitcode"] if "exitcode" in status else 128 + status.get("signal", 0),
        )

    def _ask(self, name: str, arguments: dict[str, Any] | None = None, seconds: float = ANSWER_SECONDS) -> Any:
        deadline = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            raise AgentSilent(f"the guest agent was busy for {seconds:.0f} s with another request.")
        try:
            lines = self._synchronized(deadline)
            self._in_step = False  # an answer that is given up on would be taken for the next one's
            _send(lines.connection, {"execute": name, "arguments": arguments or {}})
            answer = json.loads(lines.read(deadline))
            self._in_step = True
        finally:
            self._lock.release()
        if "error" in answer:
            raise RealGuestError(f"the guest agent refused {name!r}: {answer['error'].get('desc', answer['error'])}")
        return answer["return"]

    def _synchronized(self, deadline: float) -> _Lines:
        """Return the port's lines with no stale answer before the next one. Source: guest-sync-delimited."""
        connection = self._port()
        if self._lines is None or self._lines.connection is not connection:
            self._lines = _Lines(connection, bytearray())
            self._in_step = False
        if self._in_step:
            return self._lines
        number = next(self._numbers)
        # 0xFF ends whatever half a request the agent may hold, and marks the start of its answer.
        _send(connection, {"execute": "guest-sync-delimited", "arguments": {"id": number}}, prefix=b"\xff")
        while True:
            line = self._lines.read(deadline).rpartition(b"\xff")[2]
            if line and json.loads(line).get("return") == number:
                return self._lines


def _send(connection: socket, request: dict[str, Any], prefix: bytes = b"") -> None:
    connection.settimeout(ANSWER_SECONDS)
    try:
        connection.sendall(prefix + json.dumps(request).encode() + b"\n")
    except OSError:
        raise AgentSilent("the real guest was powered off, or its agent reads nothing.") from None
