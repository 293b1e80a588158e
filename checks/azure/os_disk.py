"""Whether the OS disk can be read after the stop: the witness must not fail once nothing can be undone."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, OsDisk, Policy

_SOURCE = "https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview"


def _disk_is_witness(policy: Policy) -> bool:
    return policy.witness == "disk"


@check(
    "AZ-DISK-001",
    "the OS disk can be exported once the VM is stopped",
    phase="pre",
    severity="blocker",
    applies=_disk_is_witness,
    why="A generalized VM can't be asked, so its stopped disk is the only witness. When Azure refuses to export the "
    "disk nothing can be proven any more, and this comes out only after the step that can't be undone.",
    fix="az disk update --ids DISK_ID --network-access-policy AllowAll --public-network-access Enabled for the time of "
    "the run, or AllowPrivate with a disk access that this machine reaches.",
    source=_SOURCE,
    grade="D",
)
def check_os_disk_exportable(azure: AzureFacts) -> list[Problem]:
    if azure.os_disk.absent:
        seen = "the OS disk is an unmanaged blob"
        return [problem(observed=seen, expected="a managed disk", where="VM model, storageProfile.osDisk")]
    disk = azure.os_disk.value
    return [*_network(disk), *_sealed_from_reading(disk)]


@check(
    "AZ-DISK-002",
    "nobody else exports the OS disk now",
    phase="pre",
    severity="warning",
    applies=_disk_is_witness,
    why="A disk has one export at a time. Somebody else's may still be open when the disk is to be read as witness, "
    "and revoking it would cut them off.",
    fix="Find out who exports it; then az disk revoke-access --ids DISK_ID.",
    source="https://learn.microsoft.com/rest/api/compute/disks/get#diskstate",
    grade="X",
)
def check_os_disk_unshared(azure: AzureFacts) -> list[Problem]:
    if azure.os_disk.absent:
        return []
    disk = azure.os_disk.value
    # `ActiveSAS` while a stopped VM's disk is exported, `ActiveSASFrozen` for a hibernated one's.
    if not disk.disk_state.lower().startswith("activesas"):
        return []
    return [problem(observed=disk.disk_state, expected="Attached", where=f"disk {disk.name}, diskState")]


@check(
    "AZ-DISK-003",
    "reading the exported OS disk takes no more than its SAS",
    phase="pre",
    severity="blocker",
    applies=_disk_is_witness,
    why="A disk whose dataAccessAuthMode is AzureActiveDirectory asks whoever reads it for a token beside the SAS, and "
    "Sealproof reads by the SAS alone. Azure would grant the access and then refuse every read, after the step that "
    "can't be undone.",
    fix="az disk update --ids DISK_ID --data-access-auth-mode None, which Azure takes while the disk is not in use; or "
    "build on a VM whose disk does not ask for a token.",
    source="https://learn.microsoft.com/azure/virtual-machines/disks-secure-upload-download",
    grade="D",
)
def check_os_disk_tokenless(azure: AzureFacts) -> list[Problem]:
    if azure.os_disk.absent:
        return []  # that it is an unmanaged blob is the problem of AZ-DISK-001
    disk = azure.os_disk.value
    if disk.data_access_auth_mode.lower() in ("", "none"):
        return []
    where = f"disk {disk.name}, dataAccessAuthMode"
    return [problem(observed=disk.data_access_auth_mode, expected="None", where=where)]


def _network(disk: OsDisk) -> list[Problem]:
    where = f"disk {disk.name}"
    policy = disk.network_access_policy.lower()
    if policy == "allowprivate":
        # Private export ignores publicNetworkAccess and goes through the disk access's endpoint.
        if disk.disk_access_id:
            return []
        return [problem(observed="AllowPrivate without a disk access", expected="a disk access", where=where)]
    if policy != "allowall":
        seen = disk.network_access_policy or "no policy"
        return [problem(observed=seen, expected="AllowAll or AllowPrivate", where=f"{where}, networkAccessPolicy")]
    if disk.public_network_access.lower() == "enabled":
        return []
    seen = disk.public_network_access or "no value"
    return [problem(observed=seen, expected="Enabled", where=f"{where}, publicNetworkAccess")]


def _sealed_from_reading(disk: OsDisk) -> list[Problem]:
    # ConfidentialVM_DiskEncryptedWithPlatformKey and ...WithCustomerKey: an export is ciphertext.
    # ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey leaves the disk itself readable.
    if not disk.security_type.lower().startswith("confidentialvm_diskencrypted"):
        return []
    where = f"disk {disk.name}, securityProfile.securityType"
    return [problem(observed=disk.security_type, expected="a disk that is not encrypted as confidential", where=where)]
