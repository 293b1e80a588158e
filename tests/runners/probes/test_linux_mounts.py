"""What the probe `mounts` says of the layers below the root: planted in /sys for the device that really is mounted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.facts import SystemMount
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import LINKS
from tests.runners.probes.test_linux_probes import Machine

DISK = "/sys/devices/sda"
PARTITION = {f"{DISK}/sda4/partition": "4\n", f"{DISK}/sda4/size": "1000\n"}
OTHER = {"/sys/devices/sdc/sdc1/partition": "1\n"}
LOGICAL = {"/sys/devices/dm-0/dm/uuid": "LVM-abc\n", "/sys/devices/dm-0/dm/name": "rootvg-rootlv\n"}
POOL = {"/sys/devices/dm-3/dm/uuid": "LVM-abc-tpool\n"}


def number_of_root() -> str:
    # 36 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
    lines = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return next(line[2] for line in lines if line[4] == "/")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def root_on(
    machine: Machine, block: str, files: dict[str, str], slaves: tuple[str, ...] = (), shell: Sequence[str] = ("sh",)
) -> SystemMount:
    """Return what is said of the root when the kernel has its device at `block`."""
    links = {f"/sys/dev/block/{number_of_root()}": f"../..{block.removeprefix('/sys')}"}
    for slave in slaves:
        links[f"{block}/slaves/{slave.rpartition('/')[2]}"] = f"../../..{slave.removeprefix('/sys')}"
    guest = machine.look(files, links={**LINKS, **links}, shell=shell)
    return next(mount for mount in guest.system_mounts.value if mount.point == "/")


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


def test_a_device_that_the_kernel_does_not_show_is_unknown_not_plain(machine: Machine) -> None:
    (mount,) = [mount for mount in machine.look().system_mounts.value if mount.point == "/"]
    assert mount.layer in ("unknown", "other")
    assert mount.disks == "unknown"


def test_a_folder_of_another_mount_is_told(machine: Machine) -> None:
    # A planted machine's /etc is a folder of the host's, mounted over its own.
    mounts = {mount.point: mount for mount in machine.look().system_mounts.value}
    if "/etc" not in mounts:
        pytest.skip("the folder for tests lies on no block device here")
    assert mounts["/etc"].layer == "bind"
