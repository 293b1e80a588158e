"""Everything that the ARM of one lab knows, and the guests behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from starlette.requests import Request

from lab.arm import errors, meanwhile
from lab.arm.blobs import Blobs
from lab.arm.directory import Directory
from lab.arm.disk import Disk
from lab.arm.errors import ArmError
from lab.arm.faults import Faults
from lab.arm.image import Image
from lab.arm.machine import Machine
from lab.arm.operations import Operations
from lab.arm.requests import RequestLog
from lab.arm.resource_group import ResourceGroup
from lab.arm.sign_in import SignIn
from lab.arm.snapshot import Snapshot
from lab.arm.throttle import Throttle
from lab.arm.tokens import Tokens
from lab.guests.guest import Guest
from lab.scenario import LockSpec, Scenario

P = ParamSpec("P")
T = TypeVar("T")


class Cloud:
    """The state of one lab. Its parts are changed from the server's event loop only."""

    def __init__(
        self,
        scenario: Scenario,
        guests: Mapping[str, Guest],
        *,
        endpoint: str,
        client_secret: str,
        threads: ThreadPoolExecutor,
        request_log: Path | None = None,
    ) -> None:
        azure = scenario.azure
        self.scenario = scenario
        self.endpoint = endpoint
        self.subscription_id = str(azure.subscription_id)
        self.machines = {item.id.lower(): Machine.of(item, guests[item.id]) for item in scenario.machines}
        self.groups = _groups(self.machines.values(), self.subscription_id, azure.location)
        self.disks: dict[str, Disk] = {}
        for machine in self.machines.values():
            self._add_disk(machine)
        self.images: dict[str, Image] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.locks: tuple[LockSpec, ...] = scenario.locks
        self.directory = Directory(azure, client_secret, scenario.principals)
        self.tokens = Tokens(endpoint, self.directory)
        self.sign_in = SignIn(endpoint, self.directory, self.tokens)
        self.operations = Operations(endpoint, self.subscription_id, azure.location, scenario.pace.retry_after)
        self.blobs = Blobs(endpoint)
        self.faults = Faults(scenario.faults, self.operations, self.machine_of, partial(meanwhile.happen, self))
        self.throttle = Throttle(scenario.throttling)
        self.log = RequestLog(request_log)
        self._threads = threads
        self._tasks: set[asyncio.Task[Any]] = set()

    def add(self, machine: Machine) -> None:
        """Take in a VM that was not there before, with its OS disk."""
        self.machines[machine.id.lower()] = machine
        self._add_disk(machine)

    def _add_disk(self, machine: Machine) -> None:
        if "id" in machine.documents.os_disk:  # an unmanaged disk is a blob, and no resource
            disk = Disk(machine)
            self.disks[disk.id.lower()] = disk

    def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run a blocking call of a guest in a worker thread."""
        return asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*args, **kwargs))

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin `work` and hold it until it ends, whether or not anybody awaits it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # asyncio writes a warning for an error that nobody looked at

    async def take_time(self) -> None:
        """Wait as long as a long-running operation of this scenario takes."""
        await asyncio.sleep(self.scenario.pace.operation_seconds)

    def check_group(self, subscription: str, group: str | None = None) -> None:
        """Raise unless the subscription is ours and the resource group, where one is named, exists in it."""
        if subscription.lower() != self.subscription_id.lower():
            raise errors.subscription_missing(subscription)
        if group is not None and group.lower() not in self.groups:
            raise errors.group_missing(group)

    def group(self, subscription: str, name: str) -> ResourceGroup:
        """Return a resource group by its name, whatever its case, or raise ARM's 404."""
        self.check_group(subscription, name)
        return self.groups[name.lower()]

    def machine(self, subscription: str, group: str, name: str) -> Machine:
        """Return a VM by its names, whatever their case, or raise ARM's 404."""
        self.check_group(subscription, group)
        wanted = f"{_group_id(subscription, group)}/providers/Microsoft.Compute/virtualMachines/{name}"
        machine = self.machines.get(wanted.lower())
        if machine is None:
            raise errors.resource_missing("virtualMachines", name, group)
        return machine

    def machine_of(self, request: Request) -> Machine | None:
        """Return the VM that a request is about: itself, its OS disk, or one of its blobs or operations."""
        named = request.path_params
        with suppress(ArmError):
            if "vm" in named:
                return self.machine(named["subscription"], named["group"], named["vm"])
            if "disk" in named:
                return self.disk(named["subscription"], named["group"], named["disk"]).machine
        owner = self.blobs.owner(request.url.path) if "blob" in named else ""
        if "operation" in named:
            owner = self.operations.owner(named["operation"])
        return self.machines.get(owner.lower())

    def disk(self, subscription: str, group: str, name: str) -> Disk:
        """Return a disk by its names, whatever their case, or raise ARM's 404."""
        self.check_group(subscription, group)
        disk = self.disks.get(f"{_group_id(subscription, group)}/providers/Microsoft.Compute/disks/{name}".lower())
        if disk is None:
            raise errors.resource_missing("disks", name, group)
        return disk


def _groups(machines: Iterable[Machine], subscription: str, location: str) -> dict[str, ResourceGroup]:
    """Return the resource groups that machines are in, by lower-case name; the first machine's spelling holds."""
    groups: dict[str, ResourceGroup] = {}
    for name in (machine.resource_group for machine in machines):
        groups.setdefault(name.lower(), ResourceGroup(_group_id(subscription, name), name, location))
    return groups


def _group_id(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"
