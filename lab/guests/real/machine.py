"""One QEMU process: its power, its serial log, its two sockets."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from lab.guests.real.errors import RealGuestError
from lab.guests.real.hardware import Hardware, qemu_command
from lab.guests.real.monitor import Monitor

# One line of QEMU's `info usernet`:
#   TCP[HOST_FORWARD]  11       127.0.0.1 42375       10.0.2.15    22     0     0
FORWARDED = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+22\s")


class Machine:
    """A virtual machine on a raw disk, under software emulation, as long as this process lives at most.

    `messages` is the file for QEMU's own. With `state` (what `save` wrote, of the same hardware with the same content
    of its disk) the first start goes on from there instead of booting. Thread-safe. Errors: `RealGuestError`.
    """

    def __init__(self, hardware: Hardware, messages: Path, state: Path | None = None) -> None:
        self._hardware = hardware
        self._messages = messages
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        self._monitor: Monitor | None = None
        self._agent: socket.socket | None = None
        self._lock = threading.RLock()

    def start(self) -> None:
        """Power on; nothing happens when it is on."""
        with self._lock:
            if self.running:
                return
            self._release()
            monitor, monitor_far = socket.socketpair()
            agent, agent_far = socket.socketpair()
            far = (monitor_far.fileno(), agent_far.fileno())
            keeper = [sys.executable, "-I", str(Path(__file__).with_name("keeper.py")), f"{far[0]},{far[1]}"]
            qemu = qemu_command(self._hardware, monitor=far[0], agent=far[1], resuming=self._state is not None)
            with self._messages.open("ab") as messages, monitor_far, agent_far:
                self._process = subprocess.Popen(  # noqa: S603 - our own argument list
                    [*keeper, *qemu],
                    stdin=subprocess.PIPE,
                    stdout=messages,
                    stderr=messages,
                    pass_fds=far,
                    start_new_session=True,  # Ctrl-C is for the run, which then powers machines off in order
                )
            self._agent = agent
            self._monitor = Monitor(monitor, self._messages)
            try:
                self._monitor.greet()
                if self._state is not None:
                    self._resume(self._state)
            except RealGuestError:
                self.kill()
                raise
            self._state = None

    @property
    def running(self) -> bool:
        """Whether QEMU runs: it ends by itself when the guest powers off."""
        process = self._process
        return process is not None and process.poll() is None

    def wait_off(self, seconds: float) -> bool:
        """Wait until the machine is off, at most `seconds`. Returns whether it is."""
        process = self._process
        if process is None:
            return True
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def press_power_button(self) -> None:
        """Ask the guest to shut down, by ACPI."""
        self._command("system_powerdown")

    def kill(self) -> None:
        """Take the power away. What the guest has not written to its disk is lost."""
        with self._lock:
            process = self._process
            if process is not None and process.stdin is not None:
                process.stdin.close()  # the keeper kills QEMU
                process.wait(30)
            self._release()

    def save(self, state: Path) -> None:
        """Freeze the machine, write its memory and devices to `state`, and end it. The disk stays as it is then."""
        self._command("stop")
        self._command("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self._command("migrate", uri=f"exec:cat >{shlex.quote(str(state))}")
        self._wait_migrated("saving")
        self.kill()

    def _resume(self, state: Path) -> None:
        self._command("migrate-incoming", uri=f"exec:cat {shlex.quote(str(state))}")
        self._wait_migrated("resuming")
        self._command("cont")

    def _wait_migrated(self, doing: str) -> None:
        deadline, pauses = time.monotonic() + 120, threading.Event()
        while (status := self._command("query-migrate").get("status")) != "completed":
            if status in ("failed", "cancelled") or time.monotonic() > deadline:
                raise RealGuestError(f"{doing} the state of the real guest did not end well; QEMU calls it {status!r}.")
            pauses.wait(0.05)

    def agent_socket(self) -> socket.socket:
        """Return the near end of the guest agent's serial port, of the machine as it is running now."""
        with self._lock:
            if self._agent is None or not self.running:
                raise RealGuestError("the real guest is powered off, so its agent has no port. Start it first.")
            return self._agent

    def forwarded_ssh_port(self) -> int:
        """Return the port on 127.0.0.1 that leads to the guest's sshd."""
        answer = self._command("human-monitor-command", **{"command-line": "info usernet"})
        found = FORWARDED.search(str(answer))
        if found is None:
            raise RealGuestError(f"QEMU names no port that leads to the guest's sshd. It said: {str(answer)[:300]!r}")
        return int(found[1])

    def _command(self, name: str, **arguments: Any) -> Any:
        with self._lock:
            if self._monitor is None or not self.running:
                raise RealGuestError(f"the real guest is powered off, so QEMU can't be told {name!r}. Start it first.")
            return self._monitor.command(name, **arguments)

    def _release(self) -> None:
        if self._agent is not None:
            self._agent.close()
        if self._monitor is not None:
            self._monitor.close()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._agent = self._monitor = None
