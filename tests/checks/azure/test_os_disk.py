from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, Policy
from checks.healthy import azure_facts, observation, os_disk
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

ACCESS = "/subscriptions/s/resourceGroups/images/providers/Microsoft.Compute/diskAccesses/private"
UNREAD: Fact[Any] = Fact.unknown("ARM answered 403")


def disk(**overrides: Any) -> Observation:
    return observation(azure=azure_facts(os_disk=os_disk(**overrides)))


def private(disk_access_id: str, public: str = "Disabled") -> Observation:
    return disk(network_access_policy="AllowPrivate", public_network_access=public, disk_access_id=disk_access_id)


CLAIMS = (
    clean("AZ-DISK-001", "open to all", disk()),
    clean("AZ-DISK-001", "private, through a disk access", private(ACCESS)),
    clean("AZ-DISK-001", "trusted launch", disk(security_type="TrustedLaunch")),
    clean(
        "AZ-DISK-001",
        "confidential, with only the guest state encrypted",
        disk(security_type="ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey"),
    ),
    dirty("AZ-DISK-001", "denied to all", disk(network_access_policy="DenyAll"), "DenyAll"),
    dirty("AZ-DISK-001", "no policy at all", disk(network_access_policy=""), "no policy"),
    dirty("AZ-DISK-001", "a policy that nobody knows", disk(network_access_policy="AllowSome"), "AllowSome"),
    dirty("AZ-DISK-001", "public access switched off", disk(public_network_access="Disabled"), "Disabled"),
    dirty("AZ-DISK-001", "public access not stated", disk(public_network_access=""), "no value"),
    dirty("AZ-DISK-001", "private without a disk access", private("", public="Enabled"), "without a disk access"),
    dirty(
        "AZ-DISK-001",
        "confidential, disk encrypted",
        disk(security_type="ConfidentialVM_DiskEncryptedWithPlatformKey"),
        "ConfidentialVM",
    ),
    dirty(
        "AZ-DISK-001",
        "two reasons at once",
        disk(network_access_policy="DenyAll", security_type="ConfidentialVM_DiskEncryptedWithCustomerKey"),
        "DenyAll",
        "ConfidentialVM",
    ),
    absent("AZ-DISK-001", "unmanaged", observation(azure=azure_facts(os_disk=Fact.missing())), "failed", "unmanaged"),
    unknown("AZ-DISK-001", "no right to read the disk", observation(azure=azure_facts(os_disk=UNREAD)), "403"),
    clean("AZ-DISK-003", "not stated", disk()),
    clean("AZ-DISK-003", "stated", disk(data_access_auth_mode="None")),
    dirty("AZ-DISK-003", "a token", disk(data_access_auth_mode="AzureActiveDirectory"), "AzureActiveDirectory"),
    dirty("AZ-DISK-003", "a way that nobody knows", disk(data_access_auth_mode="Passkey"), "Passkey"),
    absent("AZ-DISK-003", "unmanaged", observation(azure=azure_facts(os_disk=Fact.missing())), "passed"),
    unknown("AZ-DISK-003", "no right to read the disk", observation(azure=azure_facts(os_disk=UNREAD)), "403"),
    clean("AZ-DISK-002", "attached", disk(disk_state="Attached")),
    dirty("AZ-DISK-002", "an export is open", disk(disk_state="ActiveSAS"), "ActiveSAS"),
    dirty("AZ-DISK-002", "an export of a frozen disk is open", disk(disk_state="ActiveSASFrozen"), "ActiveSASFrozen"),
    absent("AZ-DISK-002", "unmanaged", observation(azure=azure_facts(os_disk=Fact.missing())), "passed"),
    unknown("AZ-DISK-002", "no right to read the disk", observation(azure=azure_facts(os_disk=UNREAD)), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_os_disk(claim: Claim) -> None:
    claim.verify()


@pytest.mark.parametrize("check", ["AZ-DISK-001", "AZ-DISK-002", "AZ-DISK-003"])
def test_a_target_without_the_disk_as_witness_need_not_export_it(check: str) -> None:
    dirty_disk = azure_facts(
        os_disk=os_disk(
            network_access_policy="DenyAll", disk_state="ActiveSAS", data_access_auth_mode="AzureActiveDirectory"
        )
    )

    judgement = judge(catalogue()[check], observation(azure=dirty_disk, policy=Policy(witness="guest")))

    assert judgement.outcome == "not applicable"
