"""The path of a target in mode *confirm*: a VM that somebody else's builder sealed is observed and judged.

Nothing is claimed, tagged, run, stopped or flagged. The one thing that changes is the read access to the stopped disk,
which is granted and then revoked.
"""

from __future__ import annotations

from checks.facts import AzureFacts, Fact, LinuxDisk, Observation, OsDisk, UnknownFact, Unobserved, WindowsDisk
from checks.judgement import Judgement, judge
from reports import evidence
from runners.errors import ObservationError
from runners.generalize.site import Log
from runners.observe.azure import observe_azure
from runners.observe.identity import exchanged
from runners.observe.target import policy_of
from runners.rights import missing_rights
from runners.route import Route, mistaken

NOT_BEFORE = "mode confirm judges what was sealed, not what is to be sealed"
NOT_WATCHED = Unobserved("mode confirm: nobody of this run saw the VM before or while it was sealed", applicable=False)
"""What only the run that sealed the VM could know: its rules do not apply, and nothing passes for want of it."""

NO_OTHER_WITNESS = (
    "the fleet file says witness: guest, so its disk is not to be read, and mode confirm has no other witness. Where "
    "the disk may be read after all, write witness: disk"
)


class ConfirmPath(Route):
    """The way of a target of which everything is done already, by others."""

    async def travel(self) -> tuple[evidence.Target, evidence.CoverageRecord | None]:
        """Take the target to its end. Returns its record, and what was read of its disk."""
        started = self._world.scheduler.now()
        seen = await self._observe(self._shelf.journal(self._target))
        self._post(self._judge(seen))
        return self._record(started, None, seen, None, acted=False, note="")

    async def _observe(self, journal: Log) -> Observation:
        """Look at the VM, read its disk where it is at rest, and look again: the disk must be the VM's all along."""
        first = await self._timed("observe", self._look(reads=1))
        if isinstance(first, AzureFacts) and await self._freed(first.os_disk, journal):
            first = await self._look(reads=1)
        disk = await self._timed("read", self._read(first, journal))
        azure = first
        if isinstance(first, AzureFacts):
            azure = await self._timed("confirm", self._look(reads=2))
            moved = why_moved(first, azure)
            if moved and not isinstance(disk, Unobserved):
                disk = Unobserved(moved)
        platform = first.platform if isinstance(first, AzureFacts) else self._target.platform or "unknown"
        return Observation(
            platform=platform,
            azure=azure,
            guest=Unobserved("mode confirm asks no guest: a generalized VM must not run"),
            disk=disk,
            receipt=NOT_WATCHED,
            before=NOT_WATCHED,
            policy=policy_of(self._target, foreign=True),
        )

    async def _look(self, *, reads: int) -> AzureFacts | Unobserved:
        """Observe the VM. What is not the machine that the fleet file means is no observation of the target."""
        try:
            azure = await observe_azure(self._world.arm, self._world.scheduler, self._target.id, reads=reads)
        except ObservationError as error:
            return Unobserved(str(error))
        strange = mistaken(self._target, azure)
        return Unobserved("; ".join(strange)) if strange else azure

    async def _freed(self, disk: Fact[OsDisk], journal: Log) -> bool:
        """Return whether a dead run of ours had left access to the disk, which is revoked now. No other's ever is."""
        try:
            shared = not disk.absent and disk.value.disk_state.lower().startswith("activesas")
            return shared and await self._world.free_disk(disk.value.id, journal)
        except (ObservationError, UnknownFact) as error:
            journal.append("read.failed", {"reason": str(error)})
            return False

    async def _read(self, azure: AzureFacts | Unobserved, journal: Log) -> LinuxDisk | WindowsDisk | Unobserved:
        if isinstance(azure, Unobserved):
            return Unobserved(f"the VM was not observed, so its disk was left alone: {azure.reason}")
        if self._target.witness == "guest":
            return Unobserved(NO_OTHER_WITNESS)
        refusal = why_unread(azure)
        if refusal:
            return Unobserved(refusal)
        world = self._world
        missing = await missing_rights(world.arm, world.scheduler, "confirm", self._target, azure)
        if missing:
            return Unobserved("; ".join(missing))
        journal.append("read.begin", {"does": "grants read access to the OS disk, reads it, revokes the access"})
        try:
            found = await world.read_disk(azure.os_disk.value.id, azure.platform, journal)
        except ObservationError as error:
            journal.append("read.failed", {"reason": str(error)})
            return Unobserved(str(error))
        journal.append("read.end", {})
        return found

    def _judge(self, seen: Observation) -> list[Judgement]:
        vm_id = seen.azure.vm_id if isinstance(seen.azure, AzureFacts) else ""
        rows = [Judgement(check, "not applicable", reason=NOT_BEFORE) for check in self._catalogue.phase("pre")]
        judged = (judge(check, seen) for check in self._catalogue.phase("post"))
        return rows + [self._world.waive(item, self._target, vm_id) for item in judged]


def why_unread(azure: AzureFacts) -> str:
    """Return why the disk is not to be read now, with what to do; empty when it is at rest."""
    try:
        return _unrest(azure)
    except UnknownFact as error:
        return f"nobody can tell whether its disk is at rest: {error}"


def _unrest(azure: AzureFacts) -> str:
    power = azure.power_state.value
    if power != "deallocated":
        return (
            f"the VM is {power}, and its disk can be read once Azure has deallocated it. Mode confirm stops nothing: "
            "az vm deallocate --ids VM_ID, then confirm again"
        )
    if azure.os_disk.absent:
        return "its OS disk is no managed disk, and this version reads no other. Look at the disk by hand"
    closed = why_closed(azure.os_disk.value)
    if closed:
        return closed
    state = azure.os_disk.value.disk_state
    if state.startswith("Active"):
        # Revoking our own access would end that of whoever has it.
        return (
            f"somebody else has access to its OS disk just now (disk state {state}), and could change it. Wait for "
            "its end, or end it: az disk revoke-access --ids DISK_ID; then confirm again"
        )
    return ""


def why_closed(disk: OsDisk) -> str:
    """Return why a SAS alone does not open a disk or snapshot, with what to do; empty where it does. Pure."""
    if disk.data_access_auth_mode.lower() in ("", "none"):
        return ""
    return (
        f"reading it takes a token beside the SAS (dataAccessAuthMode is {disk.data_access_auth_mode}), and Sealproof "
        "reads by the SAS alone: az disk update --ids DISK_ID --data-access-auth-mode None, then confirm again"
    )


def why_moved(first: AzureFacts, now: AzureFacts | Unobserved) -> str:
    """Return why the disk that was read may not be the VM's as it is now; empty when nothing moved."""
    if isinstance(now, Unobserved):
        return f"nobody can tell whether the disk is still the VM's: {now.reason}"
    try:
        if now.power_state.value != "deallocated":
            return f"the VM was deallocated when its disk was read, and is {now.power_state.value} now"
        return exchanged(first, now)
    except UnknownFact as error:
        return f"nobody can tell whether the disk is still the VM's: {error}"
