"""The path of a target in mode *confirm* that is no VM: a managed disk, a snapshot, or a file.

Nothing of it is changed but the read access to a disk or snapshot, which is granted and then revoked.
"""

from __future__ import annotations

from checks.facts import Artifact, LinuxDisk, Observation, OsDisk, Unobserved, WindowsDisk
from runners.confirm_path import NO_OTHER_WITNESS, NOT_WATCHED, ConfirmPath, why_closed
from runners.errors import ObservationError
from runners.fleet import Target
from runners.generalize.site import Log
from runners.observe.artifact import observe_resource, read_file
from runners.observe.target import policy_of
from runners.reading import read_undisturbed
from runners.rights import missing_on_artifact

_AT_REST = ("unattached", "reserved")
"""Of no VM, or of one that is deallocated. Of a snapshot it is always the first."""


def confirming(target: Target) -> type[ConfirmPath]:
    """Return the way of a target that others sealed."""
    if target.kind == "vm":
        return ConfirmPath
    return ConfirmFilePath if target.kind == "file" else ConfirmDiskPath


class ConfirmDiskPath(ConfirmPath):
    """The way of a managed disk or a snapshot."""

    async def _observe(self, journal: Log) -> Observation:
        """Look at it in Azure, read it where it is at rest, and look again: it must be the same all along."""
        first = await self._timed("observe", self._look_at())
        if isinstance(first, Artifact) and await self._freed(first.resource, journal):
            first = await self._look_at()
        disk = await self._timed("read", self._read_resource(first, journal))
        if not isinstance(disk, Unobserved):
            now = await self._timed("confirm", self._look_at())
            moved = why_other(first, now)
            disk = Unobserved(moved) if moved else disk
        return self._seen(first, disk)

    async def _look_at(self) -> Artifact | Unobserved:
        try:
            return await observe_resource(self._world.arm, self._world.scheduler, self._target)
        except ObservationError as error:
            return Unobserved(str(error))

    async def _read_resource(self, seen: Artifact | Unobserved, journal: Log) -> LinuxDisk | WindowsDisk | Unobserved:
        if isinstance(seen, Unobserved):
            return seen
        refusal = NO_OTHER_WITNESS if self._target.witness == "guest" else why_in_use(seen.resource.value)
        if refusal:
            return Unobserved(refusal)
        world = self._world
        missing = await missing_on_artifact(world.arm, world.scheduler, self._target)
        if missing:
            return Unobserved("; ".join(missing))
        journal.append("read.begin", {"does": f"grants read access to the {seen.kind}, reads it, revokes the access"})
        try:
            found = await world.read_disk(seen.id, seen.platform, journal)
        except ObservationError as error:
            journal.append("read.failed", {"reason": str(error)})
            return Unobserved(str(error))
        journal.append("read.end", {})
        return found

    def _seen(self, artifact: Artifact | Unobserved, disk: LinuxDisk | WindowsDisk | Unobserved) -> Observation:
        kind = self._target.kind
        platform = artifact.platform if isinstance(artifact, Artifact) else self._target.platform or "unknown"
        return Observation(
            platform=platform,
            azure=Unobserved(f"the target is a {kind}, and what Azure says of a VM can't apply", applicable=False),
            guest=Unobserved(f"the target is a {kind}: there is no guest to ask", applicable=False),
            disk=disk,
            receipt=NOT_WATCHED,
            before=NOT_WATCHED,
            policy=policy_of(self._target, foreign=True),
            artifact=artifact,
        )


class ConfirmFilePath(ConfirmDiskPath):
    """The way of a file."""

    async def _observe(self, journal: Log) -> Observation:
        journal.append("read.begin", {"does": "reads the file"})
        try:
            async with self._world.scheduler.reading():
                reading = read_undisturbed(self._world.scheduler, journal, read_file, self._target)
                found = await self._timed("read", reading)
        except ObservationError as error:
            journal.append("read.failed", {"reason": str(error)})
            unread = Unobserved(str(error))
            return self._seen(unread, unread)
        journal.append("read.end", {})
        return self._seen(found.artifact, found.disk)


def why_in_use(disk: OsDisk) -> str:
    """Return why a disk or snapshot is not to be read now, with what to do; empty where it is at rest. Pure."""
    closed = why_closed(disk)
    if closed:
        return closed
    state = disk.disk_state
    if state.lower() in _AT_REST:
        return ""
    if state.lower().startswith("activesas"):
        # Revoking our own access would end that of whoever has it.
        return (
            f"somebody else has access to it just now (disk state {state}), and Azure gives one at a time. Wait for "
            "its end, or end it: az disk revoke-access --ids DISK_ID (az snapshot revoke-access); then confirm again"
        )
    if state.lower() == "attached":
        vm = disk.managed_by.rpartition("/")[2] or "a VM"
        return (
            f"it is the disk of {vm}, which is not deallocated and may write to it. Mode confirm stops nothing: az vm "
            "deallocate --ids VM_ID, or confirm a snapshot of it (az snapshot create --source DISK_ID); then again"
        )
    if not state:
        return "Azure does not say whether it is in use (it gives no diskState), so it was left alone"
    return (
        f"its disk state is {state}, and only a disk at rest (Unattached, or Reserved by a deallocated VM) is read. "
        "Wait until that is over, then confirm again"
    )


def why_other(first: Artifact | Unobserved, now: Artifact | Unobserved) -> str:
    """Return why what was read may not be what is there now; empty when nothing moved. Pure."""
    if isinstance(first, Unobserved):
        return first.reason
    if isinstance(now, Unobserved):
        return f"nobody can tell whether it is still the same: {now.reason}"
    then, today = first.resource.value, now.resource.value
    if not today.unique_id or then.unique_id != today.unique_id:
        return f"it is not the one that was read: its unique id was {then.unique_id!r} and is {today.unique_id!r} now"
    used = why_in_use(today)
    return f"it was at rest when it was read, and is not now: {used}" if used else ""
