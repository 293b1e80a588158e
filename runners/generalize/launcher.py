"""The launch of the step: the last look before it, the intent, the command, and what is known of it afterwards."""

from __future__ import annotations

import hashlib
from datetime import datetime

from checks.facts import LinuxGuest, Observation, Receipt, Unobserved
from runners.errors import AzureError, ChannelError, RefusedError, StepError
from runners.generalize import script
from runners.generalize.launch import Launch, says_nothing, tail
from runners.generalize.site import Site
from runners.generalize.sysprep_script import Sysprep, launch_windows
from runners.generalize.tenure import Tenure
from runners.generalize.testimony import Testimony

_FRESH = 60.0
"""Seconds that may lie between the last look at a target and its launch."""


class Launcher:
    """Launches the step in one target, and knows whether that has happened."""

    def __init__(self, site: Site, nonce: str, tenure: Tenure, said: Testimony, seen: Launch | None) -> None:
        """`seen`: the launch of a run that is gone. It is the only one then."""
        self._site = site
        self._nonce = nonce
        self._tenure = tenure
        self._said = said
        self.seen = seen
        """The launch, from the moment on in which the guest may be half-sealed."""

    @property
    def overdue(self) -> bool:
        """True when the launch is longer ago than the target's deadline."""
        now = self._site.scheduler.now()
        return self.seen is not None and (now - self.seen.at).total_seconds() > self._site.deadline_minutes * 60

    async def launch(self, platform: str) -> Observation:
        """Look once more, write the intent, and launch. Returns what was seen of the target right before that.

        Raises `RefusedError` where nothing was launched and Azure may have time for it later, and `StepError` where the
        target may not be launched, or the guest says that it was not.
        """
        cleared = await self._site.recheck(platform == "windows")
        text = self._script(cleared.before)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._site.journal.append("launch.intent", {"nonce": self._nonce, "script": digest, **cleared.seal})
        await self._announce(cleared.looked)
        # From here on the guest may be half-sealed, whatever the answer is.
        self.seen = launch = Launch(self._site.scheduler.now())
        self._said.receipt = Unobserved("the guest did not stop, so its traces were not read")
        await self._send(text, launch)
        return cleared.before

    async def _announce(self, looked: datetime) -> None:
        """Write into the claim that the launch is next, and by which journal that is known.

        The claim names the journal's end after the intent, so a copy of it that lacks the intent, or holds another one,
        is not known again: nobody may take such a run for one that launched nothing. Then the clock is looked at once
        more: Azure may have kept us waiting, or the host been asleep; and whether the launch is still wanted.
        """
        try:
            await self._tenure.announce("launch", must=True)
            self._tenure.see_that_it_holds()
            self._see_that_it_may_come(looked)
        except (StepError, RefusedError) as error:
            self._site.journal.append("launch.refused", {"reason": str(error)})
            raise

    def _see_that_it_may_come(self, looked: datetime) -> None:
        """Raise `StepError` where nobody wants the launch any more, and `RefusedError` where the last look is old."""
        unwanted = self._site.unwanted()
        if unwanted:
            raise StepError(unwanted)
        age = (self._site.scheduler.now() - looked).total_seconds()
        if age > _FRESH:
            text = f"the last look at the VM is {age:.0f} seconds old, so it is looked at again before the launch"
            raise RefusedError(text, status=429)

    async def _send(self, text: str, launch: Launch) -> None:
        try:
            output = await self._site.launch_channel.run(text)
        except RefusedError as error:
            self.seen = None
            self._said.receipt = Unobserved("Azure refused the command, so nothing was launched")
            self._site.journal.append("launch.refused", {"reason": str(error)})
            raise
        except (ChannelError, AzureError) as error:
            # The command may have been carried out although its answer is lost: only the power state can tell.
            self._site.journal.append("launch.unconfirmed", {"reason": str(error)})
            return
        confirmed = launch.confirmed_by(output, self._nonce)
        if confirmed is None and says_nothing(output):
            self._site.journal.append("launch.unconfirmed", {"reason": "its answer came back empty or damaged"})
            return
        if confirmed is None:
            cause = tail(output.stderr or output.stdout)
            self._said.receipt = Receipt("failed", cause, "")
            raise StepError(f"the step was not launched in the guest: {cause}")
        self.seen = confirmed
        said = {"launched_as": confirmed.launched_as, "through": self._site.launch_channel.name}
        notes = {"notes": tail(output.stderr)} if output.stderr.strip() else {}
        if confirmed.started is not None:
            notes["started"] = confirmed.started.isoformat()
        self._site.journal.append("launch.confirmed", said | notes)

    def _script(self, before: Observation) -> str:
        if before.platform == "windows":
            policy = before.policy
            sysprep = Sysprep(policy.sysprep_end, policy.sysprep_mode, policy.require_supported_identity)
            return launch_windows(self._nonce, sysprep, self._site.machine)
        guest = before.guest
        if not isinstance(guest, LinuxGuest):
            raise StepError("the guest was not observed, so the path of its waagent is not known")
        return script.launch_linux(self._nonce, guest.agent.value.path, before.policy, self._site.machine)
