"""What machines made from a Windows image need on Azure, and what should not be in the image."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, Policy, SysprepProvider
from checks.healthy import observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


HIDDEN = SysprepProvider("Generalize", r"C:\Windows\System32\VMAgentDisabler.dll,Generalize", "hidden")
MISSING = SysprepProvider("Cleanup", "DscCore.dll,SysPrep_Cleanup", "missing")
MALFORMED = SysprepProvider("Specialize", "own.dll", "malformed")


def client(**overrides: Any) -> Observation:
    return guest(product_type=1, **overrides)


def launched_as(account: str | None, **overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides), policy=Policy(run_as=account))


MEDIA = (
    clean("WIN-CDROM-001", "it starts", guest(cdrom_start=1)),
    dirty("WIN-CDROM-001", "disabled", guest(cdrom_start=4), "cdrom"),
    absent("WIN-CDROM-001", "no such driver", guest(cdrom_start=NONE), "failed", "no such value"),
    unknown("WIN-CDROM-001", "not read", guest(cdrom_start=UNREAD), "denied"),
    clean("WIN-CDROM-002", "no policy", guest(removable_storage_denials=())),
    dirty("WIN-CDROM-002", "all", guest(removable_storage_denials=("Deny_All",)), "all removable storage"),
    dirty("WIN-CDROM-002", "CD and DVD", guest(removable_storage_denials=("Deny_Read",)), "CD and DVD"),
    absent("WIN-CDROM-002", "no policy", guest(removable_storage_denials=NONE), "passed"),
    unknown("WIN-CDROM-002", "not read", guest(removable_storage_denials=UNREAD), "denied"),
    clean("WIN-DHCP-001", "DHCP", guest(primary_adapter_dhcp=True)),
    dirty("WIN-DHCP-001", "fixed", guest(primary_adapter_dhcp=False), "a fixed address"),
    absent("WIN-DHCP-001", "no adapter has IP", guest(primary_adapter_dhcp=NONE), "undetermined"),
    unknown("WIN-DHCP-001", "not read", guest(primary_adapter_dhcp=UNREAD), "denied"),
)

SERVICES = (
    clean("WIN-SERVICE-001", "manual", client(push_service_start=3)),
    dirty("WIN-SERVICE-001", "disabled", client(push_service_start=4), "disabled"),
    absent("WIN-SERVICE-001", "gone", client(push_service_start=NONE), "warned", "no such service"),
    absent("WIN-SERVICE-001", "disabled on a server", guest(push_service_start=4), "not applicable"),
    unknown("WIN-SERVICE-001", "not read", client(push_service_start=UNREAD), "denied"),
    clean("WIN-SERVICE-002", "manual", guest(secondary_logon_start=3)),
    dirty("WIN-SERVICE-002", "disabled", guest(secondary_logon_start=4), "seclogon"),
    absent("WIN-SERVICE-002", "gone", guest(secondary_logon_start=NONE), "warned", "no such service"),
    unknown("WIN-SERVICE-002", "not read", guest(secondary_logon_start=UNREAD), "denied"),
    clean("WIN-SERVICE-003", "manual", launched_as("builder", secondary_logon_start=3)),
    dirty("WIN-SERVICE-003", "disabled", launched_as("builder", secondary_logon_start=4), "seclogon"),
    absent("WIN-SERVICE-003", "gone", launched_as("builder", secondary_logon_start=NONE), "failed", "no such service"),
    absent("WIN-SERVICE-003", "no account given", launched_as(None, secondary_logon_start=4), "not applicable"),
    unknown("WIN-SERVICE-003", "not read", launched_as("builder", secondary_logon_start=UNREAD), "denied"),
    clean("WIN-EVENTLOG-001", "all in place", guest(logs_without_folder=())),
    dirty("WIN-EVENTLOG-001", "one was moved", guest(logs_without_folder=("Application",)), "event log Application"),
    absent("WIN-EVENTLOG-001", "no logs", guest(logs_without_folder=NONE), "passed"),
    unknown("WIN-EVENTLOG-001", "not read", guest(logs_without_folder=UNREAD), "denied"),
)

PROVIDERS = (
    clean("WIN-PROVIDER-001", "all can be loaded", guest(broken_providers=())),
    dirty("WIN-PROVIDER-001", "a hidden file", guest(broken_providers=(HIDDEN,)), "VMAgentDisabler.dll"),
    dirty(
        "WIN-PROVIDER-001",
        "a missing file, and a text without a function",
        guest(broken_providers=(MISSING, MALFORMED)),
        "DscCore.dll",
        "names no function",
    ),
    absent("WIN-PROVIDER-001", "none registered", guest(broken_providers=NONE), "passed"),
    unknown("WIN-PROVIDER-001", "not read", guest(broken_providers=UNREAD), "denied"),
)

AGENTS = (
    clean("WIN-DEFENDER-001", "not onboarded", guest(defender_onboarding=0)),
    dirty("WIN-DEFENDER-001", "onboarded", guest(defender_onboarding=1), "onboarded"),
    absent("WIN-DEFENDER-001", "never onboarded", guest(defender_onboarding=NONE), "passed"),
    unknown("WIN-DEFENDER-001", "not read", guest(defender_onboarding=UNREAD), "denied"),
    clean("WIN-DEFENDER-002", "onboarded, unprotected", guest(defender_onboarding=1, tamper_protection=4)),
    clean("WIN-DEFENDER-002", "protected, not onboarded", guest(defender_onboarding=0, tamper_protection=5)),
    clean("WIN-DEFENDER-002", "not onboarded", guest(defender_onboarding=NONE, tamper_protection=UNREAD)),
    dirty("WIN-DEFENDER-002", "both", guest(defender_onboarding=1, tamper_protection=5), "tamper protected"),
    absent("WIN-DEFENDER-002", "no value", guest(defender_onboarding=1, tamper_protection=NONE), "passed"),
    unknown("WIN-DEFENDER-002", "not read", guest(defender_onboarding=1, tamper_protection=UNREAD), "denied"),
    clean("WIN-ANTIVIRUS-001", "Microsoft's alone", guest(antivirus_products=())),
    dirty("WIN-ANTIVIRUS-001", "another's", guest(antivirus_products=("CrowdStrike Falcon",)), "CrowdStrike"),
    absent("WIN-ANTIVIRUS-001", "none", guest(antivirus_products=NONE), "passed"),
    unknown("WIN-ANTIVIRUS-001", "not read", guest(antivirus_products=UNREAD), "denied"),
    clean("WIN-AVD-001", "none", guest(virtual_desktop_agents=())),
    dirty("WIN-AVD-001", "a session host", guest(virtual_desktop_agents=("RDInfraAgent",)), "RDInfraAgent"),
    absent("WIN-AVD-001", "none", guest(virtual_desktop_agents=NONE), "passed"),
    unknown("WIN-AVD-001", "not read", guest(virtual_desktop_agents=UNREAD), "denied"),
    clean("WIN-IDENTITY-001", "none", guest(agents_with_identity=())),
    dirty("WIN-IDENTITY-001", "two", guest(agents_with_identity=("Azure Arc", "Puppet")), "Azure Arc", "Puppet"),
    absent("WIN-IDENTITY-001", "none", guest(agents_with_identity=NONE), "passed"),
    unknown("WIN-IDENTITY-001", "not read", guest(agents_with_identity=UNREAD), "denied"),
)

CLAIMS = MEDIA + SERVICES + PROVIDERS + AGENTS


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_azure_guest(claim: Claim) -> None:
    claim.verify()
