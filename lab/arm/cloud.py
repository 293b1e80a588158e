"""Everything that the ARM of one lab knows, and the guests behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from lab.arm import errors
from lab.arm.blobs import Blobs
from lab.arm.disk import Disk
from lab.arm.machine import Machine
from lab.arm.operations import Operations
from lab.arm.requests import RequestLog
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
        disks = [Disk(machine) for machine in self.machines.values()]
        self.disks = {disk.id.lower(): disk for disk in disks}
        self.locks: tuple[LockSpec, ...] = scenario.locks
        self.tokens = Tokens(endpoint, str(azure.tenant_id), str(azure.client_id), client_secret)
        self.operations = Operations(endpoint, self.subscription_id, azure.location, scenario.pace.retry_after)
        self.blobs = Blobs(endpoint)
        self.throttle = Throttle()
        self.log = RequestLog(request_log)
        self._threads = threads

    def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run a blocking call of a guest in a worker thread."""
        return asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*args, **kwargs))

    async def take_time(self) -> None:
        """Wait as long as a long-running operation of this scenario takes."""
        await asyncio.sleep(self.scenario.pace.operation_seconds)

    def check_group(self, subscription: str, group: str | None = None) -> None:
        """Raise unless the subscription is ours and the resource group, where one is named, exists in it."""
        if subscription.lower() != self.subscription_id.lower():
            raise errors.subscription_missing(subscription)
        if group is not None and group.lower() not in {item.resource_group.lower() for item in self.machines.values()}:
            raise errors.group_missing(group)

    def machine(self, subscription: str, group: str, name: str) -> Machine:
        """Return a VM by its names, whatever their case, or raise ARM's 404."""
        self.check_group(subscription, group)
        wanted = f"{_group_id(subscription, group)}/providers/Microsoft.Compute/virtualMachines/{name}"
        machine = self.machines.get(wanted.lower())
        if machine is None:
            raise errors.resource_missing("virtualMachines", name, group)
        return machine

    def disk(self, subscription: str, group: str, name: str) -> Disk:
        """Return a disk by its names, whatever their case, or raise ARM's 404."""
        self.check_group(subscription, group)
        disk = self.disks.get(f"{_group_id(subscription, group)}/providers/Microsoft.Compute/disks/{name}".lower())
        if disk is None:
            raise errors.resource_missing("disks", name, group)
        return disk


def _group_id(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"
