"""The way out of a Linux guest: proxies, and the platform's own addresses."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest


@check(
    "LNX-PROXY-001",
    "no proxy and no name server of the building site is configured",
    phase="pre",
    platform="linux",
    severity="warning",
    why="The setting travels into every clone. Where the proxy or the name server can't be reached, updates, "
    "extensions and the first log-in hang until they time out; and whoever runs it sees the clones' traffic.",
    fix="Remove the setting from the file that is named, or deliver it with cloud-init's custom data where it is "
    "wanted.",
    source="our own inference from what an image carries over",
    grade="X",
)
def check_egress_unproxied(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="a proxy or name servers are set", expected="none", where=path)
        for path in guest.egress.proxies.value_or(())
    ]


@check(
    "LNX-FIREWALL-001",
    "the guest's firewall lets the platform's addresses through",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="A new VM asks 168.63.129.16 for its provisioning data and reports Ready to it, and cloud-init asks "
    "169.254.169.254. With either dropped the deployment of every clone ends with a time-out.",
    fix="Remove the rule (nft list ruleset, iptables-save), and what restores it at boot. The agent's own rule, which "
    "keeps other users away, is not meant.",
    source="https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16",
    grade="D",
)
def check_egress_platform_reachable(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="a rule drops or rejects it", expected="no such rule", where=f"firewall, {address}")
        for address in guest.egress.blocked_addresses.value_or(())
    ]
