"""Read access to a managed disk or a snapshot: granted, renewed and revoked, and told in the journal each time.

An active SAS lets whoever has it read the disk, blocks the start and the capture of its VM, and outlives the process
that asked for it. So the journal says that access is about to be granted before Azure is asked, and that it is revoked
once it is: what stands between the two in the journal of a run that is dead is for the next run to revoke.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from runners.azure import Arm
from runners.disk.ranges import Access
from runners.errors import AzureError, DiskError
from runners.operation import Operation, settle
from runners.process import this_process
from runners.resource_id import ResourceId
from runners.scheduler import Scheduler
from runners.secret_url import SecretUrl

SECONDS = 3600
"""How long access to a disk may live; it is revoked as soon as the disk was read."""
_RENEWED_WITHIN = 300.0
"""Seconds that granting anew may take, in the middle of a read."""
_TIMEOUT = 408
"""The HTTP status of a request that may have been carried out, though it is none of a server's errors."""
INTENT, REFUSED, REVOKED = "access.intent", "access.refused", "access.revoked"


class Log(Protocol):
    """A journal: what is appended is on disk before the call returns."""

    def append(self, event: str, data: Mapping[str, Any]) -> object:
        """Write one event. Called from several threads."""
        ...


@asynccontextmanager
async def granted(arm: Arm, scheduler: Scheduler, disk: str, journal: Log) -> AsyncIterator[Access]:
    """Grant read access to `disk`, the ARM id of a disk or a snapshot, for the time of the block.

    It is revoked when the block is left, however that happens, a cancelled task included. Revoking ends every access
    that there is to the disk, so callers see before that nobody else has any. Raises `AzureError` where Azure refuses
    to grant, and `DiskError` where it grants without an address, or access could not be revoked.
    """
    held = _Held(arm, scheduler, disk, journal)
    journal.append(INTENT, {"disk": disk, "seconds": SECONDS, "process": this_process()})
    try:
        operation = await scheduler.call(held.ask)
    except AzureError:
        if held.unheard:
            await _to_the_end(held.revoke())  # an answer was lost, and access may be granted all the same
        else:
            journal.append(REFUSED, {"disk": disk})
        raise
    except BaseException:
        await _to_the_end(held.revoke())
        raise
    try:
        since = time.monotonic()  # a reader may come to it late
        url = _url(disk, await settle(scheduler, operation))
        yield Access(url, SECONDS, held.renew, since)
    finally:
        held.over = True
        await _to_the_end(held.revoke())


async def revoke_left_over(arm: Arm, scheduler: Scheduler, disk: str, journal: Log, why: str) -> bool:
    """Revoke the access to `disk` (a disk or a snapshot) that a dead run left, and return whether there was any.

    It looks first, so that it may be called of any disk and again. `why` says for the journal why the caller may do so,
    since Azure does not say whose an active SAS is. He may:

    - of a VM that this run has claimed and deallocated itself: while it ran, its disk could not be shared, so access
      there is seconds old and in the way of what follows, whoever granted it;
    - with the journal of the run that granted it, once that run is dead (`left_by`, or a person who says so by
      --resume or --take-over, with the dead run's claim on the VM).

    In mode confirm nothing else is: there somebody else's access is left alone, and the disk with it. Raises
    `AzureError` where Azure can't be asked, and `DiskError` where access could not be revoked.
    """
    if not await scheduler.call(_is_shared, arm, disk):
        return False
    journal.append("access.left-over", {"disk": disk, "reason": f"read access that is active is revoked: {why}"})
    await _to_the_end(_Held(arm, scheduler, disk, journal).revoke())
    return True


class _Held:
    """Access that is granted now."""

    def __init__(self, arm: Arm, scheduler: Scheduler, disk: str, journal: Log) -> None:
        self._arm = arm
        self._scheduler = scheduler
        self._disk = disk
        self._journal = journal
        self.over = False
        """Whether it is to be granted no more: a reader that goes on in its thread must not renew it."""
        self.unheard = False
        """Whether Azure was asked and did not say what it did: then it may be granted whatever a later answer says."""

    def ask(self) -> Operation:
        """Ask Azure to grant it. May be called again where that raises `AgainError`."""
        try:
            return self._arm.begin_disk_access(self._disk, SECONDS)
        except AzureError as error:
            self.unheard = self.unheard or not 400 <= error.status < 500 or error.status == _TIMEOUT
            raise

    async def revoke(self) -> None:
        """Revoke every access to the disk. Raises `DiskError` where it is not revoked, saying what to do."""
        try:
            try:
                operation = await self._scheduler.call(self._arm.begin_revoke_disk_access, self._disk)
                await settle(self._scheduler, operation)
            except AzureError:
                # The answer may be lost although access is gone: look before calling it a failure.
                if await self._scheduler.call(_is_shared, self._arm, self._disk):
                    raise
        except AzureError as error:
            raise self._unrevoked(error) from None
        self._journal.append(REVOKED, {"disk": self._disk})

    def renew(self) -> SecretUrl:
        """Grant access anew and return its address; the old one is revoked first, since Azure gives one at a time.

        Called from the thread that reads, and holds no other: where all of a run's threads read, none would be left to
        wait for. Raises `DiskError`.
        """
        try:
            self._go_on()
            self._finish(self._arm.begin_revoke_disk_access(self._disk))
            self._go_on()
            self._journal.append(INTENT, {"disk": self._disk, "seconds": SECONDS, "process": this_process()})
            url = _url(self._disk, self._finish(self._arm.begin_disk_access(self._disk, SECONDS)))
            if self.over:
                self._finish(self._arm.begin_revoke_disk_access(self._disk))
                self._journal.append(REVOKED, {"disk": self._disk})
            self._go_on()
        except AzureError as error:
            raise DiskError(f"read access to {self._disk} could not be renewed: {error}") from None
        return url

    def _go_on(self) -> None:
        if self.over:
            raise DiskError(f"read access to {self._disk} was given up while it was read")

    @staticmethod
    def _finish(operation: Operation) -> Any:
        waited = 0.0
        while not operation.advance():
            if waited >= _RENEWED_WITHIN:
                raise AzureError(f"{operation.what}: still in progress after {waited:.0f} s")
            threading.Event().wait(operation.delay)
            waited += operation.delay
        return operation.result

    def _unrevoked(self, error: AzureError) -> DiskError:
        word = ResourceId.parse(self._disk).word
        return DiskError(
            f"read access to {self._disk} could not be revoked: {error}. Revoke it (az {word} revoke-access --ids "
            "ID): it lets whoever has the address read the disk, and it blocks capturing the VM."
        )


def _is_shared(arm: Arm, disk: str) -> bool:
    """Return whether there is access to the disk: `ActiveSAS`, or `ActiveSASFrozen` of a disk in hibernation."""
    read = arm.snapshot if ResourceId.parse(disk).kind == "snapshots" else arm.disk
    return str((read(disk).get("properties") or {}).get("diskState", "")).lower().startswith("activesas")


def _url(disk: str, answer: Any) -> SecretUrl:
    """Return the address in what granting access gave; nobody but this function ever has it as a text."""
    text = str((answer or {}).get("accessSAS") or "")
    if not text:
        raise DiskError(f"Azure granted access to {disk} without an address to read it from")
    try:
        return SecretUrl.parse(text)
    except ValueError:
        text = ""  # a traceback with locals shows them
        answer = None
    raise DiskError(f"the address that Azure gave for {disk} is no https URL, so it was not read")


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await `work` to its end, even where this task is cancelled meanwhile; it is cancelled then."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except DiskError:
            break
    if cancelled and not task.cancelled() and task.exception() is None:
        raise asyncio.CancelledError
    task.result()
