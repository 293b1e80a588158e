"""Keys and ids by which other machines know a Linux machine."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest

_PRIVATE_NETWORKS = ("tailscale", "zerotier", "wireguard", "openvpn", "nebula", "netbird")


@check(
    "LNX-MANAGER-001",
    "no configuration management or cluster knows the machine",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Clones share the certificate or the node id. A Puppet or Chef server gives them all one configuration, and a "
    "cluster takes them for one node that is in many places.",
    fix="Remove the key or the state that is named by the tool's own means, and let clones enrol at first boot.",
    source="https://libguestfs.org/virt-sysprep.1.html, operation puppet-data-log; the others by our own inference",
    grade="C",
)
def check_peer_manager_absent(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{item.service}: it exists", expected="no key, no node id", where=item.path)
        for item in guest.peers.peers.value_or(())
        if item.service not in _PRIVATE_NETWORKS
    ]


@check(
    "LNX-MESH-001",
    "the machine holds no key of a private network",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Whoever gets the image gets into the private network. Clones that share a node's key take its address from "
    "each other, so none of them has a connection that lasts.",
    fix="Take the machine out of the network with its own tool (tailscale logout, wg-quick down, ...), delete the file "
    "that is named, and give clones keys of their own at their first boot.",
    source="our own inference from where the tools keep their keys",
    grade="X",
)
def check_peer_private_network_absent(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{item.service}: it exists", expected="no key", where=item.path)
        for item in guest.peers.peers.value_or(())
        if item.service in _PRIVATE_NETWORKS
    ]
