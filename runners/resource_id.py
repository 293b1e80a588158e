"""ARM ids of virtual machines and disks."""

from __future__ import annotations

import re
from dataclasses import dataclass

# /subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachines/<name>
_COMPUTE_ID = re.compile(
    r"/subscriptions/(?P<subscription>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"/resourceGroups/(?P<group>[\w.()-]{1,90})"
    r"/providers/Microsoft\.Compute/(?P<kind>virtualMachines|disks)/(?P<name>\w[\w.-]{0,79})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A VM or a managed disk, taken apart. ARM compares every part without regard to case."""

    subscription: str
    group: str
    kind: str
    """`virtualmachines` or `disks`."""
    name: str

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """Return the parts of the ARM id of a VM or a disk. Raises `ValueError` for anything else."""
        match = _COMPUTE_ID.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text[:200]!r} is not the ARM id of a VM, which looks like /subscriptions/SUBSCRIPTION/"
                "resourceGroups/GROUP/providers/Microsoft.Compute/virtualMachines/NAME; az vm list --query '[].id' "
                "prints them"
            )
        return cls(match["subscription"], match["group"], match["kind"].lower(), match["name"])

    @classmethod
    def of_vm(cls, text: str) -> ResourceId:
        """Return the parts of the ARM id of a VM. Raises `ValueError` for anything else, a disk's included."""
        parts = cls.parse(text)
        if parts.kind != "virtualmachines":
            raise ValueError(
                f"{text[:200]!r} is not the ARM id of a VM, but of a disk; az vm list --query '[].id' prints VMs'"
            )
        return parts
