"""The rules of the profile `vhd-upload`: judged where the fleet file asks for them, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, Policy, Setting
from checks.healthy import observation, windows_guest
from checks.judgement import judge
from checks.windows.upload import NOT_SET, Wanted, differences, for_upload
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
UPLOAD = Policy(profile="vhd-upload")
HEALTHY = windows_guest().vhd_upload


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides), policy=UPLOAD)


def changed(fact: str, name: str, value: str | None) -> Observation:
    """Return a guest one of whose settings has another value, or is not set (None)."""
    settings = [item for item in getattr(HEALTHY, fact).value if item.name != name]
    return guest(**{fact: (*settings, *([Setting(name, value)] if value is not None else []))})


def claims(check: str, fact: str, *cases: tuple[str, str | None]) -> tuple[Claim, ...]:
    """Return the claims of a rule about settings: each of `cases` is a name and a value that breaks it."""
    return (
        clean(check, "as the list says", guest()),
        *(dirty(check, f"{name} is {value}", changed(fact, name, value), name) for name, value in cases),
        absent(check, "never looked", guest(**{fact: Fact.missing()}), "undetermined"),
        unknown(check, "not read", guest(**{fact: UNREAD}), "access denied"),
    )


RDP, SYSTEM, BOOT = "rdp_settings", "system_settings", "boot_settings"
CLAIMS = (
    *claims(
        "WIN-RDP-001",
        RDP,
        ("fDenyTSConnections", "1"),
        ("fDenyTSConnections", None),
        ("Policies fDenyTSConnections", "1"),
        ("RDP-Tcp PortNumber", "3390"),
        ("RDP-Tcp LanAdapter", "2"),
    ),
    clean("WIN-RDP-001", "a policy that allows it", changed(RDP, "Policies fDenyTSConnections", "0")),
    *claims("WIN-RDP-002", RDP, ("RDP-Tcp UserAuthentication", "0")),
    *claims("WIN-RDP-003", RDP, ("Policies KeepAliveEnable", None), ("RDP-Tcp MaxInstanceCount", "2")),
    clean("WIN-RDP-003", "a number without a sign", changed(RDP, "RDP-Tcp MaxInstanceCount", "4294967295")),
    *claims("WIN-RDP-004", RDP, ("RDP-Tcp SSLCertificateSHA1Hash", "set")),
    clean("WIN-RDP-005", "as the list says", guest()),
    dirty("WIN-RDP-005", "another server", guest(rdp_port_strangers=("nginx",)), "nginx"),
    absent("WIN-RDP-005", "nothing listens", guest(rdp_port_strangers=Fact.missing()), "passed"),
    unknown("WIN-RDP-005", "not read", guest(rdp_port_strangers=UNREAD), "access denied"),
    clean("WIN-FIREWALL-001", "as the list says", guest()),
    dirty("WIN-FIREWALL-001", "off", guest(firewall_profiles_off=("Public", "Domain")), "Public", "Domain"),
    absent("WIN-FIREWALL-001", "never looked", guest(firewall_profiles_off=Fact.missing()), "undetermined"),
    unknown("WIN-FIREWALL-001", "not read", guest(firewall_profiles_off=UNREAD), "access denied"),
    clean("WIN-FIREWALL-002", "as the list says", guest()),
    dirty("WIN-FIREWALL-002", "closed", guest(firewall_rules_on=("FPS-ICMP4-ERQ-In",)), "In-TCP", "In-UDP"),
    absent("WIN-FIREWALL-002", "never looked", guest(firewall_rules_on=Fact.missing()), "undetermined"),
    unknown("WIN-FIREWALL-002", "not read", guest(firewall_rules_on=UNREAD), "access denied"),
    clean("WIN-FIREWALL-003", "as the list says", guest()),
    dirty("WIN-FIREWALL-003", "one way", guest(azure_platform_rules=("Inbound",)), "Outbound"),
    absent("WIN-FIREWALL-003", "never looked", guest(azure_platform_rules=Fact.missing()), "undetermined"),
    unknown("WIN-FIREWALL-003", "not read", guest(azure_platform_rules=UNREAD), "access denied"),
    *claims(
        "WIN-AUTOSTART-001", "service_starts", ("Dhcp", "4"), ("BFE", None), ("TermService", "2"), ("sacsvr", None)
    ),
    clean(
        "WIN-AUTOSTART-001",
        "a client without the console's helper",
        guest(product_type=1, service_starts=tuple(i for i in HEALTHY.service_starts.value if i.name != "sacsvr")),
    ),
    unknown("WIN-AUTOSTART-001", "a server or a client", guest(product_type=UNREAD), "access denied"),
    *claims("WIN-BOOT-001", BOOT, ("{bootmgr} timeout", "30"), ("{current} recoveryenabled", "Yes")),
    clean("WIN-ROUTE-001", "as the list says", guest()),
    dirty("WIN-ROUTE-001", "two", guest(persistent_routes=2), "2 route(s)"),
    absent("WIN-ROUTE-001", "never looked", guest(persistent_routes=Fact.missing()), "undetermined"),
    unknown("WIN-ROUTE-001", "not read", guest(persistent_routes=UNREAD), "access denied"),
    clean("WIN-PROXY-001", "as the list says", guest()),
    clean("WIN-PROXY-001", "a proxy with a way past it", guest(winhttp_proxy="bypassed")),
    dirty("WIN-PROXY-001", "a proxy", guest(winhttp_proxy="proxy"), "a proxy"),
    absent("WIN-PROXY-001", "never looked", guest(winhttp_proxy=Fact.missing()), "undetermined"),
    unknown("WIN-PROXY-001", "not read", guest(winhttp_proxy=UNREAD), "access denied"),
    *claims("WIN-CLOCK-001", SYSTEM, ("RealTimeIsUniversal", None)),
    *claims("WIN-SAN-001", SYSTEM, ("SanPolicy", "2")),
    *claims("WIN-TEMP-001", SYSTEM, ("TEMP", r"D:\temp"), ("TMP", None)),
    clean("WIN-POWERPLAN-001", "as the list says", guest()),
    dirty("WIN-POWERPLAN-001", "balanced", guest(power_plan="381b4222-f694-41f0-9685-ff5bb260df2e"), "381b4222"),
    absent("WIN-POWERPLAN-001", "never looked", guest(power_plan=Fact.missing()), "undetermined"),
    unknown("WIN-POWERPLAN-001", "not read", guest(power_plan=UNREAD), "access denied"),
    *claims("WIN-DUMP-001", SYSTEM, ("CrashDumpEnabled", "7"), ("NMICrashDump", None)),
    *claims("WIN-DUMP-002", SYSTEM, ("DumpFolder", r"E:\x"), ("DumpCount", None)),
    clean("WIN-HYPERVISOR-001", "as the list says", guest()),
    dirty("WIN-HYPERVISOR-001", "VMware Tools", guest(hypervisor_tools=("VMTools",)), "VMTools"),
    absent("WIN-HYPERVISOR-001", "none", guest(hypervisor_tools=Fact.missing()), "passed"),
    unknown("WIN-HYPERVISOR-001", "not read", guest(hypervisor_tools=UNREAD), "access denied"),
)
RULES = sorted({claim.check for claim in CLAIMS})


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_uploaded_image(claim: Claim) -> None:
    claim.verify()


@pytest.mark.parametrize("rule", RULES)
def test_without_the_profile_a_rule_of_it_applies_to_nobody(rule: str) -> None:
    facts: dict[str, Any] = dict.fromkeys(HEALTHY.__dataclass_fields__, UNREAD)
    assert judge(catalogue()[rule], observation("windows", guest=windows_guest(**facts))).outcome == "not applicable"


def test_the_rules_of_the_profile_are_those_that_are_tested_here() -> None:
    assert [name for name, check in catalogue().items() if check.metadata.applies is for_upload] == RULES


def test_names_and_values_have_no_case_and_what_may_be_unset_may() -> None:
    table = (Wanted("Timeout", ("Yes",)), Wanted("other", ("0", NOT_SET)))
    assert differences([Setting("timeout", "YES")], table, "bcdedit") == []
    (found,) = differences([Setting("other", "1")], table[1:], "bcdedit")
    assert (found.observed, found.expected, found.where) == ("1", "0", "bcdedit, other")
