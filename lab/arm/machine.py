"""One VM of the lab: its documents, its guest, and what the platform did to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from lab import scenario
from lab.arm import errors, times
from lab.arm.instance_view import Live, instance_view
from lab.arm.managed_run_command import ManagedRunCommand
from lab.guests.guest import Guest
from lab.merge_patch import copy, merge

P = ParamSpec("P")
T = TypeVar("T")


class InThread(Protocol):
    """Runs a blocking call of a guest in a worker thread."""

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Return what `function` returns."""
        ...


@dataclass
class Machine:
    """One VM. Changed from the server's event loop only; the guest is called in worker threads."""

    documents: scenario.Machine
    guest: Guest
    platform_power: scenario.Power
    """What the platform itself did last. A guest that shut down from inside leaves it at `running`."""
    generalized: bool
    tags: dict[str, str]
    transition: str = ""
    """`starting`, `stopping` or `deallocating` while such an operation runs."""
    command_running: bool = False
    agent_silenced: bool = False
    """Whether a fault made the agent silent; starting the VM again ends it."""
    script_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the guest runs a script: it runs one at a time."""
    run_commands: dict[str, ManagedRunCommand] = field(default_factory=dict)
    """The managed run commands, by lower-case name."""
    updates_in_progress: int = 0
    revision: int = 1
    changed: datetime = field(default_factory=times.now)
    agent_seen: datetime = field(default_factory=times.now)

    @classmethod
    def of(cls, documents: scenario.Machine, guest: Guest) -> Machine:
        """Return the machine as its scenario starts it."""
        spec = documents.spec
        tags = dict(documents.model.get("tags") or {})
        return cls(documents, guest, platform_power=spec.power, generalized=spec.generalized, tags=tags)

    @property
    def id(self) -> str:
        """The ARM id."""
        return self.documents.id

    @property
    def name(self) -> str:
        """The name."""
        return self.documents.name

    @property
    def resource_group(self) -> str:
        """The name of the resource group."""
        return self.documents.spec.resource_group

    @property
    def etag(self) -> str:
        """The etag, quoted as it travels in the header and in the body."""
        return f'"{self.revision}"'

    @property
    def boot_diagnostics(self) -> bool:
        """Whether the model has boot diagnostics on."""
        profile = self.documents.model.get("properties", {}).get("diagnosticsProfile", {})
        return bool(profile.get("bootDiagnostics", {}).get("enabled", False))

    def touch(self) -> None:
        """Note that the platform changed the machine: a new etag and a new time."""
        self.revision += 1
        self.changed = times.now()

    def refuse_in_transition(self, operation: str) -> None:
        """Raise while the power state is changing."""
        if self.transition:
            ending = {"starting": "running", "stopping": "stopped", "deallocating": "deallocated"}[self.transition]
            raise errors.power_changing(self.name, ending, operation)

    async def live(self, in_thread: InThread) -> Live:
        """Look at the guest and return what the machine does now."""
        power: str = self.transition or self.platform_power
        if power == "running":
            power = await in_thread(self.guest.power)
        answers = power == "running" and await self.agent_ready(in_thread)
        moment = times.now()
        if answers:
            self.agent_seen = moment
        return Live(
            power=power,
            agent_answers=answers,
            agent_seen=self.agent_seen,
            changed=self.changed,
            generalized=self.generalized,
            moment=moment,
        )

    async def agent_ready(self, in_thread: InThread) -> bool:
        """Return whether the agent inside answers."""
        return not self.agent_silenced and await in_thread(self.guest.agent_ready)

    async def view(self, in_thread: InThread) -> dict[str, Any]:
        """Return the instance view as of now."""
        return instance_view(self.documents.instance_view, await self.live(in_thread))

    def model(self, *, view: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the VM as ARM shows it, with the instance view in it where one is given."""
        provisioning = "Updating" if self.updates_in_progress or self.transition else "Succeeded"
        model: dict[str, Any] = merge(self.documents.model, {"properties": {"provisioningState": provisioning}})
        model["tags"] = dict(self.tags)
        if view is not None:
            model["properties"]["instanceView"] = view
        model["etag"] = self.etag
        if self.platform_power == "deallocated":
            _forget_sizes(model["properties"].get("storageProfile", {}))
        if self.documents.extensions:
            model["resources"] = copy(list(self.documents.extensions))
        return model


def _forget_sizes(storage: dict[str, Any]) -> None:
    """Leave out of a deallocated VM what only its host knows of managed disks (recorded in test_gallery_e2e #37)."""
    for disk in (storage.get("osDisk", {}), *storage.get("dataDisks", [])):
        if "managedDisk" in disk:
            disk.pop("diskSizeGB", None)
            disk["managedDisk"].pop("storageAccountType", None)
