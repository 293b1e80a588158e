"""waagent on a system that it takes for RHEL: it stops half-way, and the receipt and the disk both say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checks.facts import LinuxDisk, Policy
from lab.guests.real import RealGuest
from runners.disk.reader import examine
from runners.generalize.linux_receipt import linux_receipt
from runners.generalize.script import launch_linux
from runners.observe.disk import parse
from tests.real.test_sealing import NONCE, GuestDisk

pytestmark = pytest.mark.real

POLICY = Policy(clean=("machine-id", "sudoers"), cloud_init=("logs", "seed"))


@pytest.fixture(scope="module")
def rhel() -> Iterator[RealGuest]:
    machine = RealGuest.from_scenario("rhel", {"plant": ["fake-rhel"]})
    try:
        machine.start()
        launched = machine.run(launch_linux(NONCE, "/usr/sbin/waagent", POLICY))
        assert b"launched as root" in launched.stdout, launched
        assert machine.wait_stopped(300), machine.serial_log()[-2000:]
        yield machine
    finally:
        machine.close()


def test_the_receipt_tells_after_which_action_it_stopped(rhel: RealGuest) -> None:
    receipt = linux_receipt(rhel.serial_log(), NONCE, POLICY)
    assert receipt.outcome == "failed"
    assert receipt.cause.startswith("stopped half-way after: set the host name: FileNotFoundError"), receipt


def test_what_came_before_and_after_waagent_was_done_all_the_same(rhel: RealGuest) -> None:
    log = rhel.serial_log().decode(errors="replace")
    assert f"sealproof[{NONCE}]: cloud-init-exit 0" in log
    assert f"sealproof[{NONCE}]: cleaned sudoers" in log


def test_the_disk_shows_what_is_done_and_what_is_not(rhel: RealGuest) -> None:
    disk = parse(examine(GuestDisk(rhel), "linux"))
    assert isinstance(disk, LinuxDisk)
    assert disk.host_keys.value == ()
    assert disk.hostname.value.startswith("localhost")
    assert "ovf-env.xml" in disk.agent_folder.value
    assert "azureuser" in disk.accounts.value
    assert "90-cloud-init-users" not in str(disk.sudo_accounts.value)
    assert disk.cloud_instances.value_or(()) == ()
