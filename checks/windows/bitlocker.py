"""BitLocker volumes of a Windows guest."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, WindowsGuest
from checks.windows.version import WINDOWS_11, build_number, is_client

# Win32_EncryptableVolume.GetConversionStatus. ProtectionStatus is no substitute: a suspended volume, still
# encrypted, reports 0 there.
_CONVERSION = {
    0: "fully decrypted",
    1: "fully encrypted",
    2: "encryption in progress",
    3: "decryption in progress",
    4: "encryption paused",
    5: "decryption paused",
}


@check(
    "WIN-DISK-001",
    "every volume is fully decrypted",
    phase="pre",
    platform="windows",
    severity="blocker",
    waivable=False,
    why="Sysprep stops with 0x80310039 while BitLocker holds a volume, also a suspended one, and a disk that stays "
    "encrypted can't be read as witness.",
    fix="Disable-BitLocker -MountPoint C: and wait until manage-bde -status says Fully Decrypted for every volume.",
    source="https://learn.microsoft.com/azure/virtual-machines/generalize",
    grade="D",
)
def check_volumes_decrypted(guest: WindowsGuest) -> list[Problem]:
    # Without the WMI class BitLocker is not installed, so it can't have encrypted anything.
    return [
        problem(
            observed=_CONVERSION.get(volume.conversion_status, f"conversion status {volume.conversion_status}"),
            expected="fully decrypted",
            where=f"volume {volume.mount or '(not mounted)'}",
        )
        for volume in guest.volumes.value_or(())
        if volume.conversion_status != 0
    ]


def _may_encrypt_itself(guest: WindowsGuest) -> bool:
    return (
        is_client(guest)
        and build_number(guest.build) >= WINDOWS_11
        and guest.device_encryption.tpm_present.value_or(False)
    )


@check(
    "WIN-DISK-002",
    "Windows 11 is kept from encrypting its volumes by itself",
    phase="pre",
    platform="windows",
    severity="warning",
    applies=_may_encrypt_itself,
    why="With a TPM, Windows 11 can begin to encrypt its volumes in the background, also between this look and "
    "Sysprep's, which then stops with 0x80310039.",
    fix=r"reg add HKLM\SYSTEM\CurrentControlSet\Control\BitLocker /v PreventDeviceEncryption /t REG_DWORD /d 1 /f",
    source="community record of several image builders, since Windows 11 24H2 encrypts without being asked",
    grade="C",
)
def check_device_encryption_prevented(guest: WindowsGuest) -> list[Problem]:
    setting = guest.device_encryption.device_encryption_prevented
    if not setting.absent and setting.value == 1:
        return []
    where = r"HKLM\SYSTEM\CurrentControlSet\Control\BitLocker, PreventDeviceEncryption"
    return [problem(observed="no value" if setting.absent else setting.value, expected=1, where=where)]


@check(
    "WIN-DISK-003",
    "Azure and the guest agree whether volumes are encrypted",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Where they differ, one of them is late or knows only half: Azure Disk Encryption decrypts on after it was "
    "disabled, and Azure knows nothing of a BitLocker that somebody turned on in the guest, so it can't turn it off.",
    fix="Encrypted in the guest only: Disable-BitLocker -MountPoint C: there. Encrypted in Azure's eyes only: wait "
    "some minutes, then az vm encryption show, and az vm encryption disable where it stays.",
    source="https://learn.microsoft.com/azure/virtual-machines/windows/disk-encryption-windows",
    grade="X",
)
def check_encryption_agreed(azure: AzureFacts, guest: WindowsGuest) -> list[Problem]:
    disks = [disk.disk for disk in azure.disk_encryption.value_or(()) if disk.enabled]
    volumes = [volume.mount for volume in guest.volumes.value_or(()) if volume.conversion_status != 0]
    if bool(disks) == bool(volumes):
        return []
    where = "instance view and Win32_EncryptableVolume"
    if disks:
        seen = f"Azure calls {', '.join(disks)} encrypted, the guest has no encrypted volume"
    else:
        seen = f"the guest has {', '.join(volumes)} encrypted, Azure calls no disk so"
    return [problem(observed=seen, expected="the same from both", where=where)]
