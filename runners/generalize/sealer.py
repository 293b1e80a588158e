"""What takes one target through the steps: looks, finds the first step that is not done, acts, looks again."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from checks.facts import Observation, UnknownFact
from reports.errors import ReportError
from runners.azure import power_state
from runners.errors import AgainError, AzureError, ObservationError, RefusedError, StepError
from runners.generalize import receipt as receipts
from runners.generalize.launch import Launch, Launched, tail
from runners.generalize.launcher import Launcher
from runners.generalize.site import Ending, Site
from runners.generalize.steps import STOPPED, Progress, next_step
from runners.generalize.sysprep_script import prepare_windows
from runners.generalize.tenure import Tenure
from runners.generalize.testimony import Testimony
from runners.generalize.watcher import Watcher
from runners.generalize.windows_look import ask_sealed
from runners.operation import settle

_BUSY = timedelta(minutes=10)
"""How long throttling, or another Run Command in the VM, may keep a step from being done before the launch."""
_BUSY_AFTER = timedelta(hours=1)
"""How long after it: what was launched is not to be left half-way for want of quota."""
_LONGEST = 60.0
"""How long to wait then before a step is tried again: twice as long each time, and no longer than this."""
_AT_ONCE = 300.0
"""How long to wait without looking after the claim."""
_VIEW_SECONDS = 120.0
"""How long an instance view may lag behind the end of an operation."""


class Sealer:
    """Takes one target through the steps, once. Holds what this run did; everything else is looked at each time."""

    def __init__(self, site: Site, before: Observation, earlier: Launched | None = None) -> None:
        """`earlier`: the launch of a run that is gone. Nothing is launched then, and its work is finished."""
        self._site = site
        self._before = before
        self._nonce = (earlier.nonce if earlier else "") or secrets.token_hex(16)
        self._earlier = earlier
        self._tenure = Tenure(site.claim, site.journal)
        self._prepared = earlier is not None
        self._sealed = False
        self._busy_since: datetime | None = None
        self._busy_times = 0
        self._judged = False
        self._generalized = False
        self._said = Testimony(site, self._nonce, known=earlier is None or bool(earlier.nonce))
        self._launcher = Launcher(site, self._nonce, self._tenure, self._said, earlier.launch if earlier else None)
        self._acts: Mapping[str, Callable[[], Awaitable[None]]] = {
            "claim": self._tenure.take,
            "prepare": self._prepare,
            "launch": self._launch,
            "stopped": self._await_stop,
            "deallocated": self._deallocate,
            "witnessed": self._witness,
            "generalized": self._flag,
        }

    async def seal(self) -> Ending:
        """Go as far as observed state allows. Never raises for what the world does: the ending says it."""
        stopped = ""
        try:
            while (step := next_step(await self._look_on())) is not None:
                self._site.journal.append(f"{step.name}.begin", {"does": step.does})
                if await self._act(step.name):
                    self._site.journal.append(f"{step.name}.end", {})
        except (StepError, ObservationError, UnknownFact, ReportError) as error:
            stopped = str(error)
            with suppress(ReportError):  # a journal that can't be written is the reason already
                self._site.journal.append("stopped", {"reason": stopped})
            await self._tenure.leave(launched=self._launcher.seen is not None)
        return Ending(
            launched=self._launcher.seen is not None,
            generalized=self._generalized,
            stopped=stopped,
            receipt=self._said.receipt,
            disk=self._said.disk,
            look=self._said.look,
        )

    async def _act(self, step: str) -> bool:
        """Do a step. Returns False where Azure had no time for it and nothing was done: then all is looked at anew."""
        try:
            await self._acts[step]()
        except RefusedError as error:
            now = self._site.scheduler.now()
            self._busy_since = self._busy_since or now
            throttled_or_busy = error.status == 429 or error.code.lower() == "conflict"
            patience = (_BUSY if self._launcher.seen is None else _BUSY_AFTER).total_seconds()
            # What Azure asks to wait counts beforehand: nobody waits for a try that will not be made.
            if not throttled_or_busy or (now - self._busy_since).total_seconds() + error.seconds > patience:
                raise
            self._site.journal.append("busy", {"reason": str(error)})
            # What is refused may count as an update of the VM all the same, and Azure allows few of them.
            wait = min(self._site.arm.cloud.poll_seconds * 2**self._busy_times, _LONGEST)
            await self._wait(max(wait, error.seconds))
            self._busy_times += 1
            return False
        self._busy_since, self._busy_times = None, 0
        return True

    async def _wait(self, seconds: float) -> None:
        """Wait, and let the claim not go stale meanwhile: what was launched is not another run's to take over."""
        while seconds > 0:
            await self._site.scheduler.pause(min(seconds, _AT_ONCE))
            seconds -= _AT_ONCE
            if self._launcher.seen is not None:
                await self._tenure.renew()

    async def _look_on(self, *, waits: bool = False) -> Progress:
        """Look. What was launched goes on without us, so an outage between us and Azure is waited out then.

        `waits`: a VM that still runs is waited for, so a glance with all others will do. That it has stopped is for its
        own view to say: a list may lag behind it, or be ahead.
        """
        while True:
            if self._launcher.seen is not None:
                await self._tenure.renew()
            try:
                glanced = self._progress(await self._site.glance(self._site.vm)) if waits else None
                return glanced if glanced is not None and glanced.power not in STOPPED else await self._look()
            except AzureError as error:
                if self._launcher.seen is None or self._launcher.overdue:
                    raise
                self._site.journal.append("unseen", {"reason": str(error)})
            await self._site.scheduler.pause(self._site.arm.cloud.poll_seconds)

    async def _look(self) -> Progress:
        return self._progress(await self._site.scheduler.call(self._site.arm.instance_view, self._site.vm))

    def _progress(self, view: Mapping[str, Any]) -> Progress:
        self._generalized = any(item.get("code") == "OSState/generalized" for item in view.get("statuses") or [])
        expected = self._judged or (self._earlier is not None and self._earlier.flagging)
        if self._generalized and not expected:
            raise StepError("the VM was flagged as generalized by somebody else while this run was at work on it")
        power = power_state(view)
        if self._judged and power not in ("", *STOPPED):
            raise StepError(f"the VM is {power} although its stopped disk was judged: that judgement no longer holds")
        return Progress(
            power=power,
            generalized=self._generalized,
            claimed=self._tenure.held,
            prepared=self._prepared,
            launched=self._launcher.seen is not None,
            sealed=self._sealed,
            judged=self._judged,
        )

    async def _prepare(self) -> None:
        if self._before.platform == "windows":
            output = await self._site.channel.run(prepare_windows(self._nonce, self._site.machine))
            if f"sealproof[{self._nonce}]: prepared" not in output.stdout:
                raise StepError(f"preparing the guest failed: {tail(output.stderr or output.stdout)}")
        self._prepared = True

    async def _launch(self) -> None:
        self._before = await self._launcher.launch(self._before.platform)

    async def _await_stop(self) -> None:
        if self._before.platform == "windows":
            await self._watch_sysprep()
            return
        minutes = self._site.deadline_minutes
        while (await self._look_on(waits=True)).power not in STOPPED:
            if self._launcher.overdue:
                if await self._is_off():
                    return
                seen = self._launcher.seen
                self._said.receipt = receipts.hung_receipt(minutes, seen.launched_as if seen else "")
                raise StepError(
                    f"the guest did not power itself off within {minutes:g} minutes of the launch. It is left running "
                    "for you to look into; it may be half-sealed, so do not launch again without looking."
                )
            await self._site.scheduler.pause(self._site.arm.cloud.poll_seconds)

    async def _is_off(self) -> bool:
        """Look at the VM itself: a list's word may lag, and nobody looks again once a target is given up."""
        return (await self._look_on()).power in STOPPED

    async def _watch_sysprep(self) -> None:
        """Wait until the guest has stopped, or is sealed and stays up. Raises `StepError` where it is neither."""
        launch = self._launcher.seen or Launch(self._site.scheduler.now())
        watcher = Watcher(self._site, self._nonce, launch, self._before.policy.sysprep_end)
        receipt = await watcher.wait(partial(self._look_on, waits=True))
        if receipt is None or (receipt.outcome == "hung" and await self._is_off()):
            return
        self._said.receipt = receipt
        if receipt.outcome != "succeeded":
            remedy = f"What to do: {receipt.remedy}. " if receipt.remedy else ""
            raise StepError(
                f"Sysprep {'hangs' if receipt.outcome == 'hung' else 'failed'}: {receipt.cause.rstrip('.')}. "
                f"{remedy}The VM is left running for you to look into, and was not flagged; it "
                "may be half-sealed, so do not launch again without looking."
            )
        if self._guest_is_witness:
            self._said.look = await ask_sealed(self._site, partial(self._look_on, waits=True))
        self._sealed = True

    async def _deallocate(self) -> None:
        site, otherwise = self._site, "Azure deallocated the VM and still shows another power state"
        try:
            await settle(site.scheduler, await site.scheduler.call(site.arm.begin_deallocate, site.vm))
        except AzureError as error:
            # The answer may be lost although the VM goes down, or is down: look before calling it a failure.
            if (await self._look_on()).power not in ("deallocating", "deallocated"):
                # A watch script that the guest can't answer any more may still be in progress for Azure.
                in_progress = error.status == 409 and "in progress" in str(error)
                if error.status == 429 or in_progress:
                    code = "Conflict" if in_progress else error.code
                    seconds = error.seconds if isinstance(error, AgainError | RefusedError) else 0.0
                    raise RefusedError(str(error), status=error.status, code=code, seconds=seconds) from None
                raise
            site.journal.append("deallocate.unconfirmed", {"reason": str(error)})
            otherwise = f"{error}; and the VM is not shown as deallocated"
        await self._see(lambda seen: seen.power == "deallocated", otherwise)

    @property
    def _guest_is_witness(self) -> bool:
        return self._before.policy.witness == "guest"

    async def _witness(self) -> None:
        after = await self._said.take(self._before, self._launcher.seen, sealed=self._sealed)
        refusal = self._site.verdict(after)
        if refusal:
            witness = "guest itself" if self._guest_is_witness else "stopped disk"
            raise StepError(
                f"the {witness} does not show a sealed system, so the VM was not flagged as generalized: {refusal}"
            )
        self._judged = True

    async def _flag(self) -> None:
        if self._site.unflagged:
            raise StepError(self._site.unflagged)
        await self._tenure.announce("generalize", must=False)
        stranger = await self._site.stranger()
        if stranger:
            raise StepError(stranger)
        self._site.journal.append("generalize.intent", {"vm": self._site.vm})
        try:
            await self._site.scheduler.call(self._site.arm.generalize, self._site.vm)
        except RefusedError:
            raise
        except AzureError as error:
            # The answer may be lost although the flag is set: look before calling it a failure.
            if not (await self._look_on()).generalized:
                raise
            self._site.journal.append("generalize.unconfirmed", {"reason": str(error)})
        await self._see(
            lambda seen: seen.generalized,
            "Azure accepted to flag the VM as generalized and does not show the flag: look at the VM, don't start it",
        )

    async def _see(self, done: Callable[[Progress], bool], otherwise: str) -> None:
        """Look until ARM shows what it said was done: its views lag, and asking again would do it twice."""
        started = self._site.scheduler.now()
        while not done(await self._look()):
            if (self._site.scheduler.now() - started).total_seconds() > _VIEW_SECONDS:
                raise StepError(f"{otherwise} (looked for {_VIEW_SECONDS:g} seconds)")
            await self._site.scheduler.pause(self._site.arm.cloud.poll_seconds)
