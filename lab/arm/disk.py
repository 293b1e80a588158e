"""One managed disk of the lab: the OS disk of a VM, and what of it a SAS shows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.arm import times
from lab.arm.machine import InThread, Machine
from lab.arm.vhd import FixedVhd
from lab.guests.guest import Guest, SparseGuest
from lab.merge_patch import merge


@dataclass
class Disk:
    """The OS disk of `machine`."""

    machine: Machine
    access: str = ""
    """The SAS URL that is outstanding, or has expired; empty where there is none."""
    access_ends: datetime | None = None
    """When it expires."""

    def __post_init__(self) -> None:
        self.created = times.now()

    @property
    def document(self) -> dict[str, Any]:
        """The disk's raw document."""
        return self.machine.documents.os_disk

    @property
    def id(self) -> str:
        """The ARM id."""
        return str(self.document["id"])

    @property
    def name(self) -> str:
        """The name."""
        return self.id.rpartition("/")[2]

    @property
    def resource_group(self) -> str:
        """The name of the resource group, in lower case."""
        return self.id.split("/")[4].lower()

    @property
    def owner(self) -> str:
        """The id of the VM."""
        return self.machine.id

    @property
    def network_access_policy(self) -> str:
        """`AllowAll`, `AllowPrivate` or `DenyAll`."""
        return str(self.document.get("properties", {}).get("networkAccessPolicy", "AllowAll"))

    @property
    def public(self) -> bool:
        """Whether the blob may be read over the public network by whoever has the SAS, without a token."""
        properties = self.document.get("properties", {})
        allowed = properties.get("publicNetworkAccess", "Enabled") == "Enabled"
        return (
            allowed
            and properties.get("dataAccessAuthMode") != "AzureActiveDirectory"
            and self.network_access_policy == "AllowAll"
        )

    @property
    def shared(self) -> bool:
        """Whether a SAS is outstanding that has not expired."""
        return bool(self.access) and self.access_ends is not None and times.now() < self.access_ends

    @property
    def state(self) -> str:
        """`Attached` while the VM is allocated, else `Reserved`; `ActiveSAS` while a SAS is outstanding."""
        if self.shared:
            return "ActiveSAS"
        return "Reserved" if self.machine.platform_power == "deallocated" else "Attached"

    async def model(self, in_thread: InThread) -> dict[str, Any]:
        """Return the disk as ARM shows it. The size is the guest's, whatever the document says."""
        size = await in_thread(self.machine.guest.disk_size)
        live = {"diskState": self.state, "diskSizeBytes": size, "provisioningState": "Succeeded"}
        model: dict[str, Any] = merge(self.document, {"managedBy": self.machine.id, "properties": live})
        return model

    def size(self) -> int:
        """Return the size of the exported VHD. Blocks."""
        return self._vhd.size()

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the exported VHD: the disk, then the footer. Blocks."""
        return self._vhd.read(offset, length)

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what of the exported VHD may hold anything but zeros. Blocks."""
        return self._vhd.spans(begin, end)

    @property
    def _vhd(self) -> FixedVhd:
        return FixedVhd(_Live(self.machine.guest), uuid.uuid5(uuid.NAMESPACE_URL, self.id.lower()), self.created)


@dataclass(frozen=True)
class _Live:
    """The disk as it is when it is read."""

    guest: Guest

    def size(self) -> int:
        return self.guest.disk_size()

    def read(self, offset: int, length: int) -> bytes:
        return self.guest.read_disk(offset, length)

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        if isinstance(self.guest, SparseGuest):
            yield from self.guest.disk_spans(begin, end)
        elif begin < end:
            yield begin, end
