"""The client of QEMU's own protocol, QMP: power, saving and resuming."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

from lab.guests.real.errors import RealGuestError


class Monitor:
    """The QMP client: one command at a time, events skipped. Source: qemu docs/interop/qmp-spec.txt."""

    def __init__(self, connection: socket.socket, messages: Path) -> None:
        self._connection = connection
        self._messages = messages
        self._answers = connection.makefile("rb")

    def greet(self) -> None:
        """Read QEMU's greeting and leave negotiation mode. A QEMU that refuses its arguments shows here."""
        self._read(time.monotonic() + 30)
        self.command("qmp_capabilities")

    def command(self, name: str, **arguments: Any) -> Any:
        """Run one command; return its answer. Raises `RealGuestError` when QEMU refuses, or is silent for 30 s."""
        try:
            self._connection.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
        except OSError:
            raise RealGuestError(f"QEMU ended while it was told {name!r}. {self._last_words()}") from None
        deadline = time.monotonic() + 30
        while True:
            answer = self._read(deadline)
            if "error" in answer:
                raise RealGuestError(f"QEMU refused {name!r}: {answer['error'].get('desc', answer['error'])}")
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        """Close the connection."""
        self._answers.close()
        self._connection.close()

    def _read(self, deadline: float) -> dict[str, Any]:
        self._connection.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            line = self._answers.readline()
        except TimeoutError:
            raise RealGuestError(f"QEMU's monitor did not answer in 30 s. {self._last_words()}") from None
        except OSError:
            line = b""
        if not line:
            raise RealGuestError(f"QEMU ended before it answered. {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        words = self._messages.read_bytes()[-600:].decode(errors="replace").strip()
        return f"Its own messages: {words}" if words else "It left no message of its own."
