"""Under which identities of its own a Linux guest is known elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact

Service = Literal["monitor", "defender", "arc", "domain", "red-hat", "suse", "ubuntu-pro"]
Peer = Literal[
    "puppet",
    "chef",
    "salt",
    "cfengine",
    "kubernetes",
    "k3s",
    "swarm",
    "etcd",
    "tailscale",
    "zerotier",
    "wireguard",
    "openvpn",
    "nebula",
    "netbird",
]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One trace of a service that this machine is enrolled in."""

    service: Service
    path: str


@dataclass(frozen=True, slots=True)
class LinuxEnrolments:
    """Services that know this machine: of Azure, of a domain, of subscriptions."""

    enrolments: Fact[tuple[Enrolment, ...]]


@dataclass(frozen=True, slots=True)
class PeerIdentity:
    """A key or an id by which other machines know this one."""

    service: Peer
    path: str


@dataclass(frozen=True, slots=True)
class LinuxPeers:
    """Configuration management, clusters and private networks."""

    peers: Fact[tuple[PeerIdentity, ...]]


@dataclass(frozen=True, slots=True)
class LinuxExtensions:
    """VM extensions on the guest's disk; Run Command, which is how a guest is asked, is left out."""

    extension_folders: Fact[tuple[str, ...]]
    """Names such as `Microsoft.Azure.Monitor.AzureMonitorLinuxAgent-1.33.1`."""
    busy_extensions: Fact[tuple[str, ...]]
    """Those whose last status is `transitioning`."""


@dataclass(frozen=True, slots=True)
class LinuxStartup:
    """What runs at the first boot of a clone, and what this machine is called."""

    start_scripts: Fact[tuple[str, ...]]
    """cloud-init's scripts, rc.local, units of a first boot, crontabs with @reboot."""
    clean_scripts: Fact[tuple[str, ...]]
    """Executable files in /etc/cloud/clean.d."""
    static_hostname: Fact[str]
    """What /etc/hostname holds; absent where it is missing or empty."""
