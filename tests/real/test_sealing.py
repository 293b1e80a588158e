"""The irreversible step on the real machine, and what its stopped disk says then: the guest alone, no Azure."""

import subprocess
from pathlib import Path

import pytest

from checks.facts import Policy
from lab.guests.real import RealGuest
from runners.disk.reader import examine
from runners.generalize.script import launch_linux

pytestmark = pytest.mark.real

NONCE = "6f1c0d2e7a9b4c53"
ROOT_OFFSET = 128 << 20


class GuestDisk:
    """The guest's disk as a source of blocks for the reader process."""

    def __init__(self, guest: RealGuest) -> None:
        self._guest = guest
        self.size = guest.disk_size()
        self.bytes_read = 0
        self.requests = 0

    def read(self, offset: int, length: int) -> bytes:
        block = self._guest.read_disk(offset, length)
        self.bytes_read += len(block)
        self.requests += 1
        return block


@pytest.fixture(scope="module")
def sealed(guest: RealGuest) -> RealGuest:
    script = launch_linux(NONCE, "/usr/sbin/waagent", Policy(clean=("machine-id", "passwd-backups")))
    launched = guest.run(script)
    assert b"launched as root" in launched.stdout, launched
    assert guest.wait_stopped(300), guest.serial_log()[-2000:]
    return guest


@pytest.fixture(scope="module")
def listed(sealed: RealGuest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root file system of the stopped disk, for e2fsprogs: an oracle that shares no code with the reader."""
    image = tmp_path_factory.mktemp("disk") / "root.img"
    with image.open("wb") as file:
        for offset in range(ROOT_OFFSET, sealed.disk_size() - (1 << 20), 1 << 20):
            block = sealed.read_disk(offset, 1 << 20)
            if block.strip(b"\0"):
                file.write(block)
            else:
                file.seek(len(block), 1)
        file.truncate()
    return image


def debugfs(image: Path, request: str) -> str:
    done = subprocess.run(["/usr/sbin/debugfs", "-R", request, str(image)], capture_output=True, text=True, check=True)
    return done.stdout


def test_transcript_of_waagent_is_on_the_serial_console(sealed: RealGuest) -> None:
    mark = f"sealproof[{NONCE}]: "
    lines = [line for line in sealed.serial_log().decode(errors="replace").splitlines() if line.startswith(mark)]
    told = [line.removeprefix(mark) for line in lines]
    assert told[:2] == ["begin", "as root"]
    assert "waagent| WARNING! azureuser account and entire home directory will be deleted." in told
    assert told[-4:] == ["waagent-exit 0", "cleaned machine-id", "cleaned passwd-backups", "end"]


def test_stopped_guest_shows_as_stopped(sealed: RealGuest) -> None:
    assert sealed.power() == "stopped"
    assert not sealed.agent_ready()


def test_reader_finds_the_disk_sealed(sealed: RealGuest) -> None:
    report = examine(GuestDisk(sealed), "linux")
    facts = report["facts"]
    assert facts["agent_folder"] == {"value": []}
    assert "azureuser" not in facts["accounts"]["value"]
    assert facts["machine_id"] == {"value": "empty"}
    assert facts["password_backup_fields"] == {"absent": True}


def test_account_and_agent_files_are_gone_by_e2fsprogs(listed: Path) -> None:
    assert "azureuser" not in debugfs(listed, "cat /etc/passwd") + debugfs(listed, "cat /etc/shadow")
    assert "root:*LOCK*" in debugfs(listed, "cat /etc/shadow")
    assert debugfs(listed, "cat /etc/shadow-") == ""
    assert "azureuser" not in debugfs(listed, "ls -p /home")
    assert debugfs(listed, "ls -p /var/lib/waagent").count("//") == 2  # itself and its parent
    assert "ssh_host_" not in debugfs(listed, "ls -p /etc/ssh")


def test_residue_that_nobody_removes_is_really_there(listed: Path) -> None:
    assert "azureuser" in debugfs(listed, "cat /etc/sudoers.d/90-cloud-init-users")


def test_file_system_was_left_clean(listed: Path) -> None:
    told = subprocess.run(["/usr/sbin/dumpe2fs", "-h", str(listed)], capture_output=True, text=True, check=True)
    assert "needs_recovery" not in told.stdout
