"""Network interfaces of a Linux guest: nothing may tie them to this VM's hardware or addresses."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.families import of_family

_LISA = "https://github.com/microsoft/lisa (azure_image_standard.py)"


@check(
    "LNX-NIC-001",
    "no udev rule ties an interface's name to a MAC address",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="A machine made from the image has another MAC address, so its only interface gets the next name, eth1. What "
    "is configured for eth0 never comes up, and nobody reaches the machine.",
    fix="rm /etc/udev/rules.d/70-persistent-net.rules (or the file that is named), and use net.ifnames=0 on the "
    "kernel's command line where eth0 is wanted.",
    source=f"{_LISA}; libguestfs virt-sysprep, operation udev-persistent-net",
    grade="C",
)
def check_interface_rules_free(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="a rule with a MAC address", expected="no such rule", where=rule.path)
        for rule in guest.network.interface_rules.value_or(())
        if rule.kind == "mac"
    ]


@check(
    "LNX-NIC-002",
    "no generator writes persistent names of interfaces",
    phase="pre",
    platform="linux",
    severity="warning",
    why="The first boot of each clone then writes a rule for the MAC address it has at that moment. A VM that is moved "
    "or gets another interface loses its network later, long after the image was tested.",
    fix="ln -sf /dev/null /etc/udev/rules.d/75-persistent-net-generator.rules",
    source=_LISA,
    grade="C",
)
def check_interface_generator_absent(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="it has content", expected="no file, or an empty one", where=rule.path)
        for rule in guest.network.interface_rules.value_or(())
        if rule.kind == "generator"
    ]


@check(
    "LNX-NIC-003",
    "no network configuration holds a MAC address",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="The configuration matches the source VM's interface only. A machine made from the image has another MAC "
    "address, so no configuration applies to it and it has no network. Files that cloud-init writes anew on each "
    "VM are not meant.",
    fix="Take the MAC address out of the file that is named (HWADDR=, mac-address=, macaddress:, MACAddress=) and "
    "match by name or driver instead.",
    source="https://github.com/canonical/cloud-init/issues/3611; libguestfs virt-sysprep, operations net-hwaddr and "
    "net-nmconn",
    grade="I",
)
def check_interface_unpinned(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="a MAC address", expected="none", where=path)
        for path in guest.network.pinned_interfaces.value_or(())
    ]


@check(
    "LNX-NIC-004",
    "no network configuration holds a fixed address",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Azure gives a VM its address by DHCP. A machine made from the image comes up with the source VM's address, "
    "gateway or name server, and is cut off, or takes the network of another.",
    fix="Set the interface of the file that is named to DHCP (BOOTPROTO=dhcp, method=auto, dhcp4: true, DHCP=yes, "
    "inet dhcp), and remove addresses, gateway and name servers. Fixed addresses are set in Azure.",
    source=f"{_LISA}; https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="C",
)
def check_interface_addresses_leased(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="a fixed address, gateway or name server", expected="DHCP", where=path)
        for path in guest.network.static_networks.value_or(())
    ]


@check(
    "LNX-NIC-005",
    "the primary interface has its address from DHCP now",
    phase="pre",
    platform="linux",
    severity="warning",
    why="An address without a lease was set by something that no known configuration file shows, a script perhaps; it "
    "will set it in every clone.",
    fix="Find out with ip -4 address and journalctl -b what set the address, and let DHCP set it.",
    source=_LISA,
    grade="C",
)
def check_interface_lease_present(guest: LinuxGuest) -> list[Problem]:
    if guest.network.primary_address.absent or guest.network.primary_address.value == "leased":
        return []
    return [problem(observed="an address without a lease", expected="a lease", where="the default route's interface")]


@check(
    "LNX-NIC-006",
    "NetworkManager leaves virtual functions of accelerated networking alone",
    phase="pre",
    platform="linux",
    severity="warning",
    applies=of_family("rhel"),
    why="With accelerated networking each interface has a twin, the virtual function. NetworkManager that manages both "
    "may give both the same address, and packets go astray on some clones only.",
    fix="Create /etc/udev/rules.d/68-azure-sriov-nm-unmanaged.rules with: "
    'SUBSYSTEM=="net", DRIVERS=="hv_pci", ACTION=="add", ENV{NM_UNMANAGED}="1"',
    source="https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd",
    grade="D",
)
def check_interface_twins_unmanaged(guest: LinuxGuest) -> list[Problem]:
    if guest.network.vf_unmanaged.value_or(False):
        return []
    return [problem(observed="no such rule", expected="hv_pci is NM_UNMANAGED", where="/etc/udev/rules.d")]
