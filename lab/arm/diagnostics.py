"""Boot diagnostics: the serial log of a VM as a blob."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.json_response import ArmJson
from lab.arm.locks import refuse_if_locked
from lab.guests.frozen_disk import FrozenBytes
from lab.guests.guest import Guest

_LIFETIME = timedelta(minutes=120)


@dataclass(frozen=True)
class _SerialLog:
    """The serial log as it is when it is read."""

    guest: Guest

    def size(self) -> int:
        return len(self.guest.serial_log())

    def read(self, offset: int, length: int) -> bytes:
        return self.guest.serial_log()[offset : offset + length]


async def retrieve(call: Call) -> Response:
    """POST retrieveBootDiagnosticsData. The screenshot is an empty picture: the lab's guests have no screen."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    if not machine.boot_diagnostics:
        raise errors.diagnostics_off(machine.name)
    blobs, stem = call.cloud.blobs, f"{machine.name}.{machine.documents.spec.vm_id}"
    log = blobs.share(
        f"{stem}.serialconsole.log",
        _SerialLog(machine.guest),
        kind="AppendBlob",
        lifetime=_LIFETIME,
        owner=machine.id,
    )
    screen = blobs.share(f"{stem}.screenshot.bmp", FrozenBytes(b""), kind="PageBlob", lifetime=_LIFETIME)
    return ArmJson({"consoleScreenshotBlobUri": screen, "serialConsoleLogBlobUri": log})
