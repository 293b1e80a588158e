"""One QEMU process: its power, its serial log, its two sockets."""

from __future__ import annotations

import json
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

QEMU = "qemu-system-x86_64"
MACHINE_UUID = "8d2f4c1e-5b7a-4e39-9c60-2f1d7a3b5e84"
"""SMBIOS uuid of every real guest: waagent compares it with the one that it noted when it was provisioned."""
MEMORY_MB = 1024
BOOT_ARGUMENTS = "root=LABEL=root ro net.ifnames=0 console=tty0 console=ttyS0,115200 mitigations=off"
# As a second-generation VM of Azure shows itself. systemd reads "Hyper-V" as virtualization `microsoft`, on which
# Debian's walinuxagent.service insists (ConditionVirtualization); the processor must not say "TCG" for that to count.
FIRMWARE = "type=1,manufacturer=Microsoft Corporation,product=Virtual Machine,version=Hyper-V UEFI Release v4.1"
PROCESSOR = "qemu64,tcg-cpuid=off"

# One line of QEMU's `info usernet`:
#   TCP[HOST_FORWARD]  11       127.0.0.1 42375       10.0.2.15    22     0     0
FORWARDED = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+22\s")


class Machine:
    """A virtual machine on a raw disk, under software emulation, as long as this process lives at most.

    `folder` gets the serial log and QEMU's own messages. With `state` (what `save` wrote, of a machine with the same
    disk and memory) the first start goes on from there instead of booting. Thread-safe. Errors: `RealGuestError`.
    """

    def __init__(
        self,
        *,
        disk: Path,
        kernel: Path,
        initrd: Path,
        folder: Path,
        memory_mb: int = MEMORY_MB,
        state: Path | None = None,
    ) -> None:
        self.serial = folder / "serial.log"
        self._messages = folder / "qemu.log"
        self._disk, self._kernel, self._initrd, self._memory_mb = disk, kernel, initrd, memory_mb
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        self._monitor: _Monitor | None = None
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
            with self._messages.open("ab") as messages, monitor_far, agent_far:
                self._process = subprocess.Popen(  # noqa: S603 - our own argument list
                    [*keeper, *self._arguments(*far)],
                    stdin=subprocess.PIPE,
                    stdout=messages,
                    stderr=messages,
                    pass_fds=far,
                    start_new_session=True,  # Ctrl-C is for the run, which then powers machines off in order
                )
            self._agent = agent
            self._monitor = _Monitor(monitor, self._messages)
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

    def _arguments(self, monitor: int, agent: int) -> list[str]:
        """QEMU's arguments. Its sockets are inherited descriptors: no path to guess, to collide or to leave behind."""
        # cache.no-flush: the disk is a throw-away copy; what QEMU wrote is in the host's page cache, so readers see it.
        disk = {
            "driver": "raw",
            "node-name": "os",
            "discard": "unmap",
            "file": {"driver": "file", "filename": str(self._disk)},
            "cache": {"no-flush": True},
        }
        return [
            *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-name", "sealproof-real-guest"),
            # Never KVM: nested or half-supported /dev/kvm lets guests hang, and speed here must not depend on the host.
            *(
                "-machine",
                "pc",
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                PROCESSOR,
                "-smp",
                "2",
                "-m",
                str(self._memory_mb),
            ),
            *("-uuid", MACHINE_UUID, "-smbios", FIRMWARE),
            *("-kernel", str(self._kernel), "-initrd", str(self._initrd), "-append", BOOT_ARGUMENTS),
            *("-blockdev", json.dumps(disk), "-device", "virtio-blk-pci,drive=os"),
            *("-chardev", f"file,id=serial,append=on,path={_escaped(self.serial)}", "-serial", "chardev:serial"),
            *("-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"),
            *("-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,fd={agent}"),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
            # restrict: the guest reaches nothing; only sshd can be reached, from this host.
            *("-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"),
            *("-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"),
            *(("-incoming", "defer", "-S") if self._state is not None else ()),
        ]


class _Monitor:
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


def _escaped(path: Path) -> str:
    """Return `path` for an option string of QEMU, where a comma separates and a doubled one is a comma."""
    return str(path).replace(",", ",,")
