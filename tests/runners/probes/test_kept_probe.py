"""What no step removes is seen before the step wherever the stopped disk will be refused for it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.facts import KeptFile
from runners.cli import ROOT
from runners.disk.process import linux_identities, linux_secrets
from runners.disk.process.tree import Tree
from runners.guest.script import PROBES
from tests.runners.disk.test_linux_residue import tree
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import LINKS
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


# sudo's rules


PASSWD = "root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n"
SHIPPED = (
    "Defaults\tenv_reset\nDefaults   !visiblepw\nroot\tALL=(ALL:ALL) ALL\nALL ALL=(ALL) ALL\n%wheel ALL=NOPASSWD: ALL\n"
    "# User_Alias ADMINS = jsmith, mikem\n#includedir /etc/sudoers.d\n"
)
GETENT = "#!/bin/sh\n[ $2 = jdoe ] && echo 'jdoe:*:71000:71000::/home/jdoe:/bin/sh'\n"


def rules(machine: Machine, files: dict[str, str], links: dict[str, str] | None = None, shell: str = "") -> set[str]:
    """Return the accounts whose rules stay whatever `clean` does."""
    guest = machine.look(
        {"/etc/passwd": PASSWD, "/etc/bin/getent": GETENT, "/etc/sudoers": SHIPPED, **files},
        links={**LINKS, **(links or {})},
        shell=need_shell(shell or next(iter(SHELLS))),
        probes=["kept"],
    )
    assert guest.kept.kept_sudoers.known, reason(guest.kept.kept_sudoers)
    return set(guest.kept.kept_sudoers.value)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("gone ALL=(ALL) NOPASSWD:ALL\n  Gone-2\tALL=NOPASSWD: ALL  # ours", set()),
        ("gone-a, gone-b ALL=(ALL) NOPASSWD:ALL", {"gone-a", "gone-b"}),
        ("gone , %wheel, +net, !no, ALL ALL=NOPASSWD: ALL", {"gone"}),
        ("gone, ops ALL=(ALL) ALL # NOPASSWD", set()),
        ("gone ALL=(ALL) \\\n  NOPASSWD: ALL", {"gone"}),
        ("# a remark that ends so \\\nOTHER ALL=NOPASSWD: ALL", {"OTHER"}),
        ("User_Alias ADMINS = gone, \\\n\t%wheel : OTHERS=two\nADMINS, OTHERS ALL=NOPASSWD: ALL", {"gone", "two"}),
        (
            "#1000 ALL=NOPASSWD: ALL\n#1001 ALL=NOPASSWD: ALL\n#1002: a remark\n# 1003 ALL=NOPASSWD: ALL",
            {"ops", "#1001"},
        ),
        ("ops@example.com, EXAMPLE\\\\ops ALL=NOPASSWD: ALL", {"ops@example.com", "EXAMPLE\\ops"}),
        ('"two words" ALL=NOPASSWD: ALL', {"two words"}),
        ("jdoe ALL=NOPASSWD: ALL", {"jdoe"}),
        ("gone, two ALL=ALL\nDefaults:ops !authenticate", {"gone", "two"}),
        ("gone, two ALL=ALL\nDefaults:%wheel !authenticate", set()),
        ("Cmnd_Alias LS = /bin/ls, /bin/cat NOPASSWD\nRunas_Alias OP = gone", set()),
    ],
)
def test_rules_that_no_key_takes_out_are_named(machine: Machine, text: str, accounts: set[str], shell: str) -> None:
    assert rules(machine, {"/etc/sudoers.d/one": f"{text}\n"}, shell=shell) == accounts


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("@include /etc/rules", "etc/rules"),
        ("#include local", "etc/local"),
        ('@include "/etc/my rules"', "etc/my rules"),
        ("@include /etc/my\\ rules", "etc/my rules"),
        ("@include /etc/sudoers.%h", "etc/sudoers.goldenvm"),
        ("#includedir /etc/rules.d/", "etc/rules.d/one"),
    ],
)
def test_rules_of_files_that_are_included_stay(machine: Machine, line: str, place: str) -> None:
    files = {"/etc/sudoers": f"{SHIPPED}{line}\n", f"/{place}": "gone ALL=NOPASSWD: ALL\n@include /etc/more\n"}
    assert rules(machine, {**files, "/etc/more": "two ALL=NOPASSWD: ALL\n"}) == {"gone", "two"}


def test_rules_behind_links_and_in_hidden_files_stay(machine: Machine) -> None:
    rule = "ALL=NOPASSWD: ALL\n"
    files = {"/etc/sudoers.d/.hidden": f"one {rule}", "/etc/elsewhere": f"two {rule}"}
    assert rules(machine, files, {"/etc/sudoers.d/link": "/etc/elsewhere"}) == {"one", "two"}


def test_files_that_include_each_other_without_end_are_unknown(machine: Machine) -> None:
    looked = machine.look({"/etc/sudoers": "@include /etc/sudoers\n"}, probes=["kept"])
    assert "without end" in reason(looked.kept.kept_sudoers)


@pytest.mark.parametrize(
    "text", ["gone ALL=NOPASSWD: ALL", "gone-a, gone-b ALL=NOPASSWD: ALL", "gone , ops ALL=NOPASSWD: ALL"]
)
def test_what_is_not_named_goes_and_what_is_named_stays(machine: Machine, tmp_path: Path, text: str) -> None:
    named = rules(machine, {"/etc/sudoers.d/one": f"{text}\n"})
    (tmp_path / "etc/sudoers.d").mkdir(parents=True)
    (tmp_path / "etc/passwd").write_text(PASSWD)
    (tmp_path / "etc/sudoers.d/one").write_text(f"{text}\n")
    script = ROOT / "runners/generalize/scripts/clean/sudoers.sh"
    subprocess.run(["sh", script], cwd=tmp_path, check=True)
    left = tmp_path / "etc/sudoers.d/one"
    assert left.exists() is bool(named)
    assert not named or left.read_text() == f"{text}\n"
