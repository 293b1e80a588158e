"""What waagent's deprovisioning needs and finds in a Linux guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class BadSwitch:
    """A switch of waagent.conf that is neither y nor n."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Deprovision:
    """Its configuration as it is written, and the files that it rewrites."""

    bad_switches: Fact[tuple[BadSwitch, ...]]
    """Absent where there is no waagent.conf."""
    sudoers_accounts: Fact[tuple[str, ...]]
    """Accounts in the agent's own file below sudoers.d; absent where there is none."""
    primary_interface: Fact[str]
    """The network interface of the default route; absent without such a route."""
    primary_ifcfg: Fact[bool]
    """Whether that interface has an ifcfg file in /etc/sysconfig/network-scripts; absent without a default route."""
    ifcfg_rewrite: Fact[Literal["guarded", "unguarded"]]
    """How the installed agent rewrites that file: `unguarded` fails where it is missing. Absent where the agent's
    source was not found."""
    suse_dhcp_file: Fact[bool]
    """Whether /etc/sysconfig/network/dhcp exists."""
