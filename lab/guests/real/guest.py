"""A Debian VM under QEMU as the guest of a lab VM."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from lab.guests.frozen_disk import FrozenFile, written_spans
from lab.guests.guest import ScriptResult
from lab.guests.real.agent import GuestAgent
from lab.guests.real.cache import cache_folder, claimed_folder, debian_bookworm
from lab.guests.real.errors import AgentSilent, RealGuestError
from lab.guests.real.hardware import MEMORY_MB, Hardware
from lab.guests.real.image import Image
from lab.guests.real.machine import Machine
from lab.guests.real.settings import PLANTS, RealSettings
from reports.mistakes import mistakes_of

IMAGES = {"debian-bookworm": debian_bookworm}
BOOT_SECONDS = 300.0
"""How long a boot may take until the agent answers. Some 70 to 110 s were seen on two cores that others used too."""
SCRIPT_SECONDS = 600.0
SHUTDOWN_SECONDS = 90.0


class RealGuest:
    """A `Guest` that is a real machine, on its own writable copy of the cached image. Made powered off.

    Errors: `RealGuestError`. It holds a QEMU process and a folder; both go with `close`, and with this process.
    """

    platform: Literal["linux", "windows"] = "linux"
    provenance: Literal["real", "simulated"] = "real"

    def __init__(
        self, name: str, image: Image, cache: Path, memory_mb: int = MEMORY_MB, plants: Sequence[str] = ()
    ) -> None:
        self.name = name
        self._plants = plants
        self.ssh_key = image.ssh_key
        """Private key of `azureuser`, for whoever reaches sshd on 127.0.0.1 at `ssh_port()`."""
        self._folder, self._claim = claimed_folder(cache)
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._disk = self._folder / "disk.raw"
        _copy(image.disk, self._disk)
        self._state = image.state if memory_mb == MEMORY_MB else None
        self._serial = self._folder / "serial.log"
        hardware = Hardware(self._disk, image.kernel, image.initrd, self._serial, memory_mb)
        self._machine = Machine(hardware, self._folder / "qemu.log", self._state)
        if self._state is not None:
            shutil.copyfile(image.serial, self._serial)
        self._agent = GuestAgent(self._machine.agent_socket)
        self._open_disk = self._disk.open("rb", buffering=0)

    @classmethod
    def from_scenario(cls, name: str, settings: Mapping[str, Any]) -> RealGuest:
        """Return the guest called `name`, powered off. Raises `RealGuestError` for settings that can't be used."""
        try:
            checked = RealSettings.model_validate(dict(settings))
        except ValidationError as error:
            mistakes = " ".join(item.text for item in mistakes_of(error, (), RealSettings))
            raise RealGuestError(f"the real guest {name}: {mistakes}") from None
        cache = cache_folder()
        return cls(name, IMAGES[checked.image](cache), cache, memory_mb=checked.memory_mb, plants=checked.plant)

    def power(self) -> Literal["running", "stopped"]:
        """Return what the machine does now: QEMU ends when the guest has shut down."""
        return "running" if self._machine.running else "stopped"

    def start(self) -> None:
        """Power the machine on. The first time it goes on from the image's own boot and is ready on return.

        Later it boots, which takes a while: `wait_ready`.
        """
        self._machine.start()
        if self._state is not None:
            self._state = None
            self._agent.run(f"date -s @{int(time.time())} >/dev/null", BOOT_SECONDS)  # it still has the image's time
        plants, self._plants = self._plants, ()
        for plant in plants:
            self.wait_ready()
            done = self._agent.run((PLANTS / f"{plant}.sh").read_text(encoding="utf-8"), SCRIPT_SECONDS)
            if done.exit_code != 0:
                said = (done.stdout + done.stderr)[-400:].decode(errors="replace")
                raise RealGuestError(f"planting {plant} in the real guest {self.name!r} failed: {said}")

    def wait_ready(self, seconds: float = BOOT_SECONDS) -> None:
        """Wait until the agent answers. Raises `AgentSilent` with the end of the serial log."""
        if not self._agent.ready(seconds):
            said = self.serial_log()[-800:].decode(errors="replace")
            raise AgentSilent(
                f"the agent of the real guest {self.name!r} did not answer within {seconds:.0f} s; the machine is"
                f" {self.power()}. The end of its serial log:\n{said}"
            )

    def wait_stopped(self, seconds: float) -> bool:
        """Wait until the machine is off, at most `seconds`. Returns whether it is."""
        return self._machine.wait_off(seconds)

    def power_off(self) -> None:
        """Press the power button, as the platform does; after 90 s take the power away."""
        try:
            if self.power() == "running":
                self._machine.press_power_button()
                self._machine.wait_off(SHUTDOWN_SECONDS)
        except RealGuestError:
            if self.power() == "running":  # else it went off by itself while it was told to
                raise
        self._machine.kill()

    def agent_ready(self) -> bool:
        """Return whether the agent inside answers within 2 s."""
        return self.power() == "running" and self._agent.ready(2.0)

    def run(self, script: str) -> ScriptResult:
        """Run `script` as root with sh, waiting for the agent while the machine boots."""
        self.wait_ready()
        return self._agent.run(script, SCRIPT_SECONDS)

    def serial_log(self) -> bytes:
        """Return all that the machine wrote to its first serial port, over all its boots."""
        return self._serial.read_bytes() if self._serial.exists() else b""

    def disk_size(self) -> int:
        """Return the size of the disk in bytes."""
        return os.fstat(self._open_disk.fileno()).st_size

    def read_disk(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk; short only at its end. Of a running machine they may be half-written."""
        parts = []
        while length > 0 and (part := os.pread(self._open_disk.fileno(), length, offset)):
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return b"".join(parts)

    def disk_spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what is not a hole of the disk's file."""
        return written_spans(self._open_disk.fileno(), begin, end)

    def freeze_disk(self) -> FrozenFile:
        """Return a copy of the disk, made without its holes; the machine is off."""
        copy = self._folder / f"frozen-{uuid.uuid4()}.raw"
        _copy(self._disk, copy)
        return FrozenFile(copy)

    def ssh_port(self) -> int:
        """Return the port on 127.0.0.1 that leads to sshd of the running machine."""
        return self._machine.forwarded_ssh_port()

    def close(self) -> None:
        """Kill the machine and delete its disk."""
        self._machine.kill()
        self._open_disk.close()
        self._remove()
        self._claim.close()


def _copy(image: Path, disk: Path) -> None:
    """Copy the image without its holes; where the file system can, without copying any data."""
    command = ["cp", "--reflink=auto", "--sparse=always", str(image), str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own argument list
    if done.returncode != 0:
        raise RealGuestError(f"the disk image could not be copied for a machine: {done.stderr.strip()}")
