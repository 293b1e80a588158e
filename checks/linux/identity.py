"""Identities on the stopped disk: what makes others take every new machine for this one."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import LinuxDisk, Policy
from checks.remains import left

_INFERENCE = "our own inference from where these programs keep their state"


@check(
    "LNX-DOMAIN-002",
    "the stopped disk holds no membership of a domain",
    phase="post",
    platform="linux",
    severity="blocker",
    why="With the keytab of one computer account in all machines, each can pose as any other to the domain, and the "
    "caches of sssd hold hashes of those who logged in.",
    fix="realm leave (ipa-client-install --uninstall for IPA) in the source VM, delete the rest; then seal again.",
    source="libguestfs virt-sysprep, operations kerberos-hostkeytab, sssd-db-log, samba-db-log and ipa-client",
    grade="C",
)
def check_identity_domain_left(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.domain_accounts, policy, "state of a domain's member")


@check(
    "LNX-REGISTER-001",
    "the stopped disk is not registered with a distributor",
    phase="post",
    platform="linux",
    severity="blocker",
    why="All machines made from the image would share one entitlement and one consumer, and whoever gets the image "
    "gets the credentials.",
    fix="subscription-manager unregister && subscription-manager clean, SUSEConnect -d, or pro detach in the source "
    "VM; then seal again.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd and libguestfs "
    "virt-sysprep, operations rh-subscription-manager and rhn-systemid",
    grade="D",
)
def check_identity_registration_left(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.registrations, policy, "a registration, or its credentials")


@check(
    "LNX-DEFENDER-002",
    "the stopped disk is onboarded neither to Defender nor to Azure Arc",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Every machine made from the image would report as this one device, into the tenant of whoever built it.",
    fix="Offboard Defender with the tenant's script, or azcmagent disconnect, in the source VM; then seal again.",
    source="https://github.com/microsoft/lisa (check-mdatp.sh) and https://github.com/microsoft/mdatp-xplat/issues/88",
    grade="I",
)
def check_identity_onboarding_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.onboardings, policy, "an onboarding")


@check(
    "LNX-MONITOR-002",
    "the stopped disk holds no state of a monitoring agent",
    phase="post",
    platform="linux",
    severity="warning",
    why="The agent's identity and workspace go into every machine. waagent deletes the extension's folder and not "
    "what the agent keeps elsewhere.",
    fix="Remove the extension through Azure before sealing, and delete what it leaves.",
    source="recorded run of waagent 2.7.3, after which the folder of Azure Monitor's agent was still there",
    grade="T",
)
def check_identity_monitoring_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.monitoring, policy, "state of a monitoring agent")


@check(
    "LNX-MESH-002",
    "the stopped disk holds no key of a VPN or mesh",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Whoever gets the image is a member of that network, and two machines with one key cut each other off.",
    fix="tailscale logout, zerotier-cli leave, or delete the keys in the source VM; then seal again.",
    source=_INFERENCE,
    grade="X",
)
def check_identity_peer_keys_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.peer_keys, policy, "a key of a VPN or mesh")


@check(
    "LNX-MANAGER-002",
    "the stopped disk holds no key of configuration management or of a cluster",
    phase="post",
    platform="linux",
    severity="blocker",
    why="With this node's certificate each machine gets what only this node may have, and the server takes them all "
    "for one.",
    fix="Remove the node's keys in the source VM (rm -rf /etc/puppetlabs/puppet/ssl, kubeadm reset, docker swarm "
    "leave ...); then seal again.",
    source=f"libguestfs virt-sysprep, operation puppet-data-log; {_INFERENCE}",
    grade="X",
)
def check_identity_cluster_keys_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.cluster_keys, policy, "a key or name of this node")


@check(
    "LNX-STORAGE-001",
    "the stopped disk has no name of its own for storage",
    phase="post",
    platform="linux",
    severity="warning",
    why="Storage grants volumes to these names: two machines with one name write to one volume.",
    fix="rm /etc/iscsi/initiatorname.iscsi /etc/nvme/hostid /etc/nvme/hostnqn in the source VM, where something makes "
    "new ones at the first boot; then seal again.",
    source=_INFERENCE,
    grade="X",
)
def check_identity_storage_names_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.storage_names, policy, "a name of this machine")


def _has_logical_volumes(disk: LinuxDisk) -> bool:
    return any(volume.filesystem == "lvm" for volume in disk.coverage.volumes)


@check(
    "LNX-LVM-003",
    "the stopped disk has no list of this machine's disks for LVM",
    phase="post",
    platform="linux",
    severity="blocker",
    applies=_has_logical_volumes,
    why="On a clone, whose disk has another identity than the listed one, LVM does not see its own volumes.",
    fix="rm /etc/lvm/devices/system.devices in the source VM, then seal again. With use_devicesfile=0 in "
    "/etc/lvm/lvm.conf it is not used, and may be named in allow_files.",
    source="https://github.com/canonical/cloud-init/pull/1514 and https://github.com/osbuild/image-builder/issues/1409",
    grade="I",
)
def check_identity_lvm_devices_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.lvm_devices, policy, "it names this machine's disks")


@check(
    "LNX-NIC-007",
    "no network configuration on the stopped disk holds a secret or a fixed address",
    phase="post",
    platform="linux",
    severity="blocker",
    why="A fixed address, or a rule that names this machine's network card, leaves new machines without a network; a "
    "stored password goes to whoever gets the image.",
    fix="nmcli connection delete NAME, or rm /etc/udev/rules.d/70-persistent-net.rules in the source VM; then seal "
    "again.",
    source="https://github.com/microsoft/lisa (verify_udev_rules_moved) and libguestfs virt-sysprep, operations "
    "net-nmconn and udev-persistent-net",
    grade="C",
)
def check_identity_network_free(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.pinned_secrets, policy, "a secret, a fixed address or a network card's name", "none")


@check(
    "LNX-NIC-008",
    "no network configuration on the stopped disk names a network card",
    phase="post",
    platform="linux",
    severity="warning",
    why="A new machine has another MAC address. cloud-init writes the file anew where it provisions; elsewhere the "
    "network stays down.",
    fix="Remove the line with the MAC address in the source VM, or cloud-init clean --configs network; seal again.",
    source="https://github.com/canonical/cloud-init/issues/3611",
    grade="I",
)
def check_identity_network_cards_unnamed(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.pinned_cards, policy, "a MAC address", "none")


@check(
    "LNX-INSTALL-001",
    "the stopped disk has no small identities of this installation",
    phase="post",
    platform="linux",
    severity="info",
    why="yum, blkid and snapd take each machine for the same installation; most make a new one where there is none.",
    fix="Delete the files in the source VM, then seal again.",
    source="libguestfs virt-sysprep, operations yum-uuid, blkid-tab and smolt-uuid",
    grade="C",
)
def check_identity_installation_unnamed(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.identities.installation_ids, policy, "an identity of this installation")
