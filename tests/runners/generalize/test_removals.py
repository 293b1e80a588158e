"""What each key of `clean` removes, run by real shells in a folder that stands for the root of a system."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from runners.cli import ROOT
from runners.generalize.removals import removal, removals
from runners.treatment import Clean
from tests.runners.guest.machines import SHELLS, need_shell

SHELL = next(iter(SHELLS))
PASSWD = "root:x:0:0:root:/root:/bin/bash\nother:x:1001:1001::/srv/other:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
SYSTEM = {
    "etc/passwd": PASSWD,
    "etc/passwd-": "old",
    "etc/shadow": "root:*LOCK*:14600::::::\n",
    "etc/shadow-": "gone-user:$6$x",
    "etc/subgid-": "old",
    "var/backups/shadow.bak": "gone-user:$6$x",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "var/lib/dbus/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/ssh/ssh_host_rsa_key": "key",
    "etc/ssh/ssh_host_rsa_key.pub": "key",
    "etc/ssh/sshd_config": "kept",
    "etc/sudoers": "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\ngone-user ALL=NOPASSWD:ALL\n%sudo ALL=(ALL:ALL) ALL\n",
    "etc/sudoers.d/README": "# kept",
    "etc/sudoers.d/90-cloud-init-users": "# by cloud-init\ngone-user ALL=(ALL) NOPASSWD:ALL\n",
    "etc/sudoers.d/waagent": "gone-user ALL=(ALL) ALL\n",
    "etc/sudoers.d/mixed": "Defaults env_reset\ngone-user ALL=(ALL) ALL\nother ALL=(ALL) ALL\n%sudo ALL=(ALL) ALL\n",
    "etc/sudoers.d/long": "other ALL=(ALL) \\\n  NOPASSWD:ALL\n",
    "root/.bash_history": "x",
    "root/.python_history": "x",
    "root/.bashrc": "kept",
    "root/.ssh/authorized_keys": "key",
    "root/.ssh/id_ed25519": "key",
    "srv/other/.zsh_history": "x",
    "srv/other/.lesshst": "x",
    "srv/other/notes": "kept",
    "var/spool/cron/crontabs/gone-user": "* * * * * true\n",
    "var/spool/cron/crontabs/other": "kept",
    "var/mail/gone-user": "x",
    "var/lib/dhcp/dhclient.leases": "x",
    "var/lib/NetworkManager/internal-1-eth0.lease": "x",
    "var/lib/NetworkManager/secret_key": "x",
    "var/lib/NetworkManager/NetworkManager.state": "kept",
    "var/log/waagent.log": "kept",
    "var/log/waagent.log.1": "x",
    "var/log/syslog": "x",
    "var/log/apt/history.log-20261101": "x",
    "var/log/journal/0123/system.journal": "x",
    "tmp/.hidden/file": "x",
    "var/tmp/a b": "x",
}
GONE: dict[str, set[str]] = {
    "machine-id": {"var/lib/dbus/machine-id"},
    "passwd-backups": {"etc/passwd-", "etc/shadow-", "etc/subgid-", "var/backups/shadow.bak"},
    "host-keys": {"etc/ssh/ssh_host_rsa_key", "etc/ssh/ssh_host_rsa_key.pub"},
    "sudoers": {"etc/sudoers.d/90-cloud-init-users", "etc/sudoers.d/waagent"},
    "histories": {"root/.bash_history", "root/.python_history", "srv/other/.zsh_history", "srv/other/.lesshst"},
    "root-ssh": {"root/.ssh/authorized_keys", "root/.ssh/id_ed25519"},
    "crontabs": {"var/spool/cron/crontabs/gone-user", "var/mail/gone-user"},
    "leases": {
        "var/lib/dhcp/dhclient.leases",
        "var/lib/NetworkManager/internal-1-eth0.lease",
        "var/lib/NetworkManager/secret_key",
    },
    "logs": {
        "var/log/waagent.log.1",
        "var/log/apt/history.log-20261101",
        "var/log/journal/0123/system.journal",
    },
    "tmp": {"tmp/.hidden/file", "var/tmp/a b"},
}
CHANGED = {
    "machine-id": {"etc/machine-id": ""},
    "sudoers": {
        "etc/sudoers": "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
        "etc/sudoers.d/mixed": "Defaults env_reset\nother ALL=(ALL) ALL\n%sudo ALL=(ALL) ALL\n",
    },
    "logs": {"var/log/syslog": ""},
}


def system(folder: Path) -> Path:
    for name, text in SYSTEM.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def files(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def clean(key: str, folder: Path, shell: str) -> subprocess.CompletedProcess[str]:
    script = f"set -e\n{removal(key).commands}"
    return subprocess.run([*need_shell(shell), "-c", script], cwd=folder, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("key", [item.key for item in removals()])
def test_a_key_removes_what_it_names_and_nothing_else(key: str, shell: str, tmp_path: Path) -> None:
    folder = system(tmp_path)

    done = clean(key, folder, shell)

    assert (done.returncode, done.stderr) == (0, "")
    left = {name: text for name, text in SYSTEM.items() if name not in GONE[key]} | CHANGED.get(key, {})
    assert files(folder) == left


@pytest.mark.parametrize("key", [item.key for item in removals() if item.key not in ("machine-id", "histories")])
def test_a_key_whose_residue_is_not_there_does_no_harm(key: str, tmp_path: Path) -> None:
    for name in ("etc/sudoers.d", "tmp", "var/tmp", "var/log"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc" / "passwd").write_text(PASSWD)

    done = clean(key, tmp_path, SHELL)

    assert (done.returncode, done.stderr) == (0, "")
    assert set(files(tmp_path)) == {"etc/passwd"}


def test_a_link_of_dbus_to_the_machine_id_stays(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "var/lib/dbus/machine-id").unlink()
    (folder / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")

    clean("machine-id", folder, SHELL)

    assert (folder / "var/lib/dbus/machine-id").is_symlink()


def test_sudoers_says_which_file_it_could_not_edit_and_keeps_modes(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "etc/sudoers.d/mixed").chmod(0o440)

    done = clean("sudoers", folder, SHELL)

    assert done.stdout == "etc/sudoers.d/long has lines that go on in the next one, and was left as it is\n"
    assert (folder / "etc/sudoers.d/mixed").stat().st_mode & 0o777 == 0o440


def test_sudo_s_own_file_stays_although_nobody_is_left_in_it(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "etc/sudoers").write_text("gone-user ALL=(ALL) NOPASSWD:ALL\n")

    assert clean("sudoers", folder, SHELL).returncode == 0
    assert (folder / "etc/sudoers").read_text() == "\n"


def test_no_key_is_without_its_file_or_its_place_in_the_fleet_file() -> None:
    assert sorted(get_args(Clean)) == [item.key for item in removals()]
    with pytest.raises(KeyError, match="no-such-key"):
        removal("no-such-key")


def test_the_pages_say_of_every_key_what_its_file_says() -> None:
    steps = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
    fleet = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    for item in removals():
        assert f"| `{item.key}` | {item.removes} | {item.why} |\n" in steps
        assert f"`{item.key}`" in fleet


def test_rights_of_a_name_with_capitals_go_and_those_of_groups_and_aliases_stay(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "etc/sudoers.d/capitals").write_text(
        "  AzureUser ALL=(ALL) NOPASSWD:ALL\nADMINS ALL=(ALL) ALL\nUser_Alias ADMINS = other\nALL ALL=(ALL) ALL\n"
    )

    assert clean("sudoers", folder, SHELL).returncode == 0
    kept = (folder / "etc/sudoers.d/capitals").read_text()
    assert kept == "ADMINS ALL=(ALL) ALL\nUser_Alias ADMINS = other\nALL ALL=(ALL) ALL\n"


def test_a_file_that_was_left_with_rights_of_nobody_is_not_cleaned(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "etc/sudoers.d/long").write_text("gone-user ALL=(ALL) \\\n  NOPASSWD:ALL\n")

    assert clean("sudoers", folder, SHELL).returncode != 0


def test_histories_that_a_removed_account_left_go_too(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "home/old").mkdir(parents=True)
    (folder / "home/old/.bash_history").write_text("secret")
    (folder / "home/example.com/jdoe").mkdir(parents=True)
    (folder / "home/example.com/jdoe/.bash_history").write_text("secret")
    (folder / "home/other/work").mkdir(parents=True)
    (folder / "home/other/work/.my_history").write_text("of somebody who stays")
    (folder / "etc/passwd").write_text(PASSWD.replace("/srv/other", "/home/other/"))

    assert clean("histories", folder, SHELL).returncode == 0
    assert not (folder / "home/old/.bash_history").exists()
    assert not (folder / "home/example.com/jdoe/.bash_history").exists()
    assert (folder / "home/other/work/.my_history").exists()


def test_a_linked_temporary_folder_is_emptied(tmp_path: Path) -> None:
    folder = system(tmp_path)
    for name in ("elsewhere/deep", "var"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "elsewhere/deep/file").write_text("left")
    shutil.rmtree(folder / "var/tmp", ignore_errors=True)
    (folder / "var/tmp").symlink_to("../elsewhere")

    assert clean("tmp", folder, SHELL).returncode == 0
    assert list((folder / "elsewhere").iterdir()) == []
