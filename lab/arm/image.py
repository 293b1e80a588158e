"""One managed image, made from a generalized VM.

Recorded in test_vm_custom_image_management and test_gallery_e2e: the document, in which the sizes of the disks come
only when the image is complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.merge_patch import copy


@dataclass
class Image:
    """One image. Changed from the server's event loop only."""

    id: str
    given: dict[str, Any]
    """What the client sent: location, tags, properties."""
    storage: dict[str, Any]
    """The storage profile of the VM as it was."""
    provisioning: str = "Creating"
    complete: bool = False

    @property
    def name(self) -> str:
        """The name."""
        return self.id.rpartition("/")[2]

    @property
    def resource_group(self) -> str:
        """The name of the resource group."""
        return self.id.split("/")[4]

    @property
    def source(self) -> str:
        """The id of the VM."""
        return str(self.given["properties"]["sourceVirtualMachine"]["id"])

    def model(self) -> dict[str, Any]:
        """Return the document as ARM shows it."""
        given = self.given["properties"]
        os_disk = self.storage["osDisk"]
        profile: dict[str, Any] = {
            "osDisk": {"osType": os_disk["osType"], "osState": "Generalized"} | self._disk(os_disk),
            "dataDisks": [{"lun": disk["lun"]} | self._disk(disk) for disk in self.storage.get("dataDisks", [])],
        }
        wanted = given.get("storageProfile")
        if isinstance(wanted, dict) and "zoneResilient" in wanted:
            profile["zoneResilient"] = wanted["zoneResilient"]
        document: dict[str, Any] = {
            "name": self.name,
            "id": self.id,
            "type": "Microsoft.Compute/images",
            "location": self.given["location"],
        }
        if "tags" in self.given:
            document["tags"] = dict(self.given["tags"])
        return document | {
            "properties": {
                "sourceVirtualMachine": copy(given["sourceVirtualMachine"]),
                "storageProfile": profile,
                "provisioningState": self.provisioning,
                "hyperVGeneration": given.get("hyperVGeneration", "V1"),
            }
        }

    def _disk(self, disk: dict[str, Any]) -> dict[str, Any]:
        # an unmanaged disk is a blob, whose size is known at once (recorded in test_vm_generalize #37)
        managed = disk.get("managedDisk")
        size = {"diskSizeGB": disk["diskSizeGB"]} if "diskSizeGB" in disk and (self.complete or not managed) else {}
        where = {"managedDisk": {"id": managed["id"]}} if managed else {"blobUri": disk["vhd"]["uri"]}
        return (
            size
            | where
            | {
                "caching": disk.get("caching", "None"),
                "storageAccountType": (managed or {}).get("storageAccountType", "Standard_LRS"),
            }
        )
