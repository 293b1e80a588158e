"""What waits for a launched Sysprep: it sends watch scripts, and looks at the power state all the while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from checks.facts import Receipt
from runners.errors import ObservationError, RefusedError
from runners.generalize.launch import Launch
from runners.generalize.receipt import hung_receipt
from runners.generalize.site import Site
from runners.generalize.steps import STOPPED, Progress
from runners.generalize.sysprep_script import Look, watch_windows
from runners.generalize.sysprep_view import SysprepView, read_view
from runners.generalize.watch import Watched, decide, kept, look_seconds, seems_ended, silence

_ANSWERED_WITHIN = 60.0
"""Seconds that an answer may take beyond the time that its script looks on."""
_LONGEST = 3600.0
"""Seconds that it lets Azure put it off at most."""
_PAUSE = timedelta(seconds=30)
"""How long it is between two scripts at least, unless the first saw what looks like the end."""


class Watcher:
    """Watches one launch. Sysprep may stop the agent, so that an answer which never comes means nothing by itself."""

    def __init__(self, site: Site, nonce: str, launch: Launch, end: str) -> None:
        self._site = site
        self._nonce = nonce
        self._launch = launch
        self._watched = Watched(end, site.stall_minutes * 60, launch.launched_as, launch.confirmed)
        self._seconds = look_seconds(site.stall_minutes * 60) if site.looks_on else 0
        self._views: list[SysprepView] = []
        self._lost = 0
        self._kept_from: float | None = None
        """For how long Azure does not let it ask, as the last script heard; None where it was sent."""
        self._alive = site.scheduler.now()
        self._next = self._alive
        self._sent = self._alive
        self._late = self._past_deadline
        """Whether the deadline had passed before this run looked at all."""

    async def wait(self, look: Callable[[], Awaitable[Progress]]) -> Receipt | None:
        """Return None when the VM has stopped, and a receipt as soon as one can be told while it runs.

        `look` looks at the VM. It is told as hung when the target's deadline passes, whatever else is seen; where that
        was over from the start, when one look has not shown its end.
        """
        scheduler = self._site.scheduler
        asked: asyncio.Task[SysprepView | None] | None = None
        try:
            while (await look()).power not in STOPPED:
                if asked is None and scheduler.now() >= self._next:
                    self._sent = scheduler.now()
                    asked = asyncio.create_task(self._ask())
                await scheduler.pause(self._site.arm.cloud.poll_seconds)
                receipt = None
                if asked is not None and asked.done():
                    receipt, asked = self._judge(asked.result()), None
                receipt = receipt or self._overdue(asking=asked is not None) or self._silent(asking=asked is not None)
                if receipt is not None:
                    return receipt
        finally:
            if asked is not None:
                asked.cancel()
        return None

    async def _ask(self) -> SysprepView | None:
        """Send a watch script; return what it saw, or None where its answer is lost or it was not sent at all."""
        site = self._site
        quiet = int((site.scheduler.now() - self._alive).total_seconds())
        look = Look(self._seconds, max(1, int(self._watched.stall_seconds)), self._log_bytes(), quiet)
        try:
            script = watch_windows(self._nonce, self._launch.since, self._watched.end, look)
            return read_view(await site.channel.run(script), self._nonce)
        except ObservationError as error:
            site.journal.append("watch.unseen", {"reason": str(error)})
            self._kept_from = error.seconds if isinstance(error, RefusedError) and error.status == 429 else None
        return None

    def _log_bytes(self) -> int:
        sizes = [view.log_bytes for view in self._views[-1:]]
        return next((size.value for size in sizes if size.known and not size.absent), -1)

    def _judge(self, view: SysprepView | None) -> Receipt | None:
        """Take an answer in; return the receipt that it allows."""
        now = self._site.scheduler.now()
        if view is None and self._kept_from is not None:
            # Azure let nobody ask, so that nobody has been silent either. The deadline stays what it is.
            self._next = self._alive = now + max(_PAUSE, timedelta(seconds=min(self._kept_from, _LONGEST)))
            return None
        if view is None:
            # Each script is one of the few updates that Azure allows a VM, answered or not.
            self._next = now + _PAUSE * (2**self._lost if self._site.looks_on else 1)
            self._lost += 1
            return None
        self._lost = 0
        if view.quiet_seconds.known and not view.quiet_seconds.absent:
            self._alive = now - timedelta(seconds=view.quiet_seconds.value)
        elif view not in self._views[-1:]:
            self._alive = now
        self._views.append(view)
        self._site.journal.append("watch.seen", {name: fact.to_json() for name, fact in kept(view).items()})
        # What looks like the end is looked at once more at once; all else has its time.
        ended = seems_ended(view)
        self._next = now if ended else max(now, self._sent + max(timedelta(seconds=self._seconds), _PAUSE))
        return decide(self._views, self._watched)

    def _silent(self, *, asking: bool) -> Receipt | None:
        quiet = (self._site.scheduler.now() - self._alive).total_seconds()
        if quiet < self._watched.stall_seconds or (asking and self._answer_may_come):
            return None
        return silence(quiet / 60, self._watched, self._views[-1] if self._views else None)

    def _overdue(self, *, asking: bool) -> Receipt | None:
        if not self._past_deadline or (self._late and asking and self._answer_may_come):
            return None
        return hung_receipt(self._site.deadline_minutes, self._launch.launched_as)

    @property
    def _past_deadline(self) -> bool:
        return self._site.scheduler.now() - self._launch.at > timedelta(minutes=self._site.deadline_minutes)

    @property
    def _answer_may_come(self) -> bool:
        waited = (self._site.scheduler.now() - self._sent).total_seconds()
        return waited < self._seconds + _ANSWERED_WITHIN
