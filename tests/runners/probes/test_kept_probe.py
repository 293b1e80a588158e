"""What no step removes is seen before the step wherever the stopped disk will be refused for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.facts import KeptFile
from runners.disk.process import linux_identities, linux_secrets
from runners.disk.process.tree import Tree
from runners.guest.script import PROBES
from tests.runners.disk.test_linux_residue import tree
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.probes.linux_machine import Machine, reason

HASH = "$6$saltsalt$0123456789abcdefghijklmnop"
HELD = {
    "etc/pki/consumer/cert.pem": "x",
    "etc/pki/entitlement/1.pem": "",
    "etc/zypp/credentials.d/SCCcredentials": "x",
    "etc/apt/auth.conf.d/90ubuntu-advantage": "x",
    "var/lib/ubuntu-advantage/private/machine-token.json": "{}",
    "etc/krb5.keytab": "x",
    "etc/opt/microsoft/mdatp/mdatp_onboard.json": "{}",
    "etc/opt/azcmagent/certs/deep/myCert.cer": "x",
    "etc/wireguard/wg0.conf": "x",
    "etc/openvpn/client/a.key": "x",
    "etc/puppetlabs/puppet/ssl/private_keys/a.pem": "x",
    "etc/kubernetes/kubelet.conf": "x",
    "var/spool/abrt/ccpp-1/coredump": "x",
    "var/lib/systemd/coredump/core.1": "x",
    "var/log/dump/empty": "",
    "etc/cloud/cloud.cfg.d/99-installer.cfg": f"rootpw --iscrypted {HASH}\n",
    "var/log/anaconda/ks.cfg": "rootpw --plaintext x\n",
    "var/log/installer/cloud-init/user-data": f'passwd: "{HASH}"\n',
    "etc/ssh/sshd_config": "HostKey /etc/ssh/ssh_host_rsa_key\n hostkey = /etc/keys/one\n#HostKey /etc/keys/two\n",
    "etc/ssh/sshd_config.d/keys.conf": "HOSTKEY\t/etc/keys/three \n",
    "etc/keys/one": "x",
    "etc/keys/two": "x",
    "etc/NetworkManager/system-connections/office.nmconnection": "[wifi-security]\npsk=x\n",
    "etc/NetworkManager/system-connections/fixed.nmconnection": "[ipv4]\naddress1=10.0.0.4/24\nmethod=manual\n",
    "etc/NetworkManager/system-connections/plain.nmconnection": "[ipv4]\nmethod=auto\n",
}
KINDS: dict[Any, Callable[[Tree], Any]] = {
    **{
        kind: linux_identities.LOOKS[kind]
        for kind in ("registrations", "domain_accounts", "onboardings", "peer_keys", "cluster_keys", "pinned_secrets")
    },
    **{kind: linux_secrets.LOOKS[kind] for kind in ("memory_dumps", "installer_hashes", "host_keys_elsewhere")},
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def seen(machine: Machine, files: dict[str, str], shell: str = next(iter(SHELLS))) -> set[KeptFile]:
    looked = machine.look({f"/{name}": text for name, text in files.items()}, shell=need_shell(shell), probes=["kept"])
    assert looked.kept.kept_files.known, reason(looked.kept.kept_files)
    return set(looked.kept.kept_files.value)


def found(files: dict[str, str]) -> set[KeptFile]:
    disk = tree({**files})
    return {KeptFile(kind, path) for kind, look in KINDS.items() for path in look(disk)}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_guest_sees_what_the_reader_of_its_disk_will_see(machine: Machine, shell: str) -> None:
    assert seen(machine, HELD, shell) == found(HELD)
    assert {item.kind for item in found(HELD)} == set(KINDS)


@pytest.mark.parametrize(
    "files",
    [
        {"var/lib/sss/db/config.ldb": "x", "var/lib/sss/mc/passwd": "x", "var/lib/sss/db/x_implicit_files.ldb": "x"},
        {"etc/regionserverclnt.cfg": "x", "etc/SUSEConnect": "x", "etc/zypp/credentials.d/SCCcredentials": "x"},
        {
            "var/log/installer/syslog": "x",
            "etc/ssh/sshd_config": "HostKey /etc/ssh/ssh_host_rsa_key\nHostKey /etc/none\n",
        },
    ],
)
def test_what_every_machine_has_is_none(machine: Machine, files: dict[str, str]) -> None:
    assert seen(machine, files) == found(files) == set()


def test_each_kind_is_looked_for_at_the_places_of_the_disk_s_reader() -> None:
    text = (PROBES / "linux" / "kept.sh").read_text(encoding="utf-8").replace("\\\n", " ")
    places: dict[str, set[str]] = {}
    for kind, patterns in re.findall(r"kept ([a-z_]+)((?: +'[^']+')+)", text):
        places.setdefault(kind, set()).update(re.findall(r"'([^']+)'", patterns))
    assert places.pop("memory_dumps") == set(linux_secrets.DUMPS)
    assert places == {kind: set(linux_identities.PLACES[kind]) for kind in places}
    assert set(places) == set(KINDS) & set(linux_identities.PLACES)
    (installers,) = re.findall(r"look_at_installers\(\) \{[^']*((?:'[^']+' +)+)\|", text.replace("# rootpw", "#"))
    assert set(re.findall(r"'([^']+)'", installers)) == set(linux_secrets.INSTALLERS)
