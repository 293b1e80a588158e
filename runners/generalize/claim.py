"""The claim: a tag on the VM that says which run owns it. It excludes other runs; it never authorises one.

Azure offers no comparison for tags (`If-Match` is not among what the tags resource documents), so each run writes a tag
of its own and then looks: whoever sees another's does not act. Of two runs that do this at once at least one
sees the other, whatever the order and however slow either is. Where both do, the later one takes its tag back and the
earlier waits for that. Between writing and looking lies a pause, since a merge of tags may not be atomic.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from reports.journal import Head
from runners.azure import Arm
from runners.errors import AzureError, StepError
from runners.generalize.claim_tag import (
    LEASE,
    RENEWED_AFTER,
    ClaimTag,
    Intent,
    Unreadable,
    foreign_claims,
    obstacle,
    overtaken,
    own_claim,
)
from runners.scheduler import Scheduler

_TIE = timedelta(minutes=1)
"""How long a run that has precedence waits for the others to take their claims back."""
_REMEDY = (
    "Grant Microsoft.Resources/tags/read and .../write on it, or set `claim: none` for this target and make sure "
    "that no two pipelines run at once."
)


class Claim:
    """One run's claim on one VM."""

    def __init__(
        self, arm: Arm, scheduler: Scheduler, vm: str, first: ClaimTag, head: Callable[[], Head], intent: Intent
    ) -> None:
        """`first`: what is written first. `head` gives the end of the run's journal."""
        self._arm = arm
        self._scheduler = scheduler
        self._vm = vm
        self._tag = first
        self._head = head
        self._intent = intent
        self._written: datetime | None = None
        self._gone: Collection[ClaimTag | Unreadable] = ()
        """Claims of runs that were gone when this one took the VM over, as they were then."""

    @property
    def taken(self) -> bool:
        """True once it may be on the VM."""
        return self._written is not None

    async def take(self) -> None:
        """Write the claim, and wait until it is the only one. Raises `StepError` where another run has the VM."""
        self._refuse(foreign_claims(await self._tags(), self._tag.run))
        await self._write(self._tag.step)
        self._gone = await self._alone()
        if self._intent.launches:
            # Otherwise they stay: they tell what was launched, and by whose journal that can be shown.
            for item in self._gone:
                await self._scheduler.call(self._arm.delete_tags, self._vm, {item.name: item.value})

    async def hold(self, step: str) -> str:
        """Write what is about to happen; return which other run is past its own claim, and so may act.

        Raises `StepError` where that can't be written or seen.
        """
        await self._write(step)
        return await self._overtaken()

    async def renew(self) -> str:
        """Write the claim again, where it is old enough for that and no other run may act; return which one may.

        Raises `StepError` where that can't be written or seen.
        """
        if self._written is None or self._scheduler.now() - self._written <= RENEWED_AFTER:
            return ""
        taken = await self._overtaken()
        if not taken:
            await self._write(self._tag.step)
        return taken

    @property
    def lapsed(self) -> bool:
        """True when it no longer holds, so that another run may have taken it for stale."""
        return self._tag.until is None or self._scheduler.now() > self._tag.until

    async def end(self) -> None:
        """Say that this run is over, where the claim is still there: what it launched is not finished."""
        if own_claim(await self._tags(), self._tag.run) is not None:
            over = replace(self._tag, until=None, journal=self._head())
            await self._scheduler.call(self._arm.merge_tags, self._vm, {over.name: over.value})

    async def release(self) -> None:
        """Remove the claim, if it is there."""
        mine = own_claim(await self._tags(), self._tag.run)
        if mine is not None:
            await self._scheduler.call(self._arm.delete_tags, self._vm, {mine.name: mine.value})

    async def _overtaken(self) -> str:
        found = foreign_claims(await self._tags(), self._tag.run)
        return overtaken([item for item in found if item not in self._gone])

    async def _alone(self) -> Collection[ClaimTag | Unreadable]:
        """Wait until no run that lives has a claim besides ours; return the claims of those that are gone."""
        started = self._scheduler.now()
        while True:
            await self._scheduler.pause(self._arm.cloud.poll_seconds)
            tags = await self._tags()
            if own_claim(tags, self._tag.run) is None:
                raise StepError("this run's claim was removed from the VM's tags right after it was written; run again")
            now = self._scheduler.now()
            others = foreign_claims(tags, self._tag.run)
            rivals = [item for item in others if isinstance(item, Unreadable) or not item.stale(now)]
            if not rivals:
                self._refuse(others)
                return others
            ahead = [item for item in rivals if isinstance(item, Unreadable) or item.turn < self._tag.turn]
            if ahead or now - started > _TIE:
                self._refuse(ahead or rivals)

    def _refuse(self, others: Collection[ClaimTag | Unreadable]) -> None:
        told = obstacle(others, self._scheduler.now(), self._intent)
        if told:
            raise StepError(told)

    async def _write(self, step: str) -> None:
        now = self._scheduler.now()
        self._tag = replace(self._tag, step=step, until=now + LEASE, journal=self._head())
        self._written = now
        try:
            await self._scheduler.call(self._arm.merge_tags, self._vm, {self._tag.name: self._tag.value})
        except AzureError as error:
            # The answer may be lost although the tag is there: look before calling it a failure.
            seen = own_claim(await self._tags(), self._tag.run)
            if seen is None or seen.value != self._tag.value:
                raise StepError(f"the VM could not be claimed: {error}. {_REMEDY}") from None

    async def _tags(self) -> Mapping[str, str]:
        try:
            return await self._scheduler.call(self._arm.read_tags, self._vm)
        except AzureError as error:
            raise StepError(f"the VM's tags could not be read for the claim: {error}. {_REMEDY}") from None
