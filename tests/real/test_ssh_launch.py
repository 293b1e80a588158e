"""Over SSH, as another user by sudo: the whole question; and the launch, which does nothing on another machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checks.facts import Policy
from lab.guests.real import RealGuest
from lab.guests.real.hardware import MACHINE_UUID
from runners.generalize.linux_receipt import linux_receipt
from runners.generalize.script import launch_linux
from runners.guest.channel import Output
from runners.guest.script import ask, load_probes
from runners.guest.testinfra import TestinfraChannel
from tests.real.test_sealing import NONCE

pytestmark = pytest.mark.real

POLICY = Policy(clean=("machine-id",))
OTHER = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0eff"


@contextmanager
def ssh(guest: RealGuest, folder: Path) -> Iterator[TestinfraChannel]:
    config = folder / "ssh.conf"
    options = (
        "StrictHostKeyChecking no",
        "UserKnownHostsFile /dev/null",
        f"IdentityFile {guest.ssh_key}",
    )
    config.write_text("Host *\n" + "".join(f"  {option}\n" for option in options))
    where = f"ssh://azureuser@127.0.0.1:{guest.ssh_port()}?ssh_config={config}&sudo=true"
    yield TestinfraChannel(where)


def over_ssh(guest: RealGuest, script: str, folder: Path) -> Output:
    with ssh(guest, folder) as channel:
        return asyncio.run(channel.run(script))


def test_all_probes_answer_in_one_script(guest: RealGuest, tmp_path: Path) -> None:
    with ssh(guest, tmp_path) as channel:
        raw = asyncio.run(ask(channel, "linux"))
    assert raw.invocations == 1
    assert set(raw.answers) == {probe.name for probe in load_probes("linux") if probe.profile is None}
    assert not raw.failed


def test_another_machine_is_left_alone(guest: RealGuest, tmp_path: Path) -> None:
    answer = over_ssh(guest, launch_linux(NONCE, "/usr/sbin/waagent", POLICY, OTHER), tmp_path)
    assert "this is another machine" in answer.stderr
    assert answer.stdout == ""
    assert guest.run(f"ls /run/sealproof-{NONCE}.sh").exit_code != 0


def test_the_machine_itself_is_sealed_in_the_same_root_session(guest: RealGuest, tmp_path: Path) -> None:
    answer = over_ssh(guest, launch_linux(NONCE, "/usr/sbin/waagent", POLICY, MACHINE_UUID), tmp_path)
    assert f"sealproof[{NONCE}]: launched as root" in answer.stdout, answer
    assert guest.wait_stopped(300), guest.serial_log()[-2000:]
    assert linux_receipt(guest.serial_log(), NONCE, POLICY).outcome == "succeeded"
