"""The probe `residue`: how much there is of what deprovisioning may leave behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checks.facts import HeldFile, LoginKey, ShellHistory
from runners.disk.process.homes import homes as disk_homes
from tests.runners.disk.test_linux_residue import tree
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.probes.linux_machine import Machine, reason

PASSWD = """\
root:x:0:0:root:/var/lib/root:/bin/bash
other:x:1001:1001::/var/lib/other:/bin/sh
none:x:1002:1002::/nonexistent:/bin/sh
"""
"""Their homes are below a folder that a planted machine has for its own."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.mark.parametrize("shell", SHELLS)
def test_residue_is_counted_and_named(machine: Machine, shell: str) -> None:
    seen = machine.look(
        {
            "/etc/passwd": PASSWD,
            "/etc/ssh/ssh_host_rsa_key": "x",
            "/etc/ssh/ssh_host_rsa_key.pub": "x",
            "/etc/ssh/sshd_config": "x",
            "/var/lib/root/.bash_history": "x",
            "/var/lib/root/.zsh_history": "",
            "/var/lib/other/.history": "x",
            "/etc/shadow-": "root:*:1::::::\na:!$6$x$y:1::::::\nb:0123456789abc:1::::::\nc::1::::::\n",
            "/var/lib/cloud/instances/one/sem/x": "x",
        },
        shell=need_shell(shell),
    ).residue
    assert seen.host_keys.value == 2
    assert seen.shell_histories.value == (ShellHistory("root", ".bash_history"), ShellHistory("other", ".history"))
    assert seen.backup_hashes.value == 2
    assert seen.cloud_instances.value == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_a_machine_without_any_of_it_shows_none(machine: Machine, shell: str) -> None:
    seen = machine.look({"/etc/shadow-": None}, shell=need_shell(shell)).residue
    assert (seen.host_keys.value, seen.cloud_instances.value) == (0, 0)
    assert seen.backup_hashes.absent


BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
REFERS = f"command=\"echo 'Please login as the user x'\" ssh-ed25519 {BLOB}\n"
PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is asked for homes and logs")
@pytest.mark.parametrize("shell", SHELLS)
def test_keys_credentials_and_what_goes_on_are_named_and_counted(machine: Machine, shell: str) -> None:
    seen = machine.look(
        {
            "/etc/passwd": PASSWD,
            "/var/lib/root/.ssh/authorized_keys": f"# x\n{REFERS}ssh-ed25519 {BLOB} me\nno key\n",
            "/var/lib/other/.ssh/authorized_keys": REFERS,
            "/var/lib/root/.ssh/deploy": PRIVATE,
            "/var/lib/root/.ssh/deploy.pub": PRIVATE,
            "/var/lib/root/.azure/token.json": "x",
            "/var/lib/other/.netrc": "x",
            "/var/lib/other/.psql_history": "x",
            "/var/lib/other/.viminfo": "",
            "/var/lib/root/.ssh/known_hosts": "x",
            "/etc/ssl/private/a.key": PRIVATE,
            "/etc/nginx/b.crt": "x",
            "/var/spool/cron/crontabs/other": "x",
            "/etc/gshadow-": "a:$6$x$y::\n",
            "/var/lib/NetworkManager/secret_key": "x",
            "/var/lib/NetworkManager/NetworkManager.state": "x",
            "/var/log/syslog": "x",
            "/var/log/waagent.log": "x",
            "/var/log/apt/term.log": "",
            "/var/tmp/setup.sh": "",
            "/var/lib/cloud/instances/one/user-data.txt": "#cloud-config\nusers: []\n",
            "/var/lib/cloud/seed/nocloud/user-data": "#cloud-config\n{}\n",
            "/var/lib/cloud/data/set-hostname": "x",
        },
        shell=need_shell(shell),
        probes=["residue"],
    ).residue
    one = "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"
    assert seen.authorized_keys.value == (LoginKey("root", one), LoginKey("root", "-"))
    assert seen.private_keys.value == (HeldFile("root", ".ssh/deploy"), HeldFile("-", "/etc/ssl/private/a.key"))
    assert seen.credentials.value == (HeldFile("root", ".azure"), HeldFile("other", ".netrc"))
    assert seen.tool_histories.value == (HeldFile("other", ".psql_history"),)
    assert seen.ssh_peers.value == (HeldFile("root", ".ssh/known_hosts"),)
    assert seen.crontabs.value == ("other",)
    assert (seen.copied_hashes.value, seen.lease_files.value, seen.log_files.value) == (1, 1, 1)
    assert (seen.cloud_user_data.value, seen.cloud_seed.value, seen.cloud_hostname.value) == (1, 0, True)
    assert seen.temporary_files.value >= 1


def test_a_machine_without_accounts_cannot_be_searched_for_histories(machine: Machine) -> None:
    assert not machine.look({"/etc/passwd": None}).residue.shell_histories.known


@pytest.mark.parametrize("shell", SHELLS)
def test_a_home_counts_once(machine: Machine, shell: str) -> None:
    seen = machine.look(
        {
            "/etc/passwd": "root:x:0:0:root:/var/lib/root:/bin/bash\noperator:x:11:0::/var/lib/root/:/sbin/nologin\n",
            "/var/lib/root/.bash_history": "x",
        },
        shell=need_shell(shell),
        probes=["residue"],
    ).residue

    assert [item.account for item in seen.shell_histories.value] == ["root"]


NETHOME = "/var/lib/nethome"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is asked for homes")
@pytest.mark.parametrize("shell", SHELLS)
def test_homes_that_no_key_visits_are_told_apart(machine: Machine, shell: str) -> None:
    seen = machine.look(
        {
            "/etc/passwd": f"{PASSWD}ops:x:1000:1000::{NETHOME}/ops/:/bin/sh\n",
            "/etc/sssd/sssd.conf": f"[nss]\n override_homedir = {NETHOME}/%d/%u\nfallback_homedir = /%u\n",
            f"{NETHOME}/ops/.bash_history": "x",
            f"{NETHOME}/ops/work/.my/.netrc": "x",
            f"{NETHOME}/example.com/jdoe/.bash_history": "x",
            f"{NETHOME}/example.com/jdoe/.ssh/authorized_keys": f"ssh-ed25519 {BLOB} me\n",
            f"{NETHOME}/example.com/jdoe/.ssh/deploy": PRIVATE,
            f"{NETHOME}/example.com/jdoe/.netrc": "x",
            f"{NETHOME}/example.com/jdoe/.viminfo": "x",
            f"{NETHOME}/example.com/jdoe/src/deep/.netrc": "x",
            f"{NETHOME}/a/b/c/d/.netrc": "x",
        },
        shell=need_shell(shell),
        probes=["residue"],
    ).residue
    home = f"{NETHOME}/example.com/jdoe"
    assert seen.shell_histories.value == (ShellHistory("ops", ".bash_history"), ShellHistory("+", ".bash_history"))
    assert seen.authorized_keys.value[0].account == "+"
    assert seen.private_keys.value == (HeldFile("+", f"{home}/.ssh/deploy"),)
    assert seen.tool_histories.value == (HeldFile("+", f"{home}/.viminfo"),)
    assert set(seen.credentials.value) == {HeldFile("+", f"{home}/.netrc"), HeldFile("+", f"{NETHOME}/a/b/c/d/.netrc")}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("/etc/default/useradd", f"# HOME=/home\nHOME={NETHOME}/\n"),
        ("/etc/adduser.conf", f'DHOME="{NETHOME}"\n'),
        ("/etc/sssd/conf.d/10.conf", f"[nss]\nhomedir_substring={NETHOME}\nfallback_homedir = %H/%d/%u\n"),
        ("/etc/samba/smb.conf", f"[global]\n   template homedir = {NETHOME}/%D/%U\n"),
    ],
)
def test_homes_are_looked_for_where_they_are_made(machine: Machine, file: str, text: str) -> None:
    files = {"/etc/passwd": PASSWD, file: text, f"{NETHOME}/x/jdoe/.history": "x"}
    assert machine.look(files, probes=["residue"]).residue.shell_histories.value == (ShellHistory("+", ".history"),)
    disk = {name.lstrip("/"): content for name, content in files.items()}
    assert f"{NETHOME}/x/jdoe" in disk_homes(tree({**disk}))


def test_homes_that_are_too_deep_to_be_searched_are_unknown(machine: Machine) -> None:
    files = {"/etc/adduser.conf": f"DHOME={NETHOME}\n", f"{NETHOME}/a/b/c/d/e/f/g/h/x": ""}
    assert "more than is searched" in reason(machine.look(files, probes=["residue"]).residue.shell_histories)
