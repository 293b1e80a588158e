"""Keys and credentials are seen before the step wherever the stopped disk will be refused for them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from checks.facts import HeldFile, LinuxGuest, LoginKey
from runners.disk.process import linux_secrets
from runners.disk.process.keys import _IN_HOMES, _SERVERS, authorized_keys, private_keys
from runners.disk.process.linux_secrets import _CREDENTIALS, _WITH_TOKEN
from runners.guest.script import PROBES
from tests.runners.disk.test_linux_residue import tree
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.probes.linux_machine import Machine

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root is asked for homes")
PASSWD = """\
root:x:0:0:root:/var/lib/root:/bin/bash
ops:x:1000:1000::/var/lib/my ops:/bin/sh
azureuser:x:1001:1001::/var/lib/azureuser:/bin/sh
"""
ROOT, OPS = "/var/lib/root", "/var/lib/my ops"
BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
KEY = f"ssh-ed25519 {BLOB} me\n"
PRINT = "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"
PRIVATE = "-----BEGIN X25519 PRIVATE KEY-----\nCANARY0secret\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n"
FILES = {
    "/etc/passwd": PASSWD,
    f"{ROOT}/.ssh/id_ed25519": "damaged",
    f"{ROOT}/.ssh/id_ed25519.pub": PRIVATE,
    f"{ROOT}/.ssh/known_hosts": PRIVATE,
    f"{ROOT}/.ssh/config": PRIVATE,
    f"{ROOT}/.gnupg/private-keys-v1.d/0A.key": "(protected-private-key",
    f"{ROOT}/.gnupg/pubring.kbx": "x",
    f"{ROOT}/store.p12": "x",
    f"{ROOT}/empty.pfx": "",
    f"{ROOT}/ca.pem": CERTIFICATE,
    f"{OPS}/a b.jks": "x",
    f"{OPS}/putty.ppk": "PuTTY-User-Key-File-3: ssh-rsa\n",
    f"{OPS}/id_of_what": PRIVATE,
    f"{OPS}/.npmrc": "//registry.npmjs.org/:_authToken=CANARY0secret\n",
    f"{OPS}/.terraform.d/credentials.tfrc.json": "{}",
    f"{OPS}/.kube/config": "x",
    f"{OPS}/.azure/deep/token.json": "x",
    f"{ROOT}/.npmrc": "save-exact=true\n",
    f"{ROOT}/.terraform.d/checkpoint_cache": "x",
    f"{ROOT}/.docker/config.json": "",
    "/etc/ssh/deploy": PRIVATE,
    "/etc/ssh/ssh_host_ed25519_key": PRIVATE,
    "/etc/ssh/moduli": PRIVATE,
    "/etc/server.key": PRIVATE,
    "/etc/server.pem": f"{CERTIFICATE}{PRIVATE}",
    "/etc/chain.pem": CERTIFICATE,
    "/etc/java.keystore": "x",
    "/etc/mysql/server.key": PRIVATE,
    "/etc/mysql/public.key": CERTIFICATE,
    "/etc/tomcat/own.jks": "x",
    "/etc/ssl/private/my server": "der",
    "/etc/pki/tls/private/deep/x": "der",
    "/etc/letsencrypt/archive/example.com/privkey1.pem": PRIVATE,
    "/etc/letsencrypt/archive/example.com/cert1.pem": CERTIFICATE,
    "/etc/nginx/certs/deep/site": PRIVATE,
    "/etc/nginx/nginx.conf": "x",
}
LINKS = {"/etc/letsencrypt/live/example.com/privkey.pem": "../../archive/example.com/privkey1.pem"}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def looked(machine: Machine, files: dict[str, str], shell: str = "") -> LinuxGuest:
    return machine.look(files, links=LINKS, shell=need_shell(shell or next(iter(SHELLS))), probes=["residue"])


def paths(files: tuple[HeldFile, ...]) -> set[str]:
    homes = {"root": ROOT, "ops": OPS, "azureuser": "/var/lib/azureuser"}
    return {f"{homes[item.account]}/{item.file}" if item.account in homes else item.file for item in files}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_guest_sees_the_keys_and_credentials_that_the_reader_of_its_disk_will_see(
    machine: Machine, shell: str
) -> None:
    seen = looked(machine, FILES, shell).residue
    disk = tree({name.lstrip("/"): text for name, text in FILES.items()})
    assert paths(seen.private_keys.value) == {*private_keys(disk), *LINKS}
    assert paths(seen.credentials.value) == set(linux_secrets.LOOKS["credentials"](disk))
    assert (len(seen.private_keys.value), len(seen.credentials.value)) == (17, 4)


def test_they_are_looked_for_at_the_places_of_the_disk_s_reader() -> None:
    text = (PROBES / "linux" / "residue.sh").read_text(encoding="utf-8").replace("\\\n", " ")
    body = dict(re.findall(r"^([a-z_]+)\(\) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    in_homes = {
        name: {f"~/{place}" for place in re.findall(r'"\$home"/([^\s;}]+)', part)} for name, part in body.items()
    }
    assert in_homes["look_at_private_keys"] == set(_IN_HOMES)
    folders = {f"~/{place}" for place in (".azure", ".config/gcloud")}
    asked = in_homes["look_at_credentials"] - folders | {f"{folder}/**" for folder in folders}
    gone_with_memory = "/run/containers/*/auth.json"
    assert asked | {gone_with_memory} == {*_CREDENTIALS, _WITH_TOKEN}
    deep, _, flat = body["server_files"].partition("! -type d")
    servers = {f"{place}/**" for place in re.findall(r"/etc/\S+", deep)} | set(re.findall(r"/etc/\S+", flat))
    assert servers == set(_SERVERS)


SSHD = "Port 22\n#AuthorizedKeysFile /etc/never\n authorizedkeysfile\t{words}\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "file", "account"),
    [
        (".ssh/authorized_keys", f"{OPS}/.ssh/authorized_keys2", "ops"),
        (".keys/in", f"{OPS}/.keys/in", "ops"),
        ("none %h/.keys", f"{ROOT}/.keys", "=root"),
        ("%h/.ssh/%u_keys", f"{ROOT}/.ssh/root_keys", "root"),
        ("%h/.ssh/%u_keys", f"{ROOT}/.ssh/gone_keys", "-"),
        ('.ssh/authorized_keys "/etc/ssh/keys/%u"', "/etc/ssh/keys/azureuser", "=azureuser"),
        ("/etc/ssh/keys/%u.pub", "/etc/ssh/keys/gone.pub", "-"),
        ("/etc/keys/%u/keys", "/etc/keys/ops/keys", "=ops"),
        ("/etc/all_keys", "/etc/all_keys", "-"),
    ],
)
def test_keys_that_let_in_are_found_where_sshd_looks_for_them(
    machine: Machine, words: str, file: str, account: str, shell: str
) -> None:
    files = {"/etc/passwd": PASSWD, "/etc/ssh/sshd_config": SSHD.format(words=words), file: KEY, "/etc/never": KEY}
    assert looked(machine, files, shell).residue.authorized_keys.value == (LoginKey(account, PRINT),)
    found = authorized_keys(tree({name.lstrip("/"): text for name, text in files.items()}))
    assert {key.path for key in found} == {file}
    if account != "-":
        assert {key.account for key in found} == {account.lstrip("=")}
