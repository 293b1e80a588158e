"""The machine itself: how it runs scripts, what it holds, how it goes on and off."""

import subprocess

import pytest

from lab.guests.real import RealGuest, RealGuestError

pytestmark = pytest.mark.real


def said(guest: RealGuest, script: str) -> str:
    done = guest.run(script)
    assert done.exit_code == 0, done.stderr
    return done.stdout.decode().strip()


def test_started_guest_is_running_and_its_agent_answers(guest: RealGuest) -> None:
    assert guest.power() == "running"
    assert guest.agent_ready()


def test_script_runs_as_root_and_gives_both_streams_and_its_exit_code(guest: RealGuest) -> None:
    done = guest.run("id -un\necho trouble >&2\nexit 7\n")
    assert (done.stdout, done.stderr, done.exit_code) == (b"root\n", b"trouble\n", 7)


def test_script_has_no_standard_input_to_eat_its_own_lines(guest: RealGuest) -> None:
    assert said(guest, "cat\necho after\n") == "after"


def test_script_killed_by_a_signal_has_the_shells_exit_code(guest: RealGuest) -> None:
    assert guest.run("kill -9 $$\n").exit_code == 137


def test_long_script_and_long_answer_come_through_whole(guest: RealGuest) -> None:
    filler = "# " + "x" * 100 + "\n"
    done = guest.run(filler * 4000 + "head -c 1500000 /dev/zero | tr '\\0' y\n")
    assert done.stdout == b"y" * 1_500_000


def test_script_leaves_no_file_of_its_own(guest: RealGuest) -> None:
    guest.run("true\n")
    assert len(said(guest, "ls -d /run/run-command.*").split()) == 1  # the one that asks


def test_guest_is_provisioned_as_azure_does_it(guest: RealGuest) -> None:
    assert said(guest, "systemctl is-active walinuxagent qemu-guest-agent ssh").split() == ["active"] * 3
    assert said(guest, "getent passwd azureuser | cut -d: -f3,6") == "1000:/home/azureuser"
    assert "<UserName>azureuser</UserName>" in said(guest, "cat /var/lib/waagent/ovf-env.xml")
    assert "azureuser ALL=(ALL) NOPASSWD:ALL" in said(guest, "cat /etc/sudoers.d/90-cloud-init-users")
    assert said(guest, "grep -c '^azureuser:[$]6[$]' /etc/shadow /etc/shadow-").split() == [
        "/etc/shadow:1",
        "/etc/shadow-:1",
    ]
    assert said(guest, "ls /home/azureuser/.ssh/authorized_keys /home/azureuser/.bash_history")
    assert len(said(guest, "cat /etc/machine-id")) == 32


def test_guest_has_the_time_of_now_and_not_of_its_image(guest: RealGuest) -> None:
    host = int(subprocess.check_output(["date", "+%s"]))
    assert abs(int(said(guest, "date +%s")) - host) < 120


def test_guest_reaches_no_network(guest: RealGuest) -> None:
    # 10.0.2.2 is what QEMU calls the host; it would answer where the network is not restricted
    refused = "python3 -c 'import socket; socket.create_connection((\"10.0.2.2\", 22), 3)'"
    assert guest.run(refused).exit_code != 0


def test_sshd_answers_on_the_forwarded_port(guest: RealGuest) -> None:
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"]
    where = ["-i", str(guest.ssh_key), "-p", str(guest.ssh_port()), "azureuser@127.0.0.1"]
    done = subprocess.run(["ssh", *options, *where, "sudo id -un"], capture_output=True, timeout=60, check=False)
    assert done.stdout == b"root\n", done.stderr


def test_serial_log_holds_the_boot_and_what_the_guest_sends(guest: RealGuest) -> None:
    guest.run("printf 'hello from within\\n' >/dev/ttyS0\n")
    log = guest.serial_log()
    assert b"Linux version" in log
    assert b"hello from within\r\n" in log


def test_disk_is_a_gpt_disk(guest: RealGuest) -> None:
    assert guest.read_disk(512, 8) == b"EFI PART"
    assert guest.read_disk(guest.disk_size() - 512, 8192)[:8] == b"EFI PART"
    assert guest.read_disk(guest.disk_size(), 512) == b""


def test_powered_off_guest_is_stopped_and_comes_back_with_its_disk(guest: RealGuest) -> None:
    guest.run("echo kept >/root/note\n")
    guest.power_off()
    assert guest.power() == "stopped"
    assert not guest.agent_ready()
    guest.start()
    assert said(guest, "cat /root/note; systemctl is-active walinuxagent").split() == ["kept", "active"]


def test_unknown_image_and_unknown_setting_are_named() -> None:
    with pytest.raises(RealGuestError, match=r"image: it is 'windows'\. Write 'debian-bookworm'"):
        RealGuest.from_scenario("a", {"image": "windows"})
    with pytest.raises(
        RealGuestError, match=r"colour: there is no such key\. The keys here are image, memory_mb, plant"
    ):
        RealGuest.from_scenario("a", {"colour": "blue"})
    with pytest.raises(RealGuestError, match=r"there is no plant 'weeds'\. Write fake-rhel, "):
        RealGuest.from_scenario("a", {"plant": ["weeds"]})
