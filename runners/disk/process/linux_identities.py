"""What on a Linux disk makes others take a machine for this one: paths by paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from runners.disk.process.search import files
from runners.disk.process.tree import Tree

# What sssd keeps on a machine that joined no domain, as RHEL 8 has it: its settings and the accounts of /etc/passwd.
_LOCAL_SSSD = re.compile(r"/var/lib/sss/(?:mc/.*|db/(?:config|sssd|\w+_implicit_files)\.ldb)")
_SUSE_BILLED = "/etc/regionserverclnt.cfg"
_SUSE = ("/etc/zypp/credentials.d/SCCcredentials", "/etc/SUSEConnect")
# Before the step runners/probes/linux/kept.sh looks at the same places, for what fails here.
PLACES: Mapping[str, tuple[str, ...]] = {
    "domain_accounts": (
        "/etc/krb5.keytab",
        "/var/lib/sss/db/*",
        "/var/lib/sss/secrets/*",
        "/var/lib/sss/mc/*",
        "/var/lib/samba/private/*.tdb",
        "/etc/ipa/default.conf",
        "/etc/ipa/nssdb/*",
        "/var/lib/ipa-client/**",
        "/tmp/krb5cc_*",  # noqa: S108 - in the image
    ),
    "registrations": (
        "/etc/pki/consumer/*",
        "/etc/pki/entitlement/*",
        "/etc/sysconfig/rhn/systemid",
        "/etc/sysconfig/rhn/osad-auth.conf",
        "/etc/insights-client/machine-id",
        "/etc/zypp/credentials.d/SCCcredentials",
        "/etc/SUSEConnect",
        "/var/lib/ubuntu-advantage/private/*",
        "/etc/apt/auth.conf",
        "/etc/apt/auth.conf.d/*",
    ),
    "onboardings": (
        "/etc/opt/microsoft/mdatp/mdatp_onboard.json",
        "/var/opt/azcmagent/**",
        "/etc/opt/azcmagent/**",
    ),
    "monitoring": (
        "/etc/opt/microsoft/azuremonitoragent/**",
        "/var/opt/microsoft/azuremonitoragent/**",
        "/etc/opt/microsoft/omsagent/*/conf/*",
        "/etc/opt/microsoft/omsagent/*/certs/*",
        "/var/opt/microsoft/mdatp/**",
        "/var/log/microsoft/mdatp/**",
    ),
    "peer_keys": (
        "/var/lib/tailscale/tailscaled.state",
        "/var/lib/zerotier-one/identity.secret",
        "/etc/wireguard/*.conf",
        "/etc/openvpn/*.key",
        "/etc/openvpn/*/*.key",
    ),
    "cluster_keys": (
        "/etc/puppetlabs/puppet/ssl/**",
        "/var/lib/puppet/ssl/**",
        "/etc/chef/client.pem",
        "/etc/salt/pki/**",
        "/etc/salt/minion_id",
        "/var/lib/kubelet/pki/*",
        "/etc/kubernetes/*.conf",
        "/var/lib/docker/swarm/**",
        "/etc/rancher/node/*",
    ),
    "storage_names": (
        "/etc/iscsi/initiatorname.iscsi",
        "/etc/nvme/hostid",
        "/etc/nvme/hostnqn",
        "/etc/multipath/wwids",
        "/etc/multipath/bindings",
    ),
    "lvm_devices": ("/etc/lvm/devices/system.devices",),
    "installation_ids": (
        "/var/lib/yum/uuid",
        "/etc/sysconfig/hw-uuid",
        "/etc/smolt/*",
        "/etc/blkid.tab",
        "/etc/blkid/*",
        "/run/blkid/*",
        "/var/lib/snapd/device/**",
    ),
}
# initiatorname.iscsi of Debian before its first start: GenerateName=yes
_GENERATED = re.compile(rb"^\s*GenerateName\s*=\s*yes", re.MULTILINE)
_MOST_PATHS = 50

# psk=... wep-key0=... password=... private-key=...       address1=10.0.0.4/24,10.0.0.1       method=manual
_SECRET = re.compile(
    r"^\s*(?:psk|wep-key\d|password|private-key|leap-password|address\d*\s*=\s*\d[^\n]*|method\s*=\s*manual)", re.M
)
_CONNECTIONS = ("/etc/NetworkManager/system-connections/*",)
_RULES = ("/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/75-persistent-net-generator.rules")
_CARDS = (
    *_CONNECTIONS,
    "/etc/sysconfig/network-scripts/ifcfg-*",
    "/etc/sysconfig/network/ifcfg-*",
    "/etc/netplan/*.yaml",
    "/etc/systemd/network/*.network",
    "/etc/systemd/network/*.link",
    "/etc/network/interfaces",
    "/etc/network/interfaces.d/*",
)
_MAC = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])")


def _kept(tree: Tree, places: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is at these places; the first fifty of more, which are enough to fail for."""
    found = files(tree, places)
    return tuple([path for path in found if not _GENERATED.search(_head(tree, path))][:_MOST_PATHS])


def _head(tree: Tree, path: str) -> bytes:
    return tree.content(path) if path == "/etc/iscsi/initiatorname.iscsi" else b""


def _domain_accounts(tree: Tree) -> tuple[str, ...]:
    found = _kept(tree, PLACES["domain_accounts"])
    return found if any(not _LOCAL_SSSD.fullmatch(path) for path in found) else ()


def _registrations(tree: Tree) -> tuple[str, ...]:
    """Return the registrations. An image of SUSE that Azure bills for has a region server, and registers anew there."""
    found = _kept(tree, PLACES["registrations"])
    return tuple(path for path in found if path not in _SUSE) if files(tree, (_SUSE_BILLED,)) else found


def _pinned_secrets(tree: Tree) -> tuple[str, ...]:
    found = [path for path in files(tree, _CONNECTIONS) if _SECRET.search(tree.text(path))]
    return tuple(found + [path for path in files(tree, _RULES) if _MAC.search(tree.text(path))])


def _pinned_cards(tree: Tree) -> tuple[str, ...]:
    return tuple(path for path in files(tree, _CARDS) if _MAC.search(tree.text(path)))


LOOKS: Mapping[str, Callable[[Tree], Any]] = {
    **{name: partial(_kept, places=places) for name, places in PLACES.items()},
    "domain_accounts": _domain_accounts,
    "registrations": _registrations,
    "pinned_secrets": _pinned_secrets,
    "pinned_cards": _pinned_cards,
}
