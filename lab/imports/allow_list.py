"""What is kept of a VM's ARM documents: what the lab answers with and what checks may judge. All else is left out.

An allow-list, since nobody can list every place where a secret may stand. Each document is a tree: `KEEP` for a text,
number or flag, `[tree]` for each item of a list, `{"*": KEEP}` for any key. Left out on purpose, although Azure shows
it: who may sign in (account names, SSH keys), what scripts and extensions were given and what they said (settings,
status messages), and every URL.
"""

from __future__ import annotations

from typing import Final

KEEP: Final = "keep"
Tree = str | list["Tree"] | dict[str, "Tree"]

_ID: Tree = {"id": KEEP}
_STATUSES: Tree = [{"code": KEEP, "level": KEEP, "displayStatus": KEEP, "time": KEEP}]
_PATCHING: Tree = {"patchMode": KEEP, "assessmentMode": KEEP}
_DISK_OF_MODEL: dict[str, Tree] = {
    "name": KEEP,
    "lun": KEEP,
    "osType": KEEP,
    "createOption": KEEP,
    "caching": KEEP,
    "deleteOption": KEEP,
    "detachOption": KEEP,
    "diskSizeGB": KEEP,
    "writeAcceleratorEnabled": KEEP,
    "toBeDetached": KEEP,
    "diffDiskSettings": {"option": KEEP, "placement": KEEP},
    "encryptionSettings": {"enabled": KEEP},
    "managedDisk": {
        "id": KEEP,
        "storageAccountType": KEEP,
        "diskEncryptionSet": _ID,
        "securityProfile": {"securityEncryptionType": KEEP, "diskEncryptionSet": _ID},
    },
}
_RESOURCE: dict[str, Tree] = {
    "id": KEEP,
    "name": KEEP,
    "type": KEEP,
    "location": KEEP,
    "zones": [KEEP],
    "tags": {"*": KEEP},
}

VIRTUAL_MACHINE: Tree = _RESOURCE | {
    "plan": {"name": KEEP, "product": KEEP, "publisher": KEEP},
    "identity": {"type": KEEP},
    "properties": {
        "vmId": KEEP,
        "provisioningState": KEEP,
        "timeCreated": KEEP,
        "licenseType": KEEP,
        "priority": KEEP,
        "evictionPolicy": KEEP,
        "hardwareProfile": {"vmSize": KEEP},
        "availabilitySet": _ID,
        "virtualMachineScaleSet": _ID,
        "additionalCapabilities": {"hibernationEnabled": KEEP, "ultraSSDEnabled": KEEP},
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": KEEP}},
        "securityProfile": {
            "securityType": KEEP,
            "encryptionAtHost": KEEP,
            "uefiSettings": {"secureBootEnabled": KEEP, "vTpmEnabled": KEEP},
        },
        "osProfile": {
            "computerName": KEEP,
            "allowExtensionOperations": KEEP,
            "requireGuestProvisionSignal": KEEP,
            "linuxConfiguration": {
                "disablePasswordAuthentication": KEEP,
                "provisionVMAgent": KEEP,
                "enableVMAgentPlatformUpdates": KEEP,
                "patchSettings": _PATCHING,
            },
            "windowsConfiguration": {
                "provisionVMAgent": KEEP,
                "enableAutomaticUpdates": KEEP,
                "enableVMAgentPlatformUpdates": KEEP,
                "patchSettings": _PATCHING,
            },
        },
        "storageProfile": {
            "diskControllerType": KEEP,
            "imageReference": {
                "id": KEEP,
                "publisher": KEEP,
                "offer": KEEP,
                "sku": KEEP,
                "version": KEEP,
                "exactVersion": KEEP,
                "sharedGalleryImageId": KEEP,
                "communityGalleryImageId": KEEP,
            },
            "osDisk": _DISK_OF_MODEL,
            "dataDisks": [_DISK_OF_MODEL],
        },
    },
}

INSTANCE_VIEW: Tree = {
    "computerName": KEEP,
    "osName": KEEP,
    "osVersion": KEEP,
    "hyperVGeneration": KEEP,
    "bootDiagnostics": {},
    "statuses": _STATUSES,
    "vmAgent": {
        "vmAgentVersion": KEEP,
        "statuses": _STATUSES,
        "extensionHandlers": [
            {
                "type": KEEP,
                "typeHandlerVersion": KEEP,
                "status": {"code": KEEP, "level": KEEP, "displayStatus": KEEP, "time": KEEP},
            }
        ],
    },
    "disks": [{"name": KEEP, "encryptionSettings": [{"enabled": KEEP}], "statuses": _STATUSES}],
    "extensions": [
        {
            "name": KEEP,
            "type": KEEP,
            "typeHandlerVersion": KEEP,
            "statuses": _STATUSES,
            "substatuses": _STATUSES,
        }
    ],
}

DISK: Tree = _RESOURCE | {
    "managedBy": KEEP,
    "sku": {"name": KEEP, "tier": KEEP},
    "properties": {
        "osType": KEEP,
        "hyperVGeneration": KEEP,
        "creationData": {"createOption": KEEP, "imageReference": _ID, "sourceResourceId": KEEP},
        "diskSizeGB": KEEP,
        "diskSizeBytes": KEEP,
        "diskIOPSReadWrite": KEEP,
        "diskMBpsReadWrite": KEEP,
        "diskState": KEEP,
        "diskAccessId": KEEP,
        "dataAccessAuthMode": KEEP,
        "encryption": {"type": KEEP, "diskEncryptionSetId": KEEP},
        "encryptionSettingsCollection": {"enabled": KEEP, "encryptionSettingsVersion": KEEP},
        "networkAccessPolicy": KEEP,
        "publicNetworkAccess": KEEP,
        "provisioningState": KEEP,
        "securityProfile": {"securityType": KEEP, "secureVMDiskEncryptionSetId": KEEP},
        "supportsHibernation": KEEP,
        "tier": KEEP,
        "timeCreated": KEEP,
        "uniqueId": KEEP,
    },
}

EXTENSION: Tree = _RESOURCE | {
    "properties": {
        "publisher": KEEP,
        "type": KEEP,
        "typeHandlerVersion": KEEP,
        "autoUpgradeMinorVersion": KEEP,
        "enableAutomaticUpgrade": KEEP,
        "provisioningState": KEEP,
        "suppressFailures": KEEP,
        "settings": {"EncryptionOperation": KEEP, "VolumeType": KEEP},
    },
}

LOCK: Tree = {"id": KEEP, "name": KEEP, "type": KEEP, "properties": {"level": KEEP}}
