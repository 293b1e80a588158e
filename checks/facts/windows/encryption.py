"""What may be encrypted in a Windows guest beside BitLocker's volumes."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class DeviceEncryption:
    """Whether Windows may begin to encrypt by itself."""

    tpm_present: Fact[bool]
    """Whether Windows sees a TPM, a virtual one too; absent where it has no class to ask."""
    device_encryption_prevented: Fact[int]
    """`PreventDeviceEncryption`: 1 keeps Windows from it; absent where nobody set it."""


@dataclass(frozen=True, slots=True)
class EncryptedFiles:
    """The Encrypting File System."""

    encrypted_files: Fact[tuple[str, ...]]
    """The first few files on the system volume that it holds, as paths; unknown where not all could be looked at."""
