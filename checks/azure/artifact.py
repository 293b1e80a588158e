"""A managed disk or a snapshot that others sealed, as Azure has it."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Artifact


def _is_in_azure(artifact: Artifact) -> bool:
    return artifact.kind != "file"


@check(
    "AZ-ARTIFACT-001",
    "the disk or snapshot is not encrypted by Azure Disk Encryption",
    phase="post",
    severity="blocker",
    applies=_is_in_azure,
    why="Machines made from an encrypted disk ask for the key of the machine that it was taken from, and do not start. "
    "What was read of it is what is not encrypted, which is not all.",
    fix="Take the image from a VM without Azure Disk Encryption. A Linux OS disk can't be decrypted: rebuild that VM.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/disk-encryption-linux#restrictions",
    grade="D",
)
def check_artifact_unencrypted(artifact: Artifact) -> list[Problem]:
    if not artifact.resource.value.encryption_settings_enabled:
        return []
    where = f"{artifact.kind} {artifact.resource.value.name}, encryptionSettingsCollection"
    return [problem(observed="enabled", expected="no Azure Disk Encryption", where=where)]


@check(
    "AZ-ARTIFACT-002",
    "the security type of the disk or snapshot lets its image go anywhere",
    phase="post",
    severity="info",
    applies=_is_in_azure,
    why="A disk of a Trusted Launch or confidential VM goes only into an image definition of the same security type.",
    fix="Create the image definition with --features SecurityType=TrustedLaunch (or ConfidentialVM).",
    source="https://learn.microsoft.com/azure/virtual-machines/trusted-launch",
    grade="D",
)
def check_artifact_security_type_standard(artifact: Artifact) -> list[Problem]:
    kind = artifact.resource.value.security_type
    if kind.lower() in ("", "standard"):
        return []
    where = f"{artifact.kind} {artifact.resource.value.name}, securityProfile.securityType"
    return [problem(observed=kind, expected=f"none, or an image definition of {kind}", where=where)]
