"""What ties a Linux guest's network to this VM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class InterfaceRule:
    """One file of udev's rules that names network interfaces."""

    kind: Literal["mac", "generator"]
    """`mac`: it ties a name to a MAC address. `generator`: it writes such rules."""
    path: str


@dataclass(frozen=True, slots=True)
class LinuxNetwork:
    """How the guest's interfaces are named and get their addresses."""

    interface_rules: Fact[tuple[InterfaceRule, ...]]
    pinned_interfaces: Fact[tuple[str, ...]]
    """Configuration files that hold a MAC address; not those that cloud-init writes anew."""
    static_networks: Fact[tuple[str, ...]]
    """Configuration files with a fixed address, gateway or name server; not those that cloud-init writes anew."""
    primary_address: Fact[Literal["leased", "static"]]
    """How the interface of the default route has its address; absent without a default route."""
    vf_unmanaged: Fact[bool]
    """Whether a udev rule keeps NetworkManager away from the virtual functions of accelerated networking."""


@dataclass(frozen=True, slots=True)
class LinuxEgress:
    """What stands between the guest and the network."""

    proxies: Fact[tuple[str, ...]]
    """Files that set a proxy, or name servers of their own."""
    blocked_addresses: Fact[tuple[str, ...]]
    """The platform's own addresses that a rule of the guest's firewall drops or rejects."""
