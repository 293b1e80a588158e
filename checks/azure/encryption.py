"""Azure Disk Encryption: BitLocker or dm-crypt inside the guest, driven by the platform."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts
from checks.parts import problems_of

_NONE = "no Azure Disk Encryption"


@check(
    "AZ-ENCRYPT-001",
    "no disk uses Azure Disk Encryption",
    phase="pre",
    severity="blocker",
    why="Machines made from an image of an encrypted disk ask for the source VM's key and do not start. The VM's model "
    "alone can't tell: current encryption shows only in the instance view and as an extension.",
    fix="az vm encryption disable --ids VM_ID --volume-type ALL, wait until the disks are decrypted, then remove the "
    "extension with az vm extension delete. A Linux OS disk can't be decrypted: rebuild that VM without encryption.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/disk-encryption-linux#restrictions",
    grade="D",
)
def check_encryption_absent(azure: AzureFacts) -> list[Problem]:
    return problems_of(
        lambda: _in_instance_view(azure),
        lambda: _as_extension(azure),
        lambda: _in_model(azure),
        lambda: _on_disk(azure),
    )


def _in_instance_view(azure: AzureFacts) -> list[Problem]:
    return [
        problem(
            observed=disk.status or "encryption is enabled", expected=_NONE, where=f"instance view, disk {disk.disk}"
        )
        for disk in azure.disk_encryption.value_or(())
        if disk.enabled
    ]


def _as_extension(azure: AzureFacts) -> list[Problem]:
    # Types seen: AzureDiskEncryption (Windows), AzureDiskEncryptionForLinux. It stays listed after DisableEncryption.
    return [
        problem(observed=f"{item.publisher}/{item.type}", expected=_NONE, where=f"VM extension {item.name}")
        for item in azure.extensions.value_or(())
        if item.publisher.lower() == "microsoft.azure.security" and item.type.lower().startswith("azurediskencryption")
    ]


def _in_model(azure: AzureFacts) -> list[Problem]:
    if not azure.model_encryption.value_or(False):
        return []
    where = "VM model, storageProfile.osDisk.encryptionSettings"
    return [problem(observed="enabled", expected=_NONE, where=where)]


def _on_disk(azure: AzureFacts) -> list[Problem]:
    if azure.os_disk.absent or not azure.os_disk.value.encryption_settings_enabled:
        return []
    where = f"disk {azure.os_disk.value.name}, encryptionSettingsCollection"
    return [problem(observed="enabled", expected=_NONE, where=where)]
