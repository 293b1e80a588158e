"""One snapshot: what a disk held at one time, and what of it a SAS shows.

Recorded in test_snapshot_incremental (a copy of a disk) and test_snapshot_access (an empty one): keys in their order,
and which of them come only when the snapshot is complete. The number of an incremental family is our own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lab.arm import times
from lab.arm.vhd import FixedVhd
from lab.guests.frozen_disk import FrozenDisk
from lab.merge_patch import copy

GIB = 1 << 30


@dataclass
class Snapshot:
    """One snapshot. Changed from the server's event loop only."""

    id: str
    given: dict[str, Any]
    """What the client sent: location, tags, sku, properties."""
    source: dict[str, Any]
    """The document of the disk or snapshot that it copies; empty where it copies none."""
    owner: str = ""
    """The id of the VM whose disk it copies; empty where there is none."""
    content: FrozenDisk | None = None
    """None until the copy is made."""
    access: str = ""
    """The SAS URL that is outstanding, or has expired; empty where there is none."""
    access_ends: datetime | None = None
    """When it expires."""
    provisioning: str = "Updating"
    created: datetime = field(default_factory=times.now)
    unique_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def name(self) -> str:
        """The name."""
        return self.id.rpartition("/")[2]

    @property
    def resource_group(self) -> str:
        """The name of the resource group."""
        return self.id.split("/")[4]

    @property
    def incremental(self) -> bool:
        """Whether it holds only what changed. The lab's own snapshots hold all, whatever they say."""
        return bool(self.given["properties"].get("incremental", False))

    @property
    def network_access_policy(self) -> str:
        """`AllowAll`, `AllowPrivate` or `DenyAll`."""
        return str(self.given["properties"].get("networkAccessPolicy", "AllowAll"))

    @property
    def public(self) -> bool:
        """Whether the blob may be read over the public network by whoever has the SAS, without a token."""
        allowed = self.given["properties"].get("publicNetworkAccess", "Enabled") == "Enabled"
        return allowed and self.network_access_policy == "AllowAll"

    @property
    def shared(self) -> bool:
        """Whether a SAS is outstanding that has not expired."""
        return bool(self.access) and self.access_ends is not None and times.now() < self.access_ends

    def size(self) -> int:
        """Return the size of the exported VHD. Blocks."""
        return self._vhd.size()

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the exported VHD. Blocks."""
        return self._vhd.read(offset, length)

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what of the exported VHD may hold anything but zeros. Blocks."""
        return self._vhd.spans(begin, end)

    @property
    def _vhd(self) -> FixedVhd:
        assert self.content is not None
        return FixedVhd(self.content, self.unique_id, self.created)

    def accepted(self) -> dict[str, Any]:
        """Return the document while the copy is made: what was given, and little else."""
        properties = copy(self.given["properties"]) | {"provisioningState": self.provisioning}
        return self._document(copy(self.given.get("sku", {})), properties)

    def model(self) -> dict[str, Any]:
        """Return the document as ARM shows it."""
        if self.content is None:
            return self.accepted()
        given, copied = self.given["properties"], self.source.get("properties", {})
        creation = copy(given["creationData"])
        if self.source:
            creation["sourceUniqueId"] = copied.get("uniqueId")
        size = self.content.size()
        properties: dict[str, Any] = {key: copied[key] for key in ("osType", "hyperVGeneration") if key in copied}
        properties |= {
            "creationData": creation,
            "diskSizeGB": copied.get("diskSizeGB") or given.get("diskSizeGB") or -(-size // GIB),
            "encryption": self._encryption(copied),
            "incremental": self.incremental,
            "networkAccessPolicy": self.network_access_policy,
            "publicNetworkAccess": given.get("publicNetworkAccess", "Enabled"),
            "timeCreated": times.fine(self.created),
            "provisioningState": self.provisioning,
            "diskState": "ActiveSAS" if self.shared else "Unattached",
            "diskSizeBytes": size,
            "uniqueId": str(self.unique_id),
        }
        if creation.get("createOption") == "CopyStart":
            properties["completionPercent"] = 100.0
        if self.incremental:
            family = uuid.uuid5(uuid.NAMESPACE_URL, str(creation.get("sourceResourceId", self.id)).lower())
            properties["incrementalSnapshotFamilyId"] = str(family)
        return self._document({"name": "Standard_LRS", "tier": "Standard"} | self.given.get("sku", {}), properties)

    def _encryption(self, copied: dict[str, Any]) -> dict[str, Any]:
        given = self.given["properties"].get("encryption") or copied.get("encryption") or {}
        by_customer = "diskEncryptionSetId" in given
        kind = "EncryptionAtRestWithCustomerKey" if by_customer else "EncryptionAtRestWithPlatformKey"
        return {"type": kind} | given

    def _document(self, sku: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = {
            "name": self.name,
            "id": self.id,
            "type": "Microsoft.Compute/snapshots",
            "location": self.given["location"],
        }
        if "tags" in self.given:
            document["tags"] = dict(self.given["tags"])
        if sku:
            document["sku"] = sku
        return document | {"properties": properties}
