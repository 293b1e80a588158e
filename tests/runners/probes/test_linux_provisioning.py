"""The Linux probes of cloud-init and of what waagent's deprovisioning needs, on machines of several families."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.facts import BadSwitch
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import ROUTES
from tests.runners.probes.linux_machine import Machine, reason

RHEL = {
    "/etc/os-release": 'NAME="AlmaLinux"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n',
    "/etc/redhat-release": "AlmaLinux release 9.4\n",
    "/etc/cloud/cloud.cfg.d/90_dpkg.cfg": None,
    "/etc/cloud/cloud.cfg.d/91-azure_datasource.cfg": "datasource_list:\n  - Azure\ndatasource:\n  Azure:\n    x: 1\n",
}
SUSE = {
    "/etc/os-release": 'NAME="SLES"\nVERSION_ID="15.6"\nID="sles"\nID_LIKE="suse"\n',
    "/etc/sysconfig/network/dhcp": 'DHCLIENT_SET_HOSTNAME="no"\n',
}
FLATCAR = {"/etc/os-release": "ID=flatcar\nID_LIKE=coreos\nVERSION_ID=4081.2.0\n", "/etc/cloud/cloud.cfg": None}
AZURE_LINUX = {"/etc/os-release": "ID=azurelinux\nVERSION_ID=3.0\n"}


def tool(text: str) -> str:
    return f"#!/bin/sh\n{text}\n"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.mark.parametrize("shell", SHELLS)
def test_an_ordinary_guest_is_provisioned_by_cloud_init(machine: Machine, shell: str) -> None:
    guest = machine.look(shell=need_shell(shell))
    assert guest.cloud_init.cloud_init_unit.value == "enabled"
    assert guest.cloud_init.cloud_init_status.value == "done"
    assert guest.cloud_init.cloud_init_off.value == ()
    assert guest.cloud_init.datasources.value == "Azure and 9 more"
    assert guest.cloud_init.network_disabled.absent
    assert guest.deprovision.bad_switches.value == ()
    assert guest.deprovision.sudoers_accounts.value == ("azureuser",)
    assert guest.deprovision.primary_interface.value == "eth0"
    assert guest.distribution_like.absent


@pytest.mark.parametrize("shell", SHELLS)
def test_a_red_hat_machine(machine: Machine, shell: str) -> None:
    guest = machine.look(
        {**RHEL, "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\n"}, shell=need_shell(shell)
    )
    assert guest.distribution_like.value == "rhel centos fedora"
    assert guest.deprovision.primary_ifcfg.value is True
    assert guest.cloud_init.datasources.value == "Azure"


@pytest.mark.parametrize("family", [RHEL, FLATCAR, AZURE_LINUX], ids=["alma", "flatcar", "azure linux"])
def test_a_machine_without_ifcfg_and_dhcp_files(machine: Machine, family: dict[str, str | None]) -> None:
    guest = machine.look(family)
    assert guest.deprovision.primary_ifcfg.value is False
    assert guest.deprovision.suse_dhcp_file.value is False
    assert [name for name, fact in guest.facts().items() if not fact.known] == []


def test_a_suse_machine(machine: Machine) -> None:
    guest = machine.look(SUSE)
    assert (guest.distribution.value, guest.distribution_like.value) == ("sles", "suse")
    assert guest.deprovision.suse_dhcp_file.value is True


def test_no_default_route_is_absent_and_the_cheapest_one_counts(machine: Machine) -> None:
    none = "\n".join(line for line in ROUTES.splitlines() if "00000000\t0100000A" not in line)
    guest = machine.look({"/proc/net/route": none})
    assert guest.deprovision.primary_interface.absent
    assert guest.deprovision.primary_ifcfg.absent
    second = f"{ROUTES}eth1\t00000000\t0100000B\t0003\t0\t0\t50\t00000000\t0\t0\t0\n"
    other = Machine(machine.folder.with_name("two")).look({"/proc/net/route": second})
    assert other.deprovision.primary_interface.value == "eth1"


def test_switches_that_are_neither_y_nor_n_are_told(machine: Machine) -> None:
    text = (
        "# ResourceDisk.Format=maybe\nResourceDisk.Format=yes\nProvisioning.DeleteRootPassword = Y # fine\n"
        'Logs.Verbose="n"\nProvisioning.RegenerateSshHostKeyPair= true  # no\nResourceDisk.MountPoint=/mnt\n'
        "OS.EnableFIPS=\nHttpProxy.Host=None\n"
    )
    assert machine.look({"/etc/waagent.conf": text}).deprovision.bad_switches.value == (
        BadSwitch("ResourceDisk.Format", "yes"),
        BadSwitch("Provisioning.RegenerateSshHostKeyPair", "true"),
    )


def test_the_sudo_rights_are_looked_for_where_the_agent_writes_them(machine: Machine) -> None:
    guest = machine.look(
        {
            "/etc/waagent.conf": "OS.SudoersDir=/etc/elsewhere\n",
            "/etc/elsewhere/waagent": "# made by waagent\n\nazureuser ALL=(ALL) ALL\nazureuser2 ALL=(ALL) ALL",
        }
    )
    assert guest.deprovision.sudoers_accounts.value == ("azureuser", "azureuser2")


def test_no_waagent_conf_and_no_sudo_rights_are_absent(machine: Machine) -> None:
    guest = machine.look({"/etc/waagent.conf": None, "/etc/sudoers.d/waagent": None})
    if not guest.deprovision.bad_switches.absent:
        pytest.skip("this machine has a waagent.conf of its own below /usr/share/oem")
    assert guest.deprovision.sudoers_accounts.absent


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("datasource_list: [ Azure ]\n", "Azure"),
        ("datasource_list: ['Azure', \"None\"] # only here\n", "Azure and 1 more"),
        ("datasource_list:\n- Azure\n- None\nother: 1\n", "Azure and 1 more"),
        ("datasource_list: [\n  NoCloud,\n  # Azure\n  None ]\n", "NoCloud None"),
        ("datasource_list: [ Ec2 ]\ndatasource_list: [ Azure ]\n", "Azure"),
        ("other:\n  - Azure\ndatasource_list: [Ec2]\nmore:\n  - Azure\n", "Ec2"),
    ],
)
def test_a_list_of_data_sources_is_read_in_every_form(machine: Machine, shell: str, text: str, sources: str) -> None:
    guest = machine.look({"/etc/cloud/cloud.cfg.d/99_last.cfg": text}, shell=need_shell(shell))
    assert guest.cloud_init.datasources.value == sources


@pytest.mark.parametrize("shell", SHELLS)
def test_a_cloud_init_that_is_tied_and_switched_off_is_seen_so(machine: Machine, shell: str) -> None:
    guest = machine.look(
        {
            "/etc/cloud/cloud-init.disabled": "",
            "/proc/cmdline": "root=UUID=1 cloud-init=disabled\n",
            "/etc/cloud/ds-identify.cfg": "policy: disabled\ndatasource: NoCloud\n",
            "/etc/cloud/cloud.cfg.d/99-installer.cfg": "ssh_deletekeys: False\n",
            "/etc/cloud/cloud.cfg.d/99-custom.cfg": "network:\n  config: disabled\n",
            "/etc/bin/cloud-init": tool("echo 'status: done'; echo 'extended_status: degraded done'; exit 2"),
        },
        shell=need_shell(shell),
    )
    assert guest.cloud_init.cloud_init_off.value == (
        "/etc/cloud/cloud-init.disabled",
        "the kernel command line",
        "/etc/cloud/ds-identify.cfg",
    )
    assert guest.cloud_init.ds_identify.value == "NoCloud"
    assert guest.cloud_init.installer_leftovers.value == (
        "/etc/cloud/ds-identify.cfg",
        "/etc/cloud/cloud.cfg.d/99-installer.cfg",
    )
    assert guest.cloud_init.network_disabled.value == "/etc/cloud/cloud.cfg.d/99-custom.cfg"
    assert guest.cloud_init.dhcp_elsewhere.value is False
    assert guest.cloud_init.ssh_deletekeys.value is False
    assert guest.cloud_init.cloud_init_status.value == "degraded done"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("/etc/netplan/01.yaml", "network:\n  ethernets:\n    eth0:\n      dhcp4: true\n"),
        ("/etc/network/interfaces", "auto eth0\niface eth0 inet dhcp\n"),
        ("/etc/systemd/network/20-wired.network", "[Network]\nDHCP=yes\n"),
        ("/etc/sysconfig/network/ifcfg-eth0", "BOOTPROTO='dhcp'\n"),
        ("/run/NetworkManager/x", ""),
    ],
)
def test_dhcp_may_be_configured_elsewhere(machine: Machine, file: str, text: str) -> None:
    guest = machine.look({"/etc/cloud/cloud.cfg.d/99.cfg": "network: {config: disabled}\n", file: text})
    assert guest.cloud_init.network_disabled.value == "/etc/cloud/cloud.cfg.d/99.cfg"
    assert guest.cloud_init.dhcp_elsewhere.value is True


def test_a_cloud_init_that_says_nothing_is_unknown(machine: Machine) -> None:
    guest = machine.look({"/etc/bin/cloud-init": tool("exit 1")})
    assert "ended with 1 and told no status" in reason(guest.cloud_init.cloud_init_status)


def test_no_cloud_init_is_absent(machine: Machine) -> None:
    guest = machine.look(
        {
            "/etc/bin/cloud-init": None,
            "/etc/cloud/cloud.cfg": None,
            "/etc/cloud/cloud.cfg.d/90_dpkg.cfg": None,
            "/etc/bin/systemctl": tool("echo not-found; exit 4"),
        }
    )
    assert guest.cloud_init.cloud_init_unit.absent
    assert guest.cloud_init.cloud_init_status.absent
    assert guest.cloud_init.datasources.absent
