"""What a stopped Linux disk still holds, in trees in memory: the forms that the lab's disks do not have."""

from __future__ import annotations

from typing import Any

import pytest

from runners.disk.process import keys, linux_identities, linux_secrets, linux_state
from runners.disk.process.tree import Tree, Unreadable
from tests.runners.disk.test_linux_residue import Link, tree

PASSWD = "root:x:0:0::/root:/bin/bash\nops:x:1001:1001::/srv/ops:/bin/sh\n"
BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
PRIVATE = "-----BEGIN RSA PRIVATE KEY-----\nx\n"
HASH = "$6$constructed$x"


def of(files: dict[str, str | None]) -> Tree:
    return tree({"etc/passwd": PASSWD, **files})


def secret(name: str, files: dict[str, str | None]) -> Any:
    return linux_secrets.LOOKS[name](of(files))


def identity(name: str, files: dict[str, str | None]) -> Any:
    return linux_identities.LOOKS[name](of(files))


def state(name: str, files: dict[str, str | None]) -> Any:
    return linux_state.LOOKS[name](of(files))


@pytest.mark.parametrize(
    ("line", "known"),
    [
        (f"ssh-ed25519 {BLOB} me", True),
        (f'from="10.0.0.0/8",no-pty ssh-ed25519 {BLOB}', True),
        (f"sk-ssh-ed25519@openssh.com {BLOB} me", True),
        ("ssh-ed25519 not!base64", False),
        ("\0\0\0", False),
    ],
)
def test_a_line_of_keys_always_counts_and_has_a_fingerprint_where_it_is_a_key(line: str, *, known: bool) -> None:
    (key,) = keys.authorized_keys(of({"root/.ssh/authorized_keys": f"# by hand\n\n{line}\n"}))
    assert key.account == "root"
    assert bool(key.fingerprint) is known


def test_keys_are_found_where_sshd_looks_for_them_and_in_homes_that_are_left() -> None:
    found = keys.authorized_keys(
        of(
            {
                "etc/ssh/sshd_config": "AuthorizedKeysFile .keys /etc/ssh/keys/%u\n",
                "etc/ssh/keys/ops": f"ssh-ed25519 {BLOB}",
                "root/.keys": f"ssh-ed25519 {BLOB}",
                "home/gone/.ssh/authorized_keys": f"ssh-ed25519 {BLOB}",
            }
        )
    )
    assert [(key.path, key.account) for key in found] == [
        ("/home/gone/.ssh/authorized_keys", ""),
        ("/root/.keys", "root"),
        ("/etc/ssh/keys/ops", "ops"),
    ]


def test_private_keys_are_told_by_name_place_or_beginning() -> None:
    files: dict[str, str | None] = {
        "root/.ssh/id_rsa": "damaged",
        "root/.ssh/id_rsa.pub": "x",
        "root/.ssh/deploy": PRIVATE,
        "root/.ssh/notes": "x",
        "srv/ops/server.pem": PRIVATE,
        "srv/ops/chain.pem": "-----BEGIN CERTIFICATE-----\n",
        "srv/ops/store.pfx": "x",
        "etc/ssl/private/any": "x",
        "etc/nginx/tls/a.key": PRIVATE,
        "etc/nginx/nginx.conf": "x",
    }
    assert set(keys.private_keys(of(files))) == {
        "/root/.ssh/id_rsa",
        "/root/.ssh/deploy",
        "/srv/ops/server.pem",
        "/srv/ops/store.pfx",
        "/etc/ssl/private/any",
        "/etc/nginx/tls/a.key",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [("#cloud-config\n{}\n", False), ("# nothing\n", False), ("#cloud-config\nusers: []\n", True), ("\x1f\x8b", True)],
)
def test_user_data_is_what_says_something(text: str, *, found: bool) -> None:
    assert bool(secret("user_data", {"var/lib/cloud/instances/a/user-data.txt": text})) is found
    assert bool(secret("user_data", {"var/lib/cloud/seed/nocloud/user-data": text})) is found
    assert not secret("user_data", {"var/lib/cloud/seed/nocloud/meta-data": "instance-id: a\n"})


@pytest.mark.parametrize(
    "files",
    [
        {"etc/shadow.bak": f"old:{HASH}:1::::::\n"},
        {"var/backups/gshadow.bak": f"old:{HASH}::\n"},
        {"etc/shadow~": f"old:!{HASH}:1::::::\n"},
    ],
)
def test_copies_of_shadow_are_told_of_for_their_hashes(files: dict[str, str | None]) -> None:
    assert secret("hashed_copies", files) == tuple(f"/{path}" for path in files)
    assert secret("hashed_copies", {"etc/shadow-": f"old:{HASH}:1::::::\n", "etc/gshadow-": "sudo:*::\n"}) == ()


def test_a_copy_that_is_none_is_damaged() -> None:
    with pytest.raises(Unreadable, match=r"/etc/shadow\.bak has a line without the 9 fields"):
        secret("hashed_copies", {"etc/shadow.bak": "\0\0\0\n"})


def test_copies_name_who_is_gone_and_groups_are_nobody() -> None:
    files: dict[str, str | None] = {"etc/group": "sudo:x:27:\n", "etc/group-": "sudo:x:27:\n"}
    assert secret("named_copies", files) == ()
    assert secret("named_copies", {**files, "etc/group-": "old:x:1000:\n"}) == ("/etc/group-",)


def test_swap_of_fstab_and_swap_with_the_usual_name_are_found() -> None:
    found = of(
        {"etc/fstab": "/var/swap none swap sw 0 0\n/dev/sdb1 none swap sw 0 0\n", "var/swap": "x", "swap.img": ""}
    )
    assert linux_secrets.swap(found, []) == ("/var/swap", "/swap.img")


@pytest.mark.parametrize(
    ("path", "text", "fact"),
    [
        (
            "etc/udev/rules.d/70-persistent-net.rules",
            'ATTR{address}=="00:0d:3a:12:34:56", NAME="eth0"',
            "pinned_secrets",
        ),
        ("etc/NetworkManager/system-connections/a", "[ipv4]\naddress1=10.0.0.4/24,10.0.0.1\n", "pinned_secrets"),
        ("etc/NetworkManager/system-connections/a", "[ipv4]\nmethod=manual\n", "pinned_secrets"),
        ("etc/sysconfig/network-scripts/ifcfg-eth0", "HWADDR=00:0D:3A:12:34:56\n", "pinned_cards"),
    ],
)
def test_network_configuration_is_told_of_for_what_ties_it_to_this_machine(path: str, text: str, fact: str) -> None:
    assert identity(fact, {path: text}) == (f"/{path}",)
    assert identity(fact, {path: "[ipv4]\nmethod=auto\nDEVICE=eth0\n"}) == ()


def test_an_initiator_name_that_is_made_at_the_first_start_is_none_yet() -> None:
    name = "etc/iscsi/initiatorname.iscsi"
    assert identity("storage_names", {name: "GenerateName=yes\n"}) == ()
    assert identity("storage_names", {name: "InitiatorName=iqn.1993-08.org.debian:01:abc\n"}) == (f"/{name}",)


@pytest.mark.parametrize("line", ["azureuser:x:1000:1000::/home:/bin/sh", "\0\0", "goldenvm 127.0.1.1"])
def test_what_is_no_file_of_hosts_is_damaged(line: str) -> None:
    with pytest.raises(Unreadable, match="so it is damaged"):
        state("own_host_names", {"etc/hosts": f"127.0.0.1 localhost\n{line}\n"})


def test_the_machine_s_own_names_are_those_of_its_own_addresses() -> None:
    hosts = "# x\n127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n10.0.0.9 server\n127.0.1.1 vm # x\n"
    assert state("own_host_names", {"etc/hosts": hosts}) == ("vm",)


def test_mail_is_told_of_once_where_its_folders_are_one() -> None:
    assert state("mail", {"var/mail/root": "x", "var/spool/mail": Link("../mail")}) == ("/var/mail/root",)


def test_crontabs_of_who_is_gone_are_orphans_and_jobs_are_not() -> None:
    files: dict[str, str | None] = {
        "var/spool/cron/crontabs/ops": "x",
        "var/spool/cron/crontabs/old": "x",
        "var/spool/cron/atjobs/a0001": "x",
        "var/spool/cron/atjobs/.SEQ": "1",
    }
    assert state("crontabs", files) == (
        "/var/spool/cron/crontabs/old",
        "/var/spool/cron/crontabs/ops",
        "/var/spool/cron/atjobs/a0001",
    )
    assert state("orphaned_crontabs", files) == ("/var/spool/cron/crontabs/old",)


def test_folders_that_each_start_makes_anew_are_no_temporary_files() -> None:
    files: dict[str, str | None] = {"tmp/.X11-unix": None, "var/tmp/systemd-private-1/tmp": None, "tmp/a/b": ""}
    assert state("temporary", files) == ("/tmp/a",)


def test_the_record_of_the_shutdown_is_no_log() -> None:
    assert state("logs", {"var/log/wtmp": "x" * 768}) == ()
    assert state("logs", {"var/log/wtmp": "x" * 1152}) == ("/var/log/wtmp",)


def test_a_home_counts_whatever_its_account_s_shell_is() -> None:
    passwd = (
        "root:x:0:0::/root:/usr/sbin/nologin\n"
        "ops:x:1001:1001::/srv/ops:\n"
        "ci:x:110:110::/var/lib/ci:/bin/false\n"
        "fun:x:1002:1002::/opt/fun:/usr/bin/tmux\n"
        "bin:x:2:2::/bin:/usr/sbin/nologin\n"
        "lp:x:7:7::/var/spool/lpd:/sbin/nologin\n"
        "none:x:99:99::/:/sbin/nologin\n"
    )
    places = ("root", "srv/ops", "var/lib/ci", "opt/fun", "bin", "var/spool/lpd")
    found = tree({"etc/passwd": passwd, **{f"{home}/.ssh/id_rsa": PRIVATE for home in places}})
    assert set(keys.private_keys(found)) == {
        "/root/.ssh/id_rsa",
        "/srv/ops/.ssh/id_rsa",
        "/var/lib/ci/.ssh/id_rsa",
        "/opt/fun/.ssh/id_rsa",
    }


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("/etc/ssh/keys/%u", "etc/ssh/keys/gone"),
        ("/etc/ssh/keys/%u/authorized_keys", "etc/ssh/keys/gone/authorized_keys"),
        ("/srv/keys/%u.pub", "srv/keys/gone.pub"),
    ],
)
def test_keys_by_an_account_s_name_are_found_where_the_account_is_gone(setting: str, path: str) -> None:
    files: dict[str, str | None] = {
        "etc/ssh/sshd_config": f"AuthorizedKeysFile {setting}\n",
        path: f"ssh-ed25519 {BLOB}",
        path.replace("gone", "ops"): f"ssh-ed25519 {BLOB}",
    }
    assert [(key.path, key.account) for key in keys.authorized_keys(of(files))] == [
        (f"/{path}", ""),
        (f"/{path.replace('gone', 'ops')}", "ops"),
    ]


def test_a_private_key_beside_sshd_s_settings_is_one_and_host_keys_have_a_fact_of_their_own() -> None:
    files: dict[str, str | None] = {
        "etc/ssh/user_ca": PRIVATE,
        "etc/ssh/ssh_host_rsa_key": PRIVATE,
        "etc/ssh/moduli": "x",
    }
    assert keys.private_keys(of(files)) == ("/etc/ssh/user_ca",)


def test_an_include_of_user_data_names_an_address_and_says_something() -> None:
    include = "#include https://store.example/setup?sig=constructed\n"
    assert secret("user_data", {"var/lib/cloud/instances/a/user-data.txt": include})
    assert not secret("user_data", {"var/lib/cloud/instances/a/user-data.txt": "#include\n"})


def test_what_kdump_writes_to_be_ready_is_no_dump() -> None:
    files: dict[str, str | None] = {"var/crash/kexec_cmd": "/sbin/kexec -p", "var/crash/202611261200/dump": "x"}
    assert secret("memory_dumps", files) == ("/var/crash/202611261200/dump",)


def test_what_sssd_keeps_of_local_accounts_is_no_membership_of_a_domain() -> None:
    local: dict[str, str | None] = {
        "var/lib/sss/db/config.ldb": "x",
        "var/lib/sss/db/sssd.ldb": "x",
        "var/lib/sss/db/cache_implicit_files.ldb": "x",
        "var/lib/sss/db/timestamps_implicit_files.ldb": "x",
        "var/lib/sss/mc/passwd": "x",
    }
    assert identity("domain_accounts", local) == ()
    member = {**local, "var/lib/sss/db/cache_corp.example.ldb": "x"}
    assert set(identity("domain_accounts", member)) == {f"/{path}" for path in member}
    assert identity("domain_accounts", {**local, "var/lib/sss/secrets/secrets.ldb": "x"})


def test_a_suse_that_azure_bills_for_registers_anew_by_itself() -> None:
    credentials: dict[str, str | None] = {"etc/zypp/credentials.d/SCCcredentials": "x", "etc/SUSEConnect": "x"}
    assert len(identity("registrations", credentials)) == 2
    assert identity("registrations", {**credentials, "etc/regionserverclnt.cfg": "x"}) == ()
    kept = {**credentials, "etc/regionserverclnt.cfg": "x", "etc/pki/consumer/cert.pem": "x"}
    assert identity("registrations", kept) == ("/etc/pki/consumer/cert.pem",)
