from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


IFCFG, ROUTE, DHCP = "LNX-DEPROVISION-001", "LNX-DEPROVISION-002", "LNX-DEPROVISION-003"


def rhel(**overrides: Any) -> Observation:
    return guest(distribution="rhel", distribution_like="fedora", **overrides)


CLAIMS = (
    clean(IFCFG, "ifcfg-eth0 is there", rhel(primary_ifcfg=True)),
    clean(IFCFG, "a patched agent", rhel(ifcfg_rewrite="guarded")),
    clean(IFCFG, "no default route, which is another rule's", rhel(primary_interface=NONE, primary_ifcfg=NONE)),
    dirty(IFCFG, "key files alone", rhel(ifcfg_rewrite="unguarded"), "ifcfg-eth0"),
    dirty(IFCFG, "Alma, by ID_LIKE", guest(distribution="newlinux", distribution_like="rhel fedora"), "ifcfg-eth0"),
    absent(IFCFG, "the agent's source not found", rhel(ifcfg_rewrite=NONE), "failed", "ifcfg-eth0"),
    absent(IFCFG, "Debian", guest(), "not applicable"),
    absent(IFCFG, "no os-release", guest(distribution=NONE), "undetermined", "no os-release"),
    unknown(IFCFG, "not looked for", rhel(primary_ifcfg=UNREAD), "cut off"),
    clean(ROUTE, "eth0", rhel()),
    dirty(ROUTE, "none", rhel(primary_interface=NONE), "no default route"),
    absent(ROUTE, "Debian, without one", guest(primary_interface=NONE), "not applicable"),
    unknown(ROUTE, "not read", rhel(primary_interface=UNREAD), "cut off"),
    clean(DHCP, "there", guest(distribution="sles", suse_dhcp_file=True)),
    dirty(DHCP, "not there", guest(distribution="opensuse-leap"), "/etc/sysconfig/network/dhcp"),
    absent(DHCP, "not looked at", guest(distribution="sles", suse_dhcp_file=NONE), "failed", "no such file"),
    unknown(DHCP, "not read", guest(distribution="sles", suse_dhcp_file=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_deprovisioning(claim: Claim) -> None:
    claim.verify()
