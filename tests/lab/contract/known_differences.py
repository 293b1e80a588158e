"""Where the lab is known to answer otherwise than Azure did, and why it does so still."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.lab.contract.shape import Difference


@dataclass(frozen=True)
class KnownDifference:
    """One difference that is real and stays for now. The exchange that has it does not count as covered."""

    operation: str
    """The lab's name of it, or a poll of one."""
    place: str
    """A regular expression for the whole place of the difference."""
    reason: str

    def explains(self, operation: str, difference: Difference) -> bool:
        """Whether this is the difference of that operation."""
        return operation == self.operation and re.fullmatch(self.place, difference.place) is not None


KNOWN_DIFFERENCES: tuple[KnownDifference, ...] = (
    KnownDifference("snapshots/put", "header (location|azure-asyncoperation)", "the lab has one region"),
)
