"""The probes of the network, its way out and the SSH server, on planted machines of each family."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.facts import InterfaceRule
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import CANARY
from tests.runners.guest.planted_topics import FIXED
from tests.runners.probes.linux_machine import Machine, reason

MAC = "00:0d:3a:12:34:56"
UDEV = "/etc/udev/rules.d/70-persistent-net.rules"
NO_CLOUD_INIT: dict[str, str | bytes | None] = {"/etc/cloud/cloud-init.disabled": ""}
CLOUD_INIT: dict[str, str | bytes | None] = {"/etc/bin/cloud-init": "#!/bin/sh\n"}

IFCFG = "/etc/sysconfig/network-scripts/ifcfg-eth0"
SUSE_IFCFG = "/etc/sysconfig/network/ifcfg-eth0"
NM = "/etc/NetworkManager/system-connections/eth0.nmconnection"
NETPLAN = "/etc/netplan/01-netcfg.yaml"
RENDERED = "/etc/netplan/50-cloud-init.yaml"
NETWORKD = "/etc/systemd/network/99-dhcp-en.network"
LINK = "/etc/systemd/network/10-eth0.link"
INTERFACES = "/etc/network/interfaces"

LEASED = {
    "red hat": {IFCFG: "DEVICE=eth0\nBOOTPROTO=dhcp\nONBOOT=yes\n#HWADDR=" + MAC + "\n"},
    "red hat 9": {
        NM: "[connection]\nid=eth0\ninterface-name=eth0\n[ethernet]\ncloned-mac-address=preserve\n[ipv4]\nmethod=auto\n"
    },
    "suse": {
        SUSE_IFCFG: "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
        "/etc/sysconfig/network/ifcfg-lo": "IPADDR='127.0.0.1/8'\n",
        "/etc/sysconfig/network/config": 'NETCONFIG_DNS_STATIC_SERVERS=""\n',
    },
    "ubuntu": {NETPLAN: "network:\n  version: 2\n  ethernets:\n    eth0: {dhcp4: true}\n"},
    "azure linux": {NETWORKD: "[Match]\nName=eth0\n[Network]\nDHCP=yes\n"},
    "debian": {INTERFACES: "auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet dhcp\n"},
}
PINNED = {
    "red hat": (IFCFG, f'BOOTPROTO=dhcp\nHWADDR="{MAC.upper()}"\n'),
    "red hat 9": (NM, f"[ethernet]\nmac-address={MAC.upper()}\n[ipv4]\nmethod=auto\n"),
    "suse": (SUSE_IFCFG, f"LLADDR='{MAC}'\nBOOTPROTO='dhcp'\n"),
    "ubuntu": (
        NETPLAN,
        f'network:\n  ethernets:\n    eth0:\n      match:\n        macaddress: "{MAC}"\n      dhcp4: true\n',
    ),
    "azure linux": (NETWORKD, f"[Match]\nMACAddress={MAC}\n[Network]\nDHCP=yes\n"),
    "a link": (LINK, f"[Match]\nPermanentMACAddress={MAC}\n[Link]\nName=eth0\n"),
    "debian": (INTERFACES, f"iface eth0 inet dhcp\n  hwaddress ether {MAC}\n"),
}
STATIC = {
    "red hat": (IFCFG, "BOOTPROTO=none\nIPADDR=10.0.0.4\nPREFIX=24\n"),
    "red hat, a name server": (IFCFG, 'BOOTPROTO=dhcp\nDNS1="10.0.0.2"\n'),
    "red hat 9": (NM, "[ipv4]\naddress1=10.0.0.4/24,10.0.0.1\nmethod=manual\n"),
    "red hat 9, a name server": (NM, "[ipv4]\nmethod=auto\ndns=10.0.0.2;\n"),
    "suse": (SUSE_IFCFG, "BOOTPROTO='static'\nIPADDR='10.0.0.4/24'\n"),
    "suse, a route": ("/etc/sysconfig/network/routes", "default 10.0.0.1 - -\n"),
    "suse, a name server": ("/etc/sysconfig/network/config", 'NETCONFIG_DNS_STATIC_SERVERS="10.0.0.2"\n'),
    "ubuntu": (NETPLAN, "network:\n  ethernets:\n    eth0:\n      addresses: [10.0.0.4/24]\n"),
    "azure linux": (NETWORKD, "[Match]\nName=eth0\n[Network]\nAddress=10.0.0.4/24\n"),
    "debian": (INTERFACES, "auto eth0\niface eth0 inet static\n  address 10.0.0.4/24\n"),
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.mark.parametrize("family", LEASED)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_leased_network_is_free(machine: Machine, shell: str, family: str) -> None:
    network = machine.look({**LEASED[family]}, shell=need_shell(shell), probes=["network"]).network
    assert (network.pinned_interfaces.value, network.static_networks.value) == ((), ())
    assert network.primary_address.value == "leased"
    assert network.interface_rules.value == ()
    assert network.vf_unmanaged.value is False


@pytest.mark.parametrize("family", PINNED)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_mac_address_is_seen(machine: Machine, shell: str, family: str) -> None:
    path, content = PINNED[family]
    network = machine.look({path: content}, shell=need_shell(shell), probes=["network"]).network
    assert (network.pinned_interfaces.value, network.static_networks.value) == ((path,), ())


@pytest.mark.parametrize("family", STATIC)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_fixed_address_is_seen(machine: Machine, shell: str, family: str) -> None:
    path, content = STATIC[family]
    network = machine.look({path: content}, shell=need_shell(shell), probes=["network"]).network
    assert (network.pinned_interfaces.value, network.static_networks.value) == ((), (path,))


@pytest.mark.parametrize(
    ("change", "pinned"),
    [
        (CLOUD_INIT, ()),
        ({**CLOUD_INIT, **NO_CLOUD_INIT}, (RENDERED,)),
        ({**CLOUD_INIT, "/etc/cloud/cloud.cfg.d/99.cfg": "network: {config: disabled}\n"}, (RENDERED,)),
        ({**CLOUD_INIT, "/etc/cloud/cloud.cfg.d/99.cfg": "network:\n  config: disabled\n"}, (RENDERED,)),
        ({**CLOUD_INIT, "/etc/cloud/cloud.cfg.d/99.cfg": "# network: {config: disabled}\n"}, ()),
    ],
    ids=["it does", "switched off", "not the network", "on two lines", "a comment"],
)
def test_what_cloud_init_writes_anew_is_not_meant(
    machine: Machine, change: dict[str, str | bytes | None], pinned: tuple[str, ...]
) -> None:
    content = (
        f"# This file is generated by cloud-init\nnetwork: {{ethernets: {{eth0: {{match: {{macaddress: {MAC}}}}}}}}}\n"
    )
    assert machine.look({RENDERED: content, **change}, probes=["network"]).network.pinned_interfaces.value == pinned


def test_what_cloud_init_wrote_for_red_hat_is_known_by_its_first_line(machine: Machine) -> None:
    content = f"# Created by cloud-init on instance boot automatically, do not edit.\nHWADDR={MAC}\nBOOTPROTO=dhcp\n"
    assert machine.look({IFCFG: content, **CLOUD_INIT}, probes=["network"]).network.pinned_interfaces.value == ()


def test_udev_rules_are_told_apart(machine: Machine) -> None:
    generator = "/etc/udev/rules.d/75-persistent-net-generator.rules"
    rules = {
        UDEV: f'SUBSYSTEM=="net", ACTION=="add", ATTR{{address}}=="{MAC}", NAME="eth0"\n',
        generator: 'ACTION!="add", GOTO="end"\n',
        "/etc/udev/rules.d/80-other.rules": f'# ATTR{{address}}=="{MAC}", NAME="eth0"\n',
    }
    seen = machine.look({**rules}, probes=["network"]).network.interface_rules.value
    assert seen == (InterfaceRule("mac", UDEV), InterfaceRule("generator", generator))


def test_empty_rules_are_none(machine: Machine) -> None:
    assert (
        machine.look(
            {UDEV: "", "/etc/udev/rules.d/75-persistent-net-generator.rules": ""}, probes=["network"]
        ).network.interface_rules.value
        == ()
    )


def test_the_rule_for_virtual_functions_is_seen(machine: Machine) -> None:
    rule = 'SUBSYSTEM=="net", DRIVERS=="hv_pci", ACTION=="add", ENV{NM_UNMANAGED}="1"\n'
    assert (
        machine.look({"/etc/udev/rules.d/68-azure.rules": rule}, probes=["network"]).network.vf_unmanaged.value is True
    )


def test_an_address_without_a_lease_is_static(machine: Machine) -> None:
    tool = f"#!/bin/sh\nprintf '%b\\n' '{FIXED}'\n"
    assert machine.look({"/etc/bin/ip": tool}, probes=["network"]).network.primary_address.value == "static"


def test_an_ip_that_knows_no_leases_is_unknown(machine: Machine) -> None:
    tool = "#!/bin/sh\necho '2: eth0    inet 10.0.0.4/24 brd 10.0.0.255 scope global eth0'\n"
    assert "does not say whether" in reason(
        machine.look({"/etc/bin/ip": tool}, probes=["network"]).network.primary_address
    )


def test_no_default_route_is_absent(machine: Machine) -> None:
    assert machine.look({"/proc/net/route": "Iface\tDestination\n"}, probes=["network"]).network.primary_address.absent


@pytest.mark.parametrize("shell", SHELLS)
def test_proxies_are_seen_and_not_told(machine: Machine, shell: str) -> None:
    proxy = f"http://operator:{CANARY}@proxy.example:3128"
    files: dict[str, str | bytes | None] = {
        "/etc/environment": f'https_proxy="{proxy}"\n',
        "/etc/apt/apt.conf.d/95proxy": f'Acquire::http::Proxy "{proxy}";\n',
        "/etc/apt/apt.conf.d/96off": f'// Acquire::http::Proxy "{proxy}";\n',
        "/etc/dnf/dnf.conf": f"[main]\nproxy={proxy}\n",
        "/etc/yum.conf": "[main]\nproxy=_none_\n",
        "/etc/sysconfig/proxy": 'PROXY_ENABLED="yes"\n',
        "/etc/systemd/resolved.conf": "[Resolve]\n#DNS=1.1.1.1\nDomains=corp.example\n",
        "/etc/waagent.conf": f"HttpProxy.Host={proxy}\n",
    }
    assert machine.look(files, shell=need_shell(shell), probes=["egress"]).egress.proxies.value == (
        "/etc/environment",
        "/etc/apt/apt.conf.d/95proxy",
        "/etc/dnf/dnf.conf",
        "/etc/sysconfig/proxy",
        "/etc/waagent.conf",
        "/etc/systemd/resolved.conf",
    )


NFT = """#!/bin/sh
cat <<'EOF'
table ip security {
	chain OUTPUT {
		ip daddr 168.63.129.16 tcp dport 53 counter accept
		ip daddr 168.63.129.16 meta skuid 0 counter accept
		ip daddr 168.63.129.16 ct state invalid,new counter drop
	}
}
EOF
"""
SAVE = """#!/bin/sh
cat <<'EOF'
-A OUTPUT -d 168.63.129.16/32 -p tcp -m conntrack --ctstate INVALID,NEW -j DROP
-A OUTPUT -d 169.254.169.254/32 -j REJECT --reject-with icmp-port-unreachable
-A OUTPUT -d 168.63.129.16/32 -p tcp -m tcp --dport 32526 -j DROP
-A OUTPUT -d 10.0.0.0/8 -j DROP
EOF
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_agents_own_rule_is_left_out(machine: Machine, shell: str) -> None:
    change = {"/sys/module/nf_tables/refcnt": "1\n", "/etc/bin/nft": NFT}
    assert machine.look({**change}, shell=need_shell(shell), probes=["egress"]).egress.blocked_addresses.value == ()


@pytest.mark.parametrize("shell", SHELLS)
def test_blocked_addresses_are_seen(machine: Machine, shell: str) -> None:
    change = {"/proc/net/ip_tables_names": "filter\n", "/etc/bin/iptables-legacy-save": SAVE}
    seen = machine.look({**change}, shell=need_shell(shell), probes=["egress"]).egress.blocked_addresses
    assert seen.value == ("168.63.129.16", "169.254.169.254")


def test_a_firewall_that_nothing_lists_is_unknown(machine: Machine) -> None:
    broken = "#!/bin/sh\nexit 1\n"
    change = {"/sys/module/nf_tables/refcnt": "1\n", "/etc/bin/nft": broken, "/etc/bin/iptables-save": broken}
    assert "neither nft nor iptables-save" in reason(
        machine.look({**change}, probes=["egress"]).egress.blocked_addresses
    )


def test_tables_that_nobody_filled_need_no_tool(machine: Machine) -> None:
    change = {"/sys/module/ip_tables/refcnt": "1\n", "/proc/net/ip_tables_names": ""}
    assert machine.look({**change}, probes=["egress"]).egress.blocked_addresses.value == ()


def test_a_guest_without_a_firewall_blocks_nothing(machine: Machine) -> None:
    assert machine.look(probes=["egress"]).egress.blocked_addresses.value == ()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_ssh_server_tells_of_itself(machine: Machine, shell: str) -> None:
    sshd = machine.look(shell=need_shell(shell), probes=["sshd"]).sshd
    assert sshd.sshd_configuration.value == "ok"
    assert sshd.sshd_alive_interval.value == 120
    assert sshd.sshd_root_login.value == "without-password"
    assert sshd.sshd_empty_passwords.value == "no"
    assert sshd.sshd_key_folders.value == ("/etc/ssh",)


def test_a_complaint_of_the_ssh_server_is_its_last_line(machine: Machine) -> None:
    complaint = "/etc/ssh/sshd_config: terminating, 1 bad configuration options"
    sshd = machine.look(
        {"/etc/bin/sshd": f"#!/bin/sh\necho first >&2\necho '{complaint}' >&2\nexit 255\n"}, probes=["sshd"]
    ).sshd
    assert sshd.sshd_configuration.value == complaint
    assert "printed no clientaliveinterval" in reason(sshd.sshd_alive_interval)
    assert "printed no hostkey" in reason(sshd.sshd_key_folders)


def test_an_ssh_server_that_waits_for_its_first_connection_is_sound(machine: Machine) -> None:
    tool = (
        "#!/bin/sh\ncase $1 in -G) echo 'clientaliveinterval 0'; echo 'hostkey /srv/keys/rsa' ;;\n"
        "*) echo 'Missing privilege separation directory: /run/sshd' >&2; exit 255 ;; esac\n"
    )
    sshd = machine.look({"/etc/bin/sshd": tool}, probes=["sshd"]).sshd
    assert sshd.sshd_configuration.value == "ok"
    assert sshd.sshd_alive_interval.value == 0
    assert sshd.sshd_key_folders.value == ("/srv/keys",)


@pytest.mark.parametrize(
    ("printed", "enabled"),
    [("disabled\\ndisabled\\nenabled", True), ("alias", True), ("masked", False), ("not-found", False)],
)
def test_either_the_service_or_the_socket_starts_it(machine: Machine, printed: str, enabled: bool) -> None:
    tool = f"#!/bin/sh\nprintf '{printed}\\n'\n"
    assert machine.look({"/etc/bin/systemctl": tool}, probes=["sshd"]).sshd.sshd_at_boot.value is enabled


def test_a_systemd_that_does_not_answer_makes_it_unknown(machine: Machine) -> None:
    tool = "#!/bin/sh\necho 'Failed to connect to bus: Host is down' >&2\nexit 1\n"
    assert "Host is down" in reason(machine.look({"/etc/bin/systemctl": tool}, probes=["sshd"]).sshd.sshd_at_boot)
