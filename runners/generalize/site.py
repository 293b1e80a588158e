"""What a sealer is given of one target, and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from checks.facts import LinuxDisk, Observation, Receipt, Unobserved, WindowsDisk
from reports.journal import Head
from runners.azure import Arm
from runners.generalize.claim import Claim
from runners.guest.channel import Channel
from runners.scheduler import Scheduler

Disk = LinuxDisk | WindowsDisk


class Log(Protocol):
    """A journal: what is appended is on disk before the call returns."""

    @property
    def head(self) -> Head:
        """Its end."""
        ...

    def append(self, event: str, data: Mapping[str, Any]) -> object:
        """Write one event."""
        ...


@dataclass(frozen=True, slots=True)
class Cleared:
    """A target that may be launched now."""

    before: Observation
    """What it is launched on."""
    seal: Mapping[str, str]
    """What the journal keeps of it beside the intent: which machine it is, and the digest of what was seen of it."""
    looked: datetime
    """When Azure was begun to be asked for what it is now."""


@dataclass(frozen=True, slots=True)
class Site:
    """One target and everything that is needed to act on it."""

    vm: str
    """ARM id."""
    deadline_minutes: float
    stall_minutes: float
    """Minutes without a sign of progress after which a launched Sysprep counts as hung."""
    claim: Claim | None
    """None where tags must not change."""
    arm: Arm
    scheduler: Scheduler
    channel: Channel
    launch_channel: Channel
    """By which the step is launched: as another account, where the fleet file names one."""
    looks_on: bool
    """Whether a script on the channel may look on for minutes; otherwise it looks once each time."""
    machine: str
    """The vmId that scripts hold the machine against which they reach; empty for channels that Azure ties to the VM."""
    journal: Log
    recheck: Callable[[bool], Awaitable[Cleared]]
    """Called right before the launch, with whether the guest was just prepared. Observes and judges again where that is
    due; raises `StepError` where the target may not be launched any more."""
    unwanted: Callable[[], str]
    """Returns why nobody wants a launch any more, such as that the user stopped the run; empty while it may come."""
    read_disk: Callable[[], Awaitable[Disk]]
    """Reads the stopped disk; any access that it needed is revoked when it returns."""
    stranger: Callable[[], Awaitable[str]]
    """Looks which VM is there, right before the flag; returns how it, or its OS disk, is another one than was launched
    on; empty where it is the same. Raises `AzureError`."""
    glance: Callable[[str], Awaitable[Mapping[str, Any]]]
    """Returns the VM's instance view as of the last poll, for who waits. Raises `AzureError`."""
    verdict: Callable[[Observation], str]
    """Judges what the stopped disk and the receipt say; returns why the VM must not be flagged; empty when it may."""
    unflagged: str = ""
    """Why this run must not flag the VM whatever its disk shows; empty where it may."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How far a target got."""

    launched: bool
    generalized: bool
    stopped: str
    """Why it went no further; empty when every step is done."""
    receipt: Receipt | Unobserved
    disk: Disk | Unobserved
    look: Disk | Unobserved
    """What the guest saw of itself, where the fleet file says so."""
