from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, InterfaceRule, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()
UDEV = "/etc/udev/rules.d/70-persistent-net.rules"
MAC, GENERATOR = InterfaceRule("mac", UDEV), InterfaceRule("generator", "/lib/udev/75-generator.rules")
NETPLAN = "/etc/netplan/01-netcfg.yaml"


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean("LNX-NIC-001", "no rules", guest()),
    clean("LNX-NIC-001", "a generator alone", guest(interface_rules=(GENERATOR,))),
    dirty("LNX-NIC-001", "a rule with a MAC address", guest(interface_rules=(GENERATOR, MAC)), UDEV),
    absent("LNX-NIC-001", "no udev", guest(interface_rules=MISSING), "passed"),
    unknown("LNX-NIC-001", "rules not read", guest(interface_rules=UNREAD), "cut off"),
    clean("LNX-NIC-002", "a rule, no generator", guest(interface_rules=(MAC,))),
    dirty("LNX-NIC-002", "a generator", guest(interface_rules=(GENERATOR,)), "75-generator"),
    absent("LNX-NIC-002", "no udev", guest(interface_rules=MISSING), "passed"),
    unknown("LNX-NIC-002", "rules not read", guest(interface_rules=UNREAD), "cut off"),
    clean("LNX-NIC-003", "nothing pinned", guest()),
    dirty("LNX-NIC-003", "netplan matches a MAC address", guest(pinned_interfaces=(NETPLAN,)), NETPLAN),
    absent("LNX-NIC-003", "no configuration", guest(pinned_interfaces=MISSING), "passed"),
    unknown("LNX-NIC-003", "not read", guest(pinned_interfaces=UNREAD), "cut off"),
    clean("LNX-NIC-004", "DHCP", guest()),
    dirty("LNX-NIC-004", "two files", guest(static_networks=(NETPLAN, "/etc/network/interfaces")), NETPLAN, "interfac"),
    absent("LNX-NIC-004", "no configuration", guest(static_networks=MISSING), "passed"),
    unknown("LNX-NIC-004", "not read", guest(static_networks=UNREAD), "cut off"),
    clean("LNX-NIC-005", "a lease", guest()),
    dirty("LNX-NIC-005", "no lease", guest(primary_address="static"), "without a lease"),
    absent("LNX-NIC-005", "no default route", guest(primary_address=MISSING), "passed"),
    unknown("LNX-NIC-005", "ip does not tell", guest(primary_address=UNREAD), "cut off"),
    clean("LNX-NIC-006", "the rule is there", guest(distribution="rhel", vf_unmanaged=True)),
    dirty("LNX-NIC-006", "no rule", guest(distribution="rocky", vf_unmanaged=False), "/etc/udev/rules.d"),
    absent("LNX-NIC-006", "another family", guest(vf_unmanaged=False), "not applicable"),
    absent("LNX-NIC-006", "no udev", guest(distribution="rhel", vf_unmanaged=MISSING), "warned", "hv_pci"),
    unknown("LNX-NIC-006", "rules not read", guest(distribution="rhel", vf_unmanaged=UNREAD), "cut off"),
    unknown("LNX-NIC-006", "no os-release", guest(distribution=MISSING), "os-release"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_interface(claim: Claim) -> None:
    claim.verify()
