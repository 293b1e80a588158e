"""The scripts that act in a Windows guest, and the one that watches Sysprep: files with checked values put in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from runners.errors import StepError
from runners.generalize.script import read_script, render
from runners.guest.frame import OVERHEAD
from runners.guest.run_command import ANSWER_LIMIT
from runners.guest.script import prelude

PAGE_BYTES = ANSWER_LIMIT - OVERHEAD


@dataclass(frozen=True, slots=True)
class Sysprep:
    """How Sysprep is launched."""

    end: str = "shutdown"
    """What it does at its end: `shutdown` or `quit`."""
    mode: str = "default"
    """`vm`, or `default` for none."""
    supported_identity: bool = False
    """Whether the script gives up where it runs as SYSTEM."""

    @property
    def options(self) -> str:
        """Its command line after the program. Never /unattend and never /reboot, which Azure's page rules out."""
        mode = f" /mode:{self.mode}" if self.mode != "default" else ""
        return f"/generalize /oobe /{self.end} /quiet{mode}"


@dataclass(frozen=True, slots=True)
class Look:
    """What one watch script shall wait for, and what an earlier one saw."""

    seconds: int
    """For how long it looks on at most."""
    stall_seconds: int
    """For how long nothing must be new to be news itself."""
    log_bytes: int = -1
    """How long the logs were at the last look; -1 where there was none."""
    quiet_seconds: int = 0
    """For how long nothing has been new, if the logs are still as long."""


def prepare_windows(nonce: str, machine: str = "") -> str:
    """Return the PowerShell script that removes what would make Sysprep fail.

    `machine`: the vmId of the only VM that it acts on, for channels that Azure does not tie to the VM.
    """
    return render("prepare.ps1", nonce, (), MACHINE_CHECK=machine_check(machine))


def launch_windows(nonce: str, sysprep: Sysprep | None = None, machine: str = "") -> str:
    """Return the PowerShell script that starts Sysprep, detached. `machine`: as for `prepare_windows`."""
    sysprep = sysprep or Sysprep()
    if sysprep.end not in ("shutdown", "quit") or sysprep.mode not in ("default", "vm"):
        raise StepError(f"Sysprep is not launched with {sysprep.options}")
    values = {
        "END": sysprep.end,
        "MACHINE_CHECK": machine_check(machine),
        "SUPPORTED": "yes" if sysprep.supported_identity else "no",
        "OPTIONS": sysprep.options,
    }
    return render("launch.ps1", nonce, (), **values)


def watch_windows(nonce: str, started: datetime, end: str, look: Look) -> str:
    """Return the PowerShell script that looks at the Sysprep that was started at `started` until there is news.

    Its answer is framed like a probe's. `started` is best the guest's own time, and has a zone.
    """
    values = {
        "END": end,
        "SECONDS": str(look.seconds),
        "STALL_SECONDS": str(look.stall_seconds),
        "LOG_BYTES": str(look.log_bytes),
        "QUIET_SECONDS": str(look.quiet_seconds),
        "PAGE_BYTES": str(PAGE_BYTES),
        "STARTED": started.isoformat(timespec="seconds"),
        "PRELUDE": prelude("windows"),
    }
    return render("watch.ps1", nonce, (), **values)


def machine_check(vm_id: str) -> str:
    """Return the lines that stop a script on any other machine; empty for a channel that needs none.

    Both byte orders of its first fields count as the VM's: see runners/observe/identity.py.
    """
    if not vm_id:
        return ""
    try:
        wanted = UUID(vm_id)
    except ValueError:
        raise StepError(f"the VM's vmId {vm_id[:80]!r} is no UUID, so the guest can't be compared with it") from None
    machines = f"'{wanted}', '{UUID(bytes_le=wanted.bytes)}'"
    return read_script("machine.ps1").rstrip().replace("@MACHINES@", machines)
