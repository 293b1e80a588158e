"""Everything that was seen of one target at one time, by vantage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checks.facts.artifact import Artifact
from checks.facts.azure import AzureFacts
from checks.facts.disk import LinuxDisk
from checks.facts.forecast import Foretold
from checks.facts.linux_guest import LinuxGuest
from checks.facts.policy import Policy
from checks.facts.receipt import Receipt
from checks.facts.windows_disk import WindowsDisk
from checks.facts.windows_guest import WindowsGuest

VANTAGES = ("azure", "guest", "disk", "receipt", "before", "policy", "artifact")
"""The names that a check may ask for as arguments."""


@dataclass(frozen=True, slots=True)
class Unobserved:
    """A vantage that gave no facts."""

    reason: str
    applicable: bool = True
    """False where the vantage cannot apply to this target in this mode: its checks are then *not applicable*."""


NOT_YET = Unobserved("it was not observed at this time")
NO_WISHES = Policy()
A_VM = Unobserved("the target is a VM, and no disk, snapshot or file by itself", applicable=False)


@dataclass(frozen=True, slots=True)
class Observation:
    """The facts of one target at one time. Each vantage has its facts, or the reason why not."""

    platform: str
    """`linux` or `windows`."""
    azure: AzureFacts | Unobserved = NOT_YET
    guest: LinuxGuest | WindowsGuest | Unobserved = NOT_YET
    disk: LinuxDisk | WindowsDisk | Unobserved = NOT_YET
    receipt: Receipt | Unobserved = NOT_YET
    before: Observation | Unobserved = NOT_YET
    """The observation that opened the gate, for checks that compare."""
    policy: Policy = NO_WISHES
    """What the fleet file asks for this target: given, so always there."""
    artifact: Artifact | Unobserved = A_VM
    """What somebody else's builder left, where it is no VM."""
    look: LinuxDisk | WindowsDisk | Unobserved = NOT_YET
    """What the guest saw of itself when it was sealed, in place of the disk, where the fleet file says so."""
    forecast: tuple[Foretold, ...] = ()
    """What was foretold from this observation, where it is one before the step."""

    def seen(self, vantage: str) -> Any:
        """Return what a check gets as its argument `vantage`. Rules of the disk judge what stands in for it."""
        if vantage == "disk" and self.policy.witness == "guest":
            return self.look
        return getattr(self, vantage)
