from __future__ import annotations

from typing import Any

import pytest

from checks.facts import DiskEncryption, Extension, Fact, Observation
from checks.healthy import azure_facts, observation, os_disk
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "AZ-ENCRYPT-001"
UNREAD: Fact[Any] = Fact.unknown("ARM answered 403")
ENCRYPTED = DiskEncryption("golden-os", True, "Encryption is enabled on disk")


def azure(**overrides: Any) -> Observation:
    return observation(azure=azure_facts(**overrides))


def extension(publisher: str, type_: str) -> Extension:
    return Extension(name="one", publisher=publisher, type=type_, provisioning_state="Succeeded")


CLAIMS = (
    clean(CHECK, "no trace of encryption", azure()),
    clean(CHECK, "a disk listed as not encrypted", azure(disk_encryption=(DiskEncryption("os", False, ""),))),
    clean(
        CHECK,
        "another extension of the publisher",
        azure(extensions=(extension("Microsoft.Azure.Security", "IaaSAntimalware"),)),
    ),
    clean(CHECK, "that type by another publisher", azure(extensions=(extension("Contoso", "AzureDiskEncryption"),))),
    dirty(CHECK, "the instance view alone tells it", azure(disk_encryption=(ENCRYPTED,)), "golden-os"),
    dirty(
        CHECK,
        "enabled without a status",
        azure(disk_encryption=(DiskEncryption("golden-os", True, ""),)),
        "encryption is enabled",
    ),
    dirty(
        CHECK,
        "the extension of Linux",
        azure(extensions=(extension("Microsoft.Azure.Security", "AzureDiskEncryptionForLinux"),)),
        "AzureDiskEncryptionForLinux",
    ),
    dirty(
        CHECK,
        "the extension of Windows, in other case",
        azure(extensions=(extension("microsoft.azure.security", "AZUREDISKENCRYPTION"),)),
        "AZUREDISKENCRYPTION",
    ),
    dirty(CHECK, "the first version, in the model", azure(model_encryption=True), "VM model"),
    dirty(
        CHECK, "the first version, on the disk", azure(os_disk=os_disk(encryption_settings_enabled=True)), "Collection"
    ),
    dirty(
        CHECK,
        "seen in one place, while another could not be read",
        azure(disk_encryption=UNREAD, model_encryption=True),
        "VM model",
    ),
    absent(
        CHECK,
        "nothing lists any encryption",
        azure(
            disk_encryption=Fact.missing(),
            extensions=Fact.missing(),
            model_encryption=Fact.missing(),
            os_disk=Fact.missing(),
        ),
        "passed",
    ),
    unknown(CHECK, "no instance view", azure(disk_encryption=UNREAD), "403"),
    unknown(CHECK, "no list of extensions", azure(extensions=UNREAD), "403"),
    unknown(CHECK, "no model", azure(model_encryption=UNREAD), "403"),
    unknown(CHECK, "no disk resource", azure(os_disk=UNREAD), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_encryption(claim: Claim) -> None:
    claim.verify()
