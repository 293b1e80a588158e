"""BitLocker volumes of a Windows guest."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

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
