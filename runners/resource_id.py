"""ARM ids of virtual machines, disks and snapshots."""

from __future__ import annotations

import re
from dataclasses import dataclass

# /subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachines/<name>
_COMPUTE_ID = re.compile(
    r"/subscriptions/(?P<subscription>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"/resourceGroups/(?P<group>[\w.()-]{1,90})"
    r"/providers/Microsoft\.Compute/(?P<kind>virtualMachines|disks|snapshots)/(?P<name>\w[\w.-]{0,79})",
    re.IGNORECASE,
)
_NAMES = {
    "virtualmachines": ("a VM", "vm"),
    "disks": ("a managed disk", "disk"),
    "snapshots": ("a snapshot", "snapshot"),
}
"""What each kind is called, and the Azure CLI's word for it."""


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A VM, a managed disk or a snapshot, taken apart. ARM compares every part without regard to case."""

    subscription: str
    group: str
    kind: str
    """`virtualmachines`, `disks` or `snapshots`."""
    name: str

    @property
    def word(self) -> str:
        """What it is called in a message: `VM`, `disk` or `snapshot`."""
        return "VM" if self.kind == "virtualmachines" else self.kind.removesuffix("s")

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """Return the parts of the ARM id of a VM, a disk or a snapshot. Raises `ValueError` for anything else."""
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
        return cls.of_kind(text, "virtualmachines")

    @classmethod
    def of_kind(cls, text: str, kind: str) -> ResourceId:
        """Return the parts of an ARM id of this kind. Raises `ValueError` for anything else."""
        (wanted, command), match = _NAMES[kind], _COMPUTE_ID.fullmatch(text)
        found = _NAMES[match["kind"].lower()][0] if match else ""
        if match is None and kind == "virtualmachines":
            return cls.parse(text)
        if match is None:
            raise ValueError(
                f"{text[:200]!r} is not the ARM id of {wanted}; az {command} list --query '[].id' prints them"
            )
        if match["kind"].lower() != kind:
            raise ValueError(
                f"{text[:200]!r} is not the ARM id of {wanted}, but of {found}; az {command} list --query '[].id' "
                "prints them"
            )
        return cls(match["subscription"], match["group"], kind, match["name"])
