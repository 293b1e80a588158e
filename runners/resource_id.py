"""ARM ids of virtual machines and disks."""

from __future__ import annotations

import re
from dataclasses import dataclass

# /subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachines/<name>
_COMPUTE_ID = re.compile(
    r"/subscriptions/(?P<subscription>[0-9a-f-]{36})/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.Compute/(?P<kind>virtualMachines|disks)/(?P<name>[^/]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A Microsoft.Compute resource, taken apart. ARM compares ids without regard to case."""

    subscription: str
    group: str
    name: str

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """Return the parts of an ARM id of a VM or a disk. Raises `ValueError` that says what one looks like."""
        match = _COMPUTE_ID.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text!r} is not the ARM id of a VM or disk: expected /subscriptions/<subscription id>/resourceGroups/"
                "<group>/providers/Microsoft.Compute/virtualMachines/<name>"
            )
        return cls(match["subscription"], match["group"], match["name"])
