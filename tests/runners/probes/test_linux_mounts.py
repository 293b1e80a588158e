"""What the probe `mounts` says of the volumes below the system, on planted machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.facts import SystemMount
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import LINKS
from tests.runners.probes.linux_machine import Machine

DISK = "/sys/devices/sda"
PARTITION = {f"{DISK}/sda4/partition": "4\n", f"{DISK}/sda4/size": "1000\n"}
OTHER = {"/sys/devices/sdc/sdc1/partition": "1\n"}
LOGICAL = {"/sys/devices/dm-0/dm/uuid": "LVM-abc\n", "/sys/devices/dm-0/dm/name": "rootvg-rootlv\n"}
POOL = {"/sys/devices/dm-3/dm/uuid": "LVM-abc-tpool\n"}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def look(
    machine: Machine,
    mountinfo: str,
    files: dict[str, str] | None = None,
    *,
    links: dict[str, str] | None = None,
    shell: Sequence[str] = ("sh",),
) -> dict[str, SystemMount]:
    change = {"/proc/self/mountinfo": mountinfo, **(files or {})}
    guest = machine.look(change, links={**LINKS, **(links or {})}, shell=shell, probes=["mounts"])
    return {mount.point: mount for mount in guest.system_mounts.value}


def root_on(
    machine: Machine, block: str, files: dict[str, str], slaves: tuple[str, ...] = (), shell: Sequence[str] = ("sh",)
) -> SystemMount:
    """Return what is said of the root when the kernel has its device at `block`."""
    links = {"/sys/dev/block/253:0": f"../..{block.removeprefix('/sys')}"}
    for slave in slaves:
        links[f"{block}/slaves/{slave.rpartition('/')[2]}"] = f"../../..{slave.removeprefix('/sys')}"
    return look(machine, "24 1 253:0 / / rw shared:1 - xfs /dev/root rw\n", files, links=links, shell=shell)["/"]


def seen(mount: SystemMount) -> tuple[str, str]:
    return mount.layer, mount.disks


@pytest.mark.parametrize("shell", SHELLS)
def test_a_logical_volume_on_a_partition(machine: Machine, shell: str) -> None:
    mount = root_on(machine, "/sys/devices/dm-0", {**LOGICAL, **PARTITION}, (f"{DISK}/sda4",), need_shell(shell))
    assert seen(mount) == ("lvm", "sda")


@pytest.mark.parametrize("block", [f"{DISK}/sda4", DISK], ids=["a partition", "a whole disk"])
def test_a_partition_names_its_disk(machine: Machine, block: str) -> None:
    assert seen(root_on(machine, block, PARTITION)) == ("partition", "sda")


@pytest.mark.parametrize(
    ("block", "files", "slaves", "expected"),
    [
        ("dm-0", {**LOGICAL, **PARTITION, **OTHER}, (f"{DISK}/sda4", "/sys/devices/sdc/sdc1"), ("lvm", "sda,sdc")),
        ("dm-0", {**LOGICAL, **POOL}, ("/sys/devices/dm-3",), ("stacked", "dm-3")),
        ("dm-1", {"/sys/devices/dm-1/dm/uuid": "CRYPT-LUKS2-a-b\n", **PARTITION}, (f"{DISK}/sda4",), ("crypt", "sda")),
        ("dm-1", {"/sys/devices/dm-1/dm/uuid": "mpath-a\n", **PARTITION}, (f"{DISK}/sda4",), ("other", "sda")),
        ("md0", {"/sys/devices/md0/md/level": "raid1\n", **PARTITION}, (f"{DISK}/sda4",), ("raid", "sda")),
        ("loop3", {"/sys/devices/loop3/size": "1\n"}, (), ("other", "loop3")),
    ],
)
def test_what_is_no_plain_volume(
    machine: Machine, block: str, files: dict[str, str], slaves: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert seen(root_on(machine, f"/sys/devices/{block}", files, slaves)) == expected


@pytest.mark.parametrize(("number", "layer"), [("253:9", "unknown"), ("0:42", "other")])
def test_a_device_that_the_kernel_does_not_show_is_not_taken_for_plain(
    machine: Machine, number: str, layer: str
) -> None:
    mount = look(machine, f"24 1 {number} / / rw - xfs /dev/root rw\n")["/"]
    assert seen(mount) == (layer, "unknown")


MOUNTS = """\
24 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw
25 24 8:1 /srv/home /home rw shared:2 - ext4 /dev/sda1 rw
26 24 8:1 / /var rw - ext4 /dev/sda1 rw
27 24 8:1 / /var/log rw master:1 - ext4 /dev/sda1 rw
28 24 0:40 / /tmp rw - tmpfs tmpfs rw
29 24 0:41 / /root rw - nfs4 server:/root rw
30 24 0:42 / /usr rw - autofs systemd-1 rw
31 24 8:15 / /boot/efi rw - vfat /dev/sda15 rw
32 24 8:15 / /mnt rw - ext4 /dev/sdb1 rw
"""
FSTAB = "# /var/log is no entry here\nUUID=1 / ext4\nUUID=2\t/var/ ext4 defaults 0 2\n/srv/home /home none bind\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_mounted_where_the_system_lives(machine: Machine, shell: str) -> None:
    plant = {"/etc/fstab": FSTAB, **PARTITION}
    links = {f"/sys/dev/block/8:{number}": "../../devices/sda/sda4" for number in (1, 15)}
    mounts = look(machine, MOUNTS, plant, links=links, shell=need_shell(shell))
    assert {point: f"{mount.filesystem} {mount.layer}" for point, mount in mounts.items()} == {
        "/": "ext4 partition",
        "/home": "ext4 bind",
        "/var": "ext4 partition",
        "/var/log": "ext4 unlisted",
        "/root": "nfs4 unlisted",
        "/boot/efi": "vfat partition",
    }
