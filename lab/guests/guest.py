"""The protocol of a machine behind a lab VM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from lab.guests.frozen_disk import FrozenDisk


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """What a script left: all of both streams (the lab's ARM cuts them), and its exit code."""

    stdout: bytes
    stderr: bytes
    exit_code: int


class Guest(Protocol):
    """One machine. Calls may block; the lab makes them from worker threads, one script at a time."""

    platform: Literal["linux", "windows"]
    provenance: Literal["real", "simulated"]

    def power(self) -> Literal["running", "stopped"]:
        """Return what the machine itself does now: a shutdown from inside shows here."""
        ...

    def start(self) -> None:
        """Power the machine on."""
        ...

    def power_off(self) -> None:
        """Power the machine off, as the platform would."""
        ...

    def agent_ready(self) -> bool:
        """Return whether the agent inside answers."""
        ...

    def run(self, script: str) -> ScriptResult:
        """Run `script` as root or SYSTEM: POSIX sh on Linux, Windows PowerShell on Windows."""
        ...

    def serial_log(self) -> bytes:
        """Return all that the machine wrote to its first serial port."""
        ...

    def disk_size(self) -> int:
        """Return the size of the OS disk in bytes, without any container's header or footer."""
        ...

    def read_disk(self, offset: int, length: int) -> bytes:
        """Return bytes of the OS disk as it is now; short only at its end."""
        ...

    def freeze_disk(self) -> FrozenDisk:
        """Return the disk as it is now, for good: what happens to it later does not show.

        The lab asks a real machine for it only while it is off.
        """
        ...

    def close(self) -> None:
        """Release what the machine holds: processes, files."""
        ...


class LogonError(Exception):
    """A script can't be run as the account that was asked for. The text says why."""


@runtime_checkable
class GuestWithAccounts(Protocol):
    """A guest that runs scripts as its own accounts too."""

    def run_as(self, user: str, password: str, script: str) -> ScriptResult:
        """Run `script` as `user`. Raises `LogonError` where that account can't log on with this password."""
        ...


@runtime_checkable
class SparseGuest(Protocol):
    """A guest that knows which parts of its disk were never written: looking for pages need not read them."""

    def disk_spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield first byte and end of what may hold anything but zeros between two offsets, in order."""
        ...
