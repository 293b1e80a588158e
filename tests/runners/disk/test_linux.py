"""What the stopped disks of Linux VMs say, in every state, and when they are damaged, encrypted or hostile."""

from __future__ import annotations

import dataclasses
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checks.facts import Fact, LinuxDisk, PasswordField
from lab.images import DiskImage, open_image
from runners.disk.reader import examine
from runners.errors import DiskError
from runners.observe.disk import parse
from tests.runners.disk.disks import (
    LINUX_ROOT,
    SUPERBLOCK,
    ImageSource,
    needing_recovery,
    raw_disk,
    swapped,
    whole,
)

MIB = 1024 * 1024


def seen(image: DiskImage | str) -> LinuxDisk:
    disk = parse(examine(ImageSource(image), "linux"))
    assert isinstance(disk, LinuxDisk)
    return disk


@pytest.fixture(scope="module")
def configured() -> LinuxDisk:
    return seen("linux-configured")


@pytest.fixture(scope="module")
def sealed() -> LinuxDisk:
    return seen("linux-sealed")


def kinds(fact: Fact[tuple[PasswordField, ...]]) -> dict[str, str]:
    return {item.account: item.kind for item in fact.value}


def reason(fact: Fact[Any]) -> str:
    return str(fact.to_json().get("unknown", ""))


def all_facts(disk: LinuxDisk) -> list[Fact[Any]]:
    records = (disk, disk.secrets, disk.identities, disk.state)
    found = [getattr(record, field.name) for record in records for field in dataclasses.fields(record)]
    return [fact for fact in found if isinstance(fact, Fact)]


def test_a_configured_vm_shows_all_that_has_to_go(configured: LinuxDisk) -> None:
    disk = configured
    assert "ovf-env.xml" in disk.agent_folder.value
    assert disk.agent_log_failure.absent
    assert disk.accounts.value["azureuser"] == tuple(
        f"/etc/{name}" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid")
    )
    assert disk.homes.value == ("azureuser",)
    assert kinds(disk.password_fields)["azureuser"] == "hash"
    assert disk.machine_id.value == "set"
    assert disk.dbus_machine_id.value == "link"
    assert disk.hostname.value == "goldenvm"


def test_a_sealed_vm_shows_nothing_of_it(sealed: LinuxDisk) -> None:
    disk = sealed
    assert disk.agent_folder.value == ()
    assert "azureuser" not in disk.accounts.value
    assert disk.homes.value == ()
    assert set(kinds(disk.password_fields).values()) == {"locked"}
    assert disk.password_backup_fields.absent
    assert disk.machine_id.value == "empty"
    assert disk.hostname.value == "localhost.localdomain"


def test_waagent_alone_leaves_the_hash_in_the_backup_and_the_machine_id() -> None:
    disk = seen("linux-residue")
    assert disk.agent_folder.value == ()
    assert "azureuser" not in kinds(disk.password_fields)
    assert kinds(disk.password_backup_fields)["azureuser"] == "hash"
    assert disk.machine_id.value == "set"


def test_a_waagent_that_died_left_its_error_and_everything_else() -> None:
    disk = seen("linux-unsealed")
    assert "Failed to run 'deprovision+user'" in disk.agent_log_failure.value
    assert "provisioned" in disk.agent_folder.value
    assert kinds(disk.password_fields)["azureuser"] == "hash"
    assert disk.hostname.value == "localhost.localdomain"


def test_coverage_names_every_volume_with_those_that_hold_no_files_by_design(sealed: LinuxDisk) -> None:
    volumes = {volume.name: volume.filesystem for volume in sealed.coverage.volumes}
    assert volumes == {"partition 1": "ext4", "partition 14": "none", "partition 15": "fat"}


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"LUKS\xba\xbe\x00\x02", "LUKS"),
        (b"\0" * 512 + b"LABELONE", "LVM"),
        (b"XFSB", "XFS"),
        (b"hello", "no file system that the reader knows"),
    ],
)
def test_a_root_that_cannot_be_read_makes_every_fact_unknown_with_the_reason(head: bytes, word: str) -> None:
    disk = seen(open_image("linux-sealed").replaced(LINUX_ROOT, head.ljust(8192, b"\0")))
    assert all(word in reason(fact) for fact in all_facts(disk))
    (root,) = [volume for volume in disk.coverage.volumes if volume.name == "partition 1"]
    assert root.filesystem == "unreadable"
    assert word in root.reason


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (bytes(MIB), "no partition table"),
        (random.Random(7).randbytes(MIB), "no partition table"),
        (whole("linux-sealed")[: 6 * MIB], "past the end"),
        (b"short", "no partition table"),
    ],
    ids=["zeros", "noise", "cut", "tiny"],
)
def test_a_disk_that_is_no_disk_proves_nothing(data: bytes, word: str) -> None:
    disk = seen(raw_disk(data))
    assert all(word in reason(fact) for fact in all_facts(disk))
    assert any(volume.filesystem == "unreadable" for volume in disk.coverage.volumes)


def test_a_windows_disk_is_no_linux_disk() -> None:
    disk = seen("windows-sealed")
    assert all("no volume with a Linux system" in reason(fact) for fact in all_facts(disk))


def test_a_file_system_that_was_not_unmounted_cleanly_is_no_witness() -> None:
    disk = seen(needing_recovery("linux-sealed"))
    assert all("journal" in reason(fact) for fact in all_facts(disk))


def test_features_that_the_reader_does_not_know_are_not_guessed_at() -> None:
    image = open_image("linux-sealed")
    inline_data = image.replaced(SUPERBLOCK + 0x61, bytes([image.read(SUPERBLOCK + 0x61, 1)[0] | 0x80]))
    assert all("features" in reason(fact) for fact in all_facts(seen(inline_data)))


def test_a_folder_on_another_volume_is_unknown_not_empty() -> None:
    disk = seen(swapped("linux-sealed", b"/mnt auto ", b"/var auto "))
    assert "mounts another volume on /var" in reason(disk.agent_folder)
    assert "mounts another volume on /var" in reason(disk.agent_log_failure)
    assert disk.machine_id.value == "empty"


def test_a_damaged_folder_is_unknown_not_empty() -> None:
    # The entry of /var/lib/waagent, with a record length of 0: dissect would end the listing there in silence.
    data = whole("linux-configured")
    place = data.index(b"ovf-env.xml")
    damaged = open_image("linux-configured").replaced(place - 4, b"\0\0")
    assert "the checksum of a folder is wrong" in reason(seen(damaged).agent_folder)


@pytest.mark.parametrize("seed", range(3))
def test_noise_in_the_file_system_never_makes_a_configured_vm_look_sealed(seed: int) -> None:
    noise = random.Random(seed)
    image = open_image("linux-configured")
    for _ in range(12):
        image = image.replaced(LINUX_ROOT + noise.randrange(0, 1500) * 1024, noise.randbytes(1024))
    try:
        disk = seen(image)
    except DiskError:
        return
    assert not (disk.agent_folder.known and (disk.agent_folder.absent or disk.agent_folder.value == ()))


def test_symbolic_links_never_lead_out_of_the_image(tmp_path: Path) -> None:
    if not shutil.which("mkfs.ext4", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        pytest.skip("mkfs.ext4 (e2fsprogs) is not installed, and no committed image has hostile links")
    root = tmp_path / "root"
    for folder in ("etc", "var/lib/dbus", "var/log"):
        (root / folder).mkdir(parents=True)
    (root / "etc/passwd").write_text("inside:x:1000:1000::/home/inside:/bin/sh\n")
    (root / "etc/shadow~").write_text("inside:!:1::::::\n")
    (root / "etc/shadow").symlink_to("../../../../../../etc/shadow~")
    (root / "etc/hostname").symlink_to("/../../etc/passwd")
    (root / "etc/machine-id").symlink_to("machine-id")
    (root / "var/log/waagent.log").symlink_to("/proc/self/environ")
    (root / "home").symlink_to("/etc")
    (root / "var/lib/waagent").symlink_to("/")
    volume = tmp_path / "volume"
    subprocess.run(
        ["mkfs.ext4", "-q", "-d", root, volume, "4M"],
        env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
    disk = seen(raw_disk(volume.read_bytes()))
    assert kinds(disk.password_fields) == {"inside": "locked"}
    assert disk.hostname.value.startswith("inside:x:")
    assert "40 symbolic links" in reason(disk.machine_id)
    assert disk.agent_log_failure.absent
    assert "passwd" in disk.homes.value
    assert "etc" in disk.agent_folder.value
    assert disk.coverage.volumes[0].name == "disk", "a file system without a partition table is read as well"
