"""What a target leaves to be judged after the step: the receipt, and its stopped disk or its own look at itself."""

from __future__ import annotations

from checks.facts import Observation, Receipt, UnknownFact, Unobserved, WindowsDisk
from runners.errors import ObservationError
from runners.generalize.guest_look import NOT_READ, guest_look
from runners.generalize.launch import Launch
from runners.generalize.linux_receipt import linux_receipt
from runners.generalize.site import Disk, Site
from runners.generalize.sysprep_receipt import windows_receipt

_SERIAL_SECONDS = 60.0
"""How long the serial log may lag behind the power-off."""


class Testimony:
    """What was heard of one target so far. Who acts on it writes in what it sees on the way."""

    def __init__(self, site: Site, nonce: str, *, known: bool) -> None:
        """`known`: whether `nonce` is the one by which the launch's transcript is known."""
        self._site = site
        self._nonce = nonce
        self._known = known
        self._serial_log = b""
        self.receipt: Receipt | Unobserved = Unobserved("nothing was launched")
        self.disk: Disk | Unobserved = Unobserved("the disk was not read")
        self.look: Disk | Unobserved = Unobserved("the guest has not said what it sees")

    async def take(self, before: Observation, launch: Launch | None, *, sealed: bool) -> Observation:
        """Read what the stopped target left, and return all that was heard.

        `sealed`: whether Sysprep was seen to succeed.
        """
        if before.platform == "linux":
            try:
                self.receipt = await self._linux_receipt(before)
            except ObservationError as error:
                self.receipt = Unobserved(str(error))
        if before.policy.witness == "guest":
            self._hear_guest(before.platform)
        else:
            await self._read_disk()
        if before.platform == "windows":
            self._see_traces(before.policy.witness, launch, sealed=sealed)
        return Observation(
            platform=before.platform,
            disk=self.disk,
            look=self.look,
            receipt=self.receipt,
            before=before,
            policy=before.policy,
        )

    async def _linux_receipt(self, before: Observation) -> Receipt:
        """Read the serial log until it holds the whole transcript, or no longer than it may lag."""
        site = self._site
        if not self._known:
            raise ObservationError("the run that launched the step has not said here by what its transcript is known")
        started = site.scheduler.now()
        while True:
            log = self._serial_log = await site.scheduler.call(site.arm.serial_log, site.vm)
            receipt = linux_receipt(log, self._nonce, before.policy)
            waited = (site.scheduler.now() - started).total_seconds()
            if receipt.outcome != "unknown" or waited > _SERIAL_SECONDS:
                return receipt
            await site.scheduler.pause(site.arm.cloud.poll_seconds)

    def _hear_guest(self, platform: str) -> None:
        """Take what the guest said of itself, since its disk is not to be read. A sealed Windows was asked before."""
        self.disk = Unobserved(NOT_READ, applicable=False)
        if platform == "linux":
            self.look = guest_look(self._serial_log, self._nonce)

    async def _read_disk(self) -> None:
        try:
            self.disk = await self._site.read_disk()
        except (ObservationError, UnknownFact) as error:
            self.disk = Unobserved(str(error))

    def _see_traces(self, witness: str, launch: Launch | None, *, sealed: bool) -> None:
        """Make the receipt of the traces that Sysprep left, unless it was seen to succeed and nothing shows them."""
        shown = self.look if witness == "guest" else self.disk
        if isinstance(shown, WindowsDisk) and launch is not None:
            self.receipt = windows_receipt(shown, launch)
        elif isinstance(shown, Unobserved) and not sealed:
            where = "what the guest sees of itself" if witness == "guest" else "the stopped disk"
            self.receipt = Unobserved(f"it is read from {where}: {shown.reason}")
