"""What may be encrypted beside BitLocker's volumes, and whether Azure and the guest agree."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import DiskEncryption, Fact, Observation, Volume
from checks.healthy import azure_facts, observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
FILE = r"C:\Users\ann\plan.docx"
ENCRYPTED = (Volume("C:", 1, 1),)


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


def windows_11(**overrides: Any) -> Observation:
    client = {"product_type": 1, "build": "26100.4061", "installed_roles": Fact.missing(), "tpm_present": True}
    return guest(**(client | overrides))


def both(*, enabled: bool | None, volumes: Any) -> Observation:
    disks: Any = Fact.missing() if enabled is None else (DiskEncryption("golden-os", enabled, ""),)
    azure = azure_facts(platform="windows", disk_encryption=disks)
    return observation("windows", azure=azure, guest=windows_guest(volumes=volumes))


FILES = (
    clean("WIN-EFS-001", "none", guest()),
    dirty("WIN-EFS-001", "one", guest(encrypted_files=(FILE,)), FILE),
    dirty("WIN-EFS-001", "two", guest(encrypted_files=(FILE, r"C:\b.txt")), FILE, r"C:\b.txt"),
    absent("WIN-EFS-001", "nothing to look for", guest(encrypted_files=Fact.missing()), "passed"),
    unknown("WIN-EFS-001", "not read to its end", guest(encrypted_files=Fact.unknown("120 seconds")), "120 seconds"),
)

DEVICE = (
    clean("WIN-DISK-002", "prevented", windows_11(device_encryption_prevented=1)),
    dirty("WIN-DISK-002", "allowed by a value", windows_11(device_encryption_prevented=0), "PreventDeviceEncryption"),
    absent("WIN-DISK-002", "allowed by no value", windows_11(), "warned", "no value"),
    absent("WIN-DISK-002", "no TPM", windows_11(tpm_present=False), "not applicable"),
    absent("WIN-DISK-002", "no class of TPMs", windows_11(tpm_present=Fact.missing()), "not applicable"),
    absent("WIN-DISK-002", "Windows 10", windows_11(build="19045.5131"), "not applicable"),
    absent("WIN-DISK-002", "a server", guest(tpm_present=True), "not applicable"),
    unknown("WIN-DISK-002", "value not read", windows_11(device_encryption_prevented=UNREAD), "denied"),
    unknown("WIN-DISK-002", "TPM not read", windows_11(tpm_present=UNREAD), "denied"),
    unknown("WIN-DISK-002", "a build that is no number", windows_11(build="odd"), "'odd'"),
)

AGREEMENT = (
    clean("WIN-DISK-003", "neither", both(enabled=False, volumes=(Volume("C:", 0, 0),))),
    clean("WIN-DISK-003", "both", both(enabled=True, volumes=ENCRYPTED)),
    dirty("WIN-DISK-003", "the guest only", both(enabled=False, volumes=ENCRYPTED), "guest has C: encrypted"),
    dirty("WIN-DISK-003", "Azure only", both(enabled=True, volumes=(Volume("C:", 0, 0),)), "Azure calls golden-os"),
    absent("WIN-DISK-003", "no BitLocker", both(enabled=False, volumes=Fact.missing()), "passed"),
    absent(
        "WIN-DISK-003", "no BitLocker, Azure sees it", both(enabled=True, volumes=Fact.missing()), "warned", "Azure"
    ),
    absent("WIN-DISK-003", "Azure lists nothing", both(enabled=None, volumes=ENCRYPTED), "warned", "guest has C:"),
    unknown("WIN-DISK-003", "volumes not read", both(enabled=False, volumes=UNREAD), "denied"),
    unknown(
        "WIN-DISK-003", "no instance view", observation("windows", azure=azure_facts(disk_encryption=UNREAD)), "denied"
    ),
)

CLAIMS = FILES + DEVICE + AGREEMENT


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_encryption(claim: Claim) -> None:
    claim.verify()
