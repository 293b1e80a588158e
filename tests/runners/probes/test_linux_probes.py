"""Each Linux probe on planted machines: what it sees, what it can't see, and that it says so."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from checks.facts import Fact, OvfAccount, PasswordField
from runners.disk.process.shadow import classify
from runners.guest.script import PROBES, load_probes, page_question, question
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import FILES, LINKS, LUKS, OVF_ENV, PLAIN
from tests.runners.password_fields import FIELDS
from tests.runners.probes.linux_machine import NONCE, Machine, reason


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.mark.parametrize("shell", SHELLS)
def test_an_ordinary_guest_is_known_completely(machine: Machine, shell: str) -> None:
    guest = machine.look(shell=need_shell(shell))
    assert [name for name, fact in guest.facts().items() if not fact.known] == []
    assert guest.distribution.value == "debian"
    assert guest.distribution_version.value == "12"
    assert guest.uid_min.value == 1000
    assert guest.agent.value.path == "/etc/bin/waagent"
    assert guest.agent.value.version == "WALinuxAgent-2.7.3.0 running on debian 12"
    assert guest.agent.value.traceback == ""
    assert guest.agent_configuration.value["Provisioning.DeleteRootPassword"] == "True"
    assert "HttpProxy.Host" not in guest.agent_configuration.value
    assert guest.agent_unit_enabled.value == "enabled"
    assert guest.agent_unit_active.value == "active"
    assert guest.agent_disabled_file.value is False
    assert guest.ovf_account.value == OvfAccount("azureuser", Fact.of(1000), Fact.of("/home/azureuser"))
    assert guest.encrypted_volumes.value == ()
    assert guest.crypttab_entries.value == 0
    assert guest.machine_id.value == "set"
    assert guest.dbus_machine_id.value == "link"
    assert guest.system_uuid.value == "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1001"
    assert guest.password_backups.value == ("/etc/passwd-", "/etc/shadow-")


@pytest.mark.parametrize("shell", SHELLS)
def test_password_fields_are_classified(machine: Machine, shell: str) -> None:
    assert machine.look(shell=need_shell(shell)).password_fields.value == (
        PasswordField("root", "locked"),
        PasswordField("daemon", "locked"),
        PasswordField("sshd", "locked"),
        PasswordField("locked", "hash"),
        PasswordField("old", "hash"),
        PasswordField("open", "empty"),
        PasswordField("azureuser", "hash"),
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_the_probe_and_the_disk_reader_classify_alike(machine: Machine, shell: str) -> None:
    shadow = "".join(f"account{number}:{field}:19000:0:99999:7:::\n" for number, (field, _) in enumerate(FIELDS))
    seen = machine.look({"/etc/shadow": shadow}, shell=need_shell(shell)).password_fields.value
    assert [item.kind for item in seen] == [kind for _, kind in FIELDS]
    assert seen == classify(shadow, "/etc/shadow")


def test_a_shadow_file_of_hundreds_of_accounts_is_unknown_not_cut(machine: Machine) -> None:
    shadow = "".join(f"account{number}:*:::::::\n" for number in range(600))
    assert "was cut: 500 items came, its total says 600" in reason(
        machine.look({"/etc/shadow": shadow}).password_fields
    )


def test_a_shadow_file_without_a_last_line_end_is_read_to_its_end(machine: Machine) -> None:
    guest = machine.look({"/etc/shadow": "root:*:::::::\nlast:$6$abc$def:::::::"})
    assert guest.password_fields.value[-1] == PasswordField("last", "hash")


def test_a_name_with_odd_characters_survives(machine: Machine) -> None:
    guest = machine.look({"/etc/shadow": "do=main\\us r#1:*:::::::\n"})
    assert guest.password_fields.value == (PasswordField("do=main\\us r#1", "locked"),)


def test_no_shadow_file_is_absent(machine: Machine) -> None:
    assert machine.look({"/etc/shadow": None}).password_fields.absent


def test_no_agent_is_absent(machine: Machine) -> None:
    guest = machine.look({"/etc/bin/waagent": None})
    if guest.agent.known and not guest.agent.absent:
        pytest.skip("this machine has a waagent of its own")
    assert guest.agent.absent
    assert guest.agent_configuration.absent


def test_an_agent_that_breaks_shows_the_last_line_of_its_traceback(machine: Machine) -> None:
    broken = """#!/bin/sh
echo 'Traceback (most recent call last):'
echo '  File "/usr/sbin/waagent", line 33, in <module>'
echo "NameError: name 'distro' is not defined"
exit 1
"""
    guest = machine.look({"/etc/bin/waagent": broken})
    assert guest.agent.value.traceback == "NameError: name 'distro' is not defined"
    assert guest.agent.value.version == ""
    assert "ended with 1" in reason(guest.agent_configuration)


def test_a_warning_before_the_version_does_not_hide_it(machine: Machine) -> None:
    noisy = "#!/bin/sh\necho 'DeprecationWarning: imp' >&2\necho 'WALinuxAgent-2.2.45 running on rhel 8.1'\n"
    assert machine.look({"/etc/bin/waagent": noisy}).agent.value.version == "WALinuxAgent-2.2.45 running on rhel 8.1"


def test_an_agent_that_says_nothing_is_unknown(machine: Machine) -> None:
    guest = machine.look({"/etc/bin/waagent": "#!/bin/sh\nexit 7\n"})
    assert "'/etc/bin/waagent -version' ended with 7 and printed no version" in reason(guest.agent)


def test_no_unit_is_absent(machine: Machine) -> None:
    guest = machine.look({"/etc/bin/systemctl": "#!/bin/sh\necho not-found\nexit 4\n"})
    assert guest.agent_unit_enabled.absent
    assert guest.agent_unit_active.absent


def test_a_unit_that_systemd_cannot_be_asked_about_is_unknown(machine: Machine) -> None:
    message = "System has not been booted with systemd as init system (PID 1). Can't operate."
    guest = machine.look({"/etc/bin/systemctl": f'#!/bin/sh\necho "{message}" >&2\nexit 1\n'})
    assert message in reason(guest.agent_unit_enabled)


def test_the_unit_may_be_named_waagent(machine: Machine) -> None:
    script = (
        '#!/bin/sh\n[ "$2" = waagent.service ] || { echo not-found; exit 4; }\n[ $1 = is-enabled ] && echo disabled\n'
        "[ $1 = is-active ] && echo inactive\n"
    )
    guest = machine.look({"/etc/bin/systemctl": script})
    assert (guest.agent_unit_enabled.value, guest.agent_unit_active.value) == ("disabled", "inactive")


def test_a_disabled_agent_is_seen(machine: Machine) -> None:
    assert machine.look({"/var/lib/waagent/disable_agent": ""}).agent_disabled_file.value is True


def test_no_ovf_env_is_absent(machine: Machine) -> None:
    assert machine.look({"/var/lib/waagent/ovf-env.xml": None}).ovf_account.absent


def test_an_ovf_env_on_one_line_is_read(machine: Machine) -> None:
    one_line = OVF_ENV.replace("\n", "").replace("ns1:", "")
    assert machine.look({"/var/lib/waagent/ovf-env.xml": one_line}).ovf_account.value.name == "azureuser"


def test_the_agents_own_folder_is_looked_at(machine: Machine) -> None:
    guest = machine.look(
        {
            "/etc/waagent.conf": "# Lib.Dir=/no\nLib.Dir = /var/lib/elsewhere # moved\n",
            "/var/lib/elsewhere/ovf-env.xml": OVF_ENV.replace("azureuser", "packer"),
        }
    )
    assert guest.ovf_account.value.name == "packer"
    assert guest.ovf_account.value.uid.absent
    assert guest.ovf_account.value.home.absent


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a complete ovf-env document"),
        (OVF_ENV[:600], "not a complete ovf-env document"),
        (OVF_ENV.replace("<ns1:UserName>azureuser</ns1:UserName>", ""), "names 0 accounts"),
        (OVF_ENV.replace("<ns1:HostName>", "<ns1:UserName>other</ns1:UserName><ns1:HostName>"), "names 2 accounts"),
        (OVF_ENV.replace("<ns1:HostName>", "<!-- <ns1:UserName>x</ns1:UserName> --><ns1:HostName>"), "holds a comment"),
        (OVF_ENV.replace(">azureuser<", "><"), "in a form that no account can have"),
        (OVF_ENV.replace(">azureuser<", ">a&amp;b<"), "in a form that no account can have"),
        (OVF_ENV.replace(">azureuser<", ">two words<"), "in a form that no account can have"),
        (b"\x00\xff\xfe" * 50, "not a complete ovf-env document"),
    ],
    ids=["empty", "cut", "no name", "two names", "comment", "empty name", "entity", "two words", "binary"],
)
def test_an_ovf_env_that_is_not_clear_is_unknown(machine: Machine, content: str | bytes, message: str) -> None:
    assert message in reason(machine.look({"/var/lib/waagent/ovf-env.xml": content}).ovf_account)


def test_an_open_and_a_closed_luks_volume_are_seen(machine: Machine) -> None:
    guest = machine.look(
        {
            "/dev/sda1": LUKS,
            "/sys/class/block/dm-0/size": "1000\n",
            "/sys/class/block/dm-0/dm/name": "osencrypt\n",
            "/sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-2f0aa1f0-osencrypt\n",
            "/dev/dm-0": PLAIN,
            "/etc/crypttab": "# comment\nosencrypt UUID=2f0a /key luks\n",
        }
    )
    assert guest.encrypted_volumes.value == ("osencrypt (type crypt)", "sda1 (LUKS signature)")
    assert guest.crypttab_entries.value == 1


def test_a_logical_volume_with_a_luks_signature_is_named_as_people_know_it(machine: Machine) -> None:
    guest = machine.look(
        {
            "/sys/class/block/dm-1/size": "1000\n",
            "/sys/class/block/dm-1/dm/name": "rootvg-data\n",
            "/sys/class/block/dm-1/dm/uuid": "LVM-abc\n",
            "/dev/dm-1": LUKS,
        }
    )
    assert guest.encrypted_volumes.value == ("rootvg-data (LUKS signature)",)


def test_a_block_device_that_cannot_be_read_makes_encryption_unknown(machine: Machine) -> None:
    guest = machine.look({"/sys/class/block/sdb/size": "1000\n"})
    assert reason(guest.encrypted_volumes) == "/dev/sdb cannot be read"


def test_no_crypttab_is_absent(machine: Machine) -> None:
    assert machine.look({"/etc/crypttab": None}).crypttab_entries.absent


@pytest.mark.parametrize(
    ("content", "state"), [("", "empty"), ("\n", "empty"), ("uninitialized\n", "uninitialized"), ("0f" * 16, "set")]
)
def test_the_machine_id_is_classified(machine: Machine, content: str, state: str) -> None:
    guest = machine.look({"/etc/machine-id": content, "/var/lib/dbus/machine-id": content}, links={})
    assert guest.machine_id.value == state
    assert guest.dbus_machine_id.value == state


def test_no_machine_id_is_absent(machine: Machine) -> None:
    guest = machine.look({"/etc/machine-id": None}, links={})
    assert guest.machine_id.absent
    assert guest.dbus_machine_id.absent


def test_a_machine_without_firmware_tables_has_no_uuid(machine: Machine) -> None:
    assert machine.look({"/sys/class/dmi/id/product_uuid": None}).system_uuid.absent


def test_a_uuid_that_is_not_told_is_unknown(machine: Machine) -> None:
    guest = machine.look({"/sys/class/dmi/id/product_uuid": ""})
    assert "product_uuid cannot be read, or is empty" in reason(guest.system_uuid)


def test_os_release_is_not_run(machine: Machine) -> None:
    guest = machine.look({"/etc/os-release": "ID='rhel'\nVERSION_ID=\"9.4\"\nX=$(touch /run/ran)\n"})
    assert (guest.distribution.value, guest.distribution_version.value) == ("rhel", "9.4")
    assert not (machine.folder / "run/ran").exists()


def test_a_rolling_distribution_has_no_version(machine: Machine) -> None:
    assert machine.look({"/etc/os-release": "ID=arch\n"}).distribution_version.absent


def test_a_value_that_is_too_long_is_unknown(machine: Machine) -> None:
    assert "longer than" in reason(machine.look({"/etc/os-release": f"ID={'x' * 2000}\n"}).distribution)


def test_uids_begin_at_1000_where_nothing_is_said(machine: Machine) -> None:
    assert machine.look({"/etc/login.defs": None}).uid_min.value == 1000


def test_the_probes_write_nothing(machine: Machine) -> None:
    machine.look()
    before = {path for path in machine.folder.rglob("*") if path.name not in ("mount", "utab")}
    planted = {machine.folder / name.lstrip("/") for name in (*FILES, *LINKS)}
    ours = {path for path in before if path.is_file() and not path.is_symlink() and path not in planted}
    assert ours == {machine.folder / "script", machine.folder / "dev/null"}


def test_shellcheck_finds_nothing() -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed here")
    guest = PROBES.parent / "guest"
    files = [*sorted((PROBES / "linux").glob("*.sh")), *sorted(guest.glob("*.sh"))]
    done = subprocess.run(["shellcheck", *map(str, files)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    for script in (question("linux", load_probes("linux"), NONCE, 3840), page_question("linux", 2, NONCE, 3840)):
        done = subprocess.run(["shellcheck", "-"], input=script, capture_output=True, text=True, check=False)
        assert done.stdout == ""


def test_the_scripts_are_plain_ascii() -> None:
    for file in (*PROBES.glob("*/*"), *(PROBES.parent / "guest").glob("*.[sp][hs]*")):
        assert not re.search(rb"[^\x20-\x7e\t\n]", file.read_bytes()), file
