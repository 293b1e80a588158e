"""A target's claim over the steps of a run: until the launch it must stand, and after that it is best effort."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from reports.errors import ReportError
from runners.errors import ObservationError, StepError
from runners.generalize.claim import Claim
from runners.generalize.site import Log


class Tenure:
    """One run's hold on one target. Without a claim it is held from the start, and nothing is written."""

    def __init__(self, claim: Claim | None, journal: Log) -> None:
        self._claim = claim
        self._journal = journal
        self.held = claim is None

    async def take(self) -> None:
        """Claim the VM. Raises `StepError` where another run has it."""
        assert self._claim is not None, "without a claim it is held from the start"
        await self._claim.take()
        self.held = True

    async def announce(self, step: str, *, must: bool) -> None:
        """Write into the claim what is about to happen. Raises `StepError` where another run may be at it.

        `must`: whether a claim that can't be written keeps it from happening.
        """
        if self._claim is None:
            return
        try:
            taken = await self._claim.hold(step)
        except StepError as error:
            if must:
                raise
            self._journal.append("claim.unrenewed", {"reason": str(error)})
            return
        _see(taken)

    def see_that_it_holds(self) -> None:
        """Raise `StepError` where the claim ran out while this run was held up, and another may have the VM."""
        if self._claim is not None and self._claim.lapsed:
            raise StepError("this run was held up so long that its claim ran out; nothing was launched. Run again")

    async def renew(self) -> None:
        """Let the claim not go stale while what was launched is waited for. Raises `StepError` as `announce` does."""
        if self._claim is None:
            return
        try:
            taken = await self._claim.renew()
        except StepError as error:
            self._journal.append("claim.unrenewed", {"reason": str(error)})
            return
        _see(taken)

    async def leave(self, *, launched: bool) -> None:
        """Give an unused claim back, or say that this run is over, as well as that goes: a claim excludes others."""
        if self._claim is None or not self._claim.taken:
            return
        event: str = "claim.ended" if launched else "claim.released"
        data: dict[str, Any] = {}
        try:
            await (self._claim.end() if launched else self._claim.release())
        except (ObservationError, StepError) as error:
            event, data = "claim.kept", {"reason": str(error)}
        with suppress(ReportError):  # a journal that can't be written is the reason already
            self._journal.append(event, data)


def _see(taken: str) -> None:
    if taken:
        raise StepError(taken)
