"""What a target's path reaches: ARM, the guest, the stopped disk, and the waivers of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from checks.facts import LinuxDisk, LinuxGuest, Unobserved, WindowsDisk, WindowsGuest
from checks.judgement import Judgement
from reports import evidence as record
from reports.waivers import Waiver
from runners.azure import Arm
from runners.cloud import Cloud
from runners.disk.access import Log, granted, revoke_left_over
from runners.disk.ranges import Access
from runners.disk.reader import examine
from runners.disk.sas import SasSource
from runners.errors import AzureError, ChannelError, OperationError
from runners.fleet import Target
from runners.guest.channel import Channel
from runners.guest.managed_run_command import Account, ManagedRunCommandChannel
from runners.guest.run_command import RunCommandChannel
from runners.guest.script import ask
from runners.guest.testinfra import TestinfraChannel
from runners.observe.disk import parse as parse_disk
from runners.observe.guest import parse as parse_guest
from runners.operation import settle
from runners.password import find_password
from runners.reading import read_undisturbed
from runners.scheduler import DiskScheduler
from runners.states import FleetStates
from runners.sysprep_options import read_password
from runners.waivers import waive

HOSTS = 32
"""How many hosts are asked at once whose channel is not Run Command."""
READ_WITHIN = timedelta(minutes=15)
"""How long a probe's answer is waited for. Azure ends a Run Command after 90 minutes and can't cancel one."""
ACT_WITHIN = timedelta(minutes=10)
"""How long the answer of a launch is waited for; after that the power state tells."""
BUSY_WITHIN = timedelta(minutes=10)
"""How long a probe waits while another Run Command is in progress in the VM."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How real what is behind a target is: said by whoever runs it, and shown in every report."""

    guest: Literal["real", "simulated"] = "real"
    disk: Literal["real", "constructed"] = "real"


@dataclass(frozen=True, slots=True)
class World:
    """The ways to a run's targets. It decides nothing."""

    cloud: Cloud
    arm: Arm
    scheduler: DiskScheduler
    provenance: Callable[[str], Provenance]
    """By ARM id, or a file's path."""
    waivers: Sequence[Waiver] = ()
    states: FleetStates | None = None
    """Shared by all that wait for VMs."""
    own_probes: Sequence[Path] = ()
    """A team's own probes, of both platforms: they are sent with ours."""
    hosts: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HOSTS))
    """Places for hosts that are asked otherwise than through Azure: each takes a thread, and perhaps a process."""
    left_by: Callable[[str], str] = lambda _disk: ""
    """Which dead run left read access to a disk, by its ARM id; empty where none did. Called in worker threads."""

    async def glance(self, vm: str) -> Mapping[str, Any]:
        """Return the VM's instance view as of the last poll, for who waits. Raises `AzureError`."""
        if self.states is None:
            return await self.scheduler.call(self.arm.instance_view, vm)
        return await self.states.glance(vm)

    def channel(self, target: Target, platform: str) -> Channel:
        """Return the way by which the target's guest is asked, as its fleet entry says."""
        if target.channel != "run-command":
            return self._testinfra(target, platform, READ_WITHIN, self.hosts)
        return self._run_command(target, platform, READ_WITHIN, BUSY_WITHIN, once=False)

    def acting_channel(self, target: Target, platform: str) -> Channel:
        """Return the way by which the target's guest is acted on: never patient, since what it waits for may change."""
        if target.channel != "run-command":
            # What acts does not queue behind hosts that hang: what it rests on was looked at just before.
            return self._testinfra(target, platform, ACT_WITHIN, None)
        return self._run_command(target, platform, ACT_WITHIN, timedelta(0), once=True)

    def launching_channel(self, target: Target, platform: str, location: str) -> Channel:
        """Return the way by which the step is launched: as the account that the fleet file names, if it names one.

        `location` is the VM's region.

        Raises `StepError` where that account's password is not where the fleet file says.
        """
        options = target.sysprep
        if platform != "windows" or options.run_as is None:
            return self.acting_channel(target, platform)
        account = Account(options.run_as, read_password(options))
        return ManagedRunCommandChannel(
            self.arm, self.scheduler, target.id, account, location=location, within=ACT_WITHIN
        )

    def _testinfra(self, target: Target, platform: str, within: timedelta, places: asyncio.Semaphore | None) -> Channel:
        password = None
        if target.channel.startswith("winrm://"):
            whose = f"the channel {target.channel}"
            password = partial(find_password, whose, target.channel_password_env, target.channel_password_file)
        return TestinfraChannel(target.channel, within=within, places=places, platform=platform, password=password)

    def _run_command(self, target: Target, platform: str, within: timedelta, busy: timedelta, *, once: bool) -> Channel:
        async def start(script: str) -> Any:
            operation = await self.scheduler.call(self.arm.begin_run_command, target.id, platform, script, once=once)
            try:
                return await settle(self.scheduler, operation, within)
            except OperationError:
                raise
            except AzureError as error:
                # It has begun: whatever a poll meets with, such as a conflict, is no refusal of it.
                raise ChannelError(str(error)) from None

        return RunCommandChannel(start, self.scheduler, where=f"VM {target.vm_name}", patience=busy)

    async def ask_guest(self, channel: Channel, platform: str, profile: str | None = None) -> LinuxGuest | WindowsGuest:
        """Ask the guest everything in one script, with what `profile` adds.

        Raises `ChannelError` where it gives no usable answer.
        """
        return parse_guest(platform, await ask(channel, platform, extra=self.own_probes, profile=profile))

    async def read_disk(
        self, disk: str, platform: str, journal: Log, *, deallocated_by_us: bool = False
    ) -> LinuxDisk | WindowsDisk:
        """Read a stopped disk or a snapshot through a SAS, which is revoked whatever happens: it would block capture.

        `deallocated_by_us`: the disk is of a VM that this run has claimed and deallocated; access that somebody has all
        the same is revoked first. Callers that have not done so see before that nobody has any.
        """
        if deallocated_by_us:
            await revoke_left_over(self.arm, self.scheduler, disk, journal, "this run has deallocated the VM itself")
        async with self.scheduler.reading(), granted(self.arm, self.scheduler, disk, journal) as access:
            report = await read_undisturbed(self.scheduler, journal, self._examine, access, platform)
        return parse_disk(report)

    async def free_disk(self, disk: str, journal: Log) -> bool:
        """Revoke the access to a disk or a snapshot that a dead run of this machine left; return whether it had any."""
        run = await self.scheduler.call(self.left_by, disk)
        if not run:
            return False
        why = f"run {run} granted it to itself and died, says its journal"
        return await revoke_left_over(self.arm, self.scheduler, disk, journal, why)

    def _examine(self, access: Access, platform: str) -> dict[str, Any]:
        with SasSource(access, self.cloud.trusted) as source:
            return examine(source, platform)

    def waive(self, judgement: Judgement, target: Target, vm_id: str) -> Judgement:
        """Return the judgement as the run's waivers leave it. `vm_id` is the observed one: a waiver may name it."""
        seen = target.model_copy(update={"vm_id": vm_id or None})
        return waive(judgement, self.waivers, seen, self.scheduler.now().date())

    def vantages(
        self, target: Target, azure: object, guest: object, disk: LinuxDisk | WindowsDisk | Unobserved, look: object
    ) -> record.Vantages:
        """Return from where the target was seen, and how real that was."""
        provenance = self.provenance(target.subject)
        return record.Vantages(
            azure="none" if isinstance(azure, Unobserved) else "lab" if self.cloud.lab else "arm",
            guest="none" if isinstance(guest, Unobserved) else provenance.guest,
            disk="none" if isinstance(disk, Unobserved) else provenance.disk,
            look="none" if isinstance(look, Unobserved) else provenance.guest,
        )
