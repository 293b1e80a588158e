"""What waagent's deprovisioning needs on some distributions; without it, it stops half-way and exits 0, or hangs."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.families import of_family


@check(
    "LNX-DEPROVISION-001",
    "the primary interface has the ifcfg file that waagent rewrites",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=of_family("rhel"),
    why="waagent rewrites this file without a look whether it is there. Where NetworkManager keeps connections "
    "elsewhere "
    "the deprovisioning dies in its fifth action with exit code 0: account, keys and certificates stay in the image.",
    fix="Write an ifcfg file for the interface in /etc/sysconfig/network-scripts (DEVICE=eth0, BOOTPROTO=dhcp, "
    "ONBOOT=yes), or install an agent whose package has this mended.",
    source="https://github.com/Azure/WALinuxAgent/issues/2593 and a recorded run of waagent 2.15",
    grade="T",
)
def check_deprovisioning_ifcfg(guest: LinuxGuest) -> list[Problem]:
    seen = guest.deprovision
    if seen.ifcfg_rewrite.known and seen.ifcfg_rewrite.value_or("unguarded") == "guarded":
        return []
    # Without a default route there is no primary interface: that is the next rule's problem.
    if seen.primary_ifcfg.absent or seen.primary_ifcfg.value:
        return []
    where = f"/etc/sysconfig/network-scripts/ifcfg-{seen.primary_interface.value}"
    return [problem(observed="no such file", expected="the file, or an agent that does without", where=where)]


@check(
    "LNX-DEPROVISION-002",
    "there is a default route",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=of_family("rhel"),
    why="On this family waagent looks for the interface of the default route while it deprovisions, every two seconds "
    "and for ever. It never ends.",
    fix="ip route add default via GATEWAY dev eth0, or bring the interface up with DHCP.",
    source="https://github.com/Azure/WALinuxAgent (osutil/redhat.py) and a recorded run of waagent 2.15",
    grade="T",
)
def check_deprovisioning_route(guest: LinuxGuest) -> list[Problem]:
    if not guest.deprovision.primary_interface.absent:
        return []
    return [problem(observed="no default route", expected="a default route", where="/proc/net/route")]


@check(
    "LNX-DEPROVISION-003",
    "the DHCP settings that waagent rewrites exist",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=of_family("suse"),
    why="waagent rewrites /etc/sysconfig/network/dhcp without a look whether it is there. Without it the "
    "deprovisioning dies half-way with exit code 0: account, keys and certificates stay in the image.",
    fix="echo 'DHCLIENT_SET_HOSTNAME=\"no\"' > /etc/sysconfig/network/dhcp",
    source="https://github.com/Azure/WALinuxAgent (osutil/suse.py) and a recorded run of waagent 2.15",
    grade="T",
)
def check_deprovisioning_dhcp_file(guest: LinuxGuest) -> list[Problem]:
    if guest.deprovision.suse_dhcp_file.value_or(False):
        return []
    return [problem(observed="no such file", expected="the file", where="/etc/sysconfig/network/dhcp")]
