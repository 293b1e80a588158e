"""The Linux probes of boot, kernel, modules, disks and file systems on planted machines."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from checks.facts import Fact, FreeSpace, Mount, UnloadableModule, UnreadVolume
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import FILES, KERNEL, LINKS, LUKS, MODULES_DEP, PLAIN
from tests.runners.probes.linux_machine import Machine, reason

BUILTIN = f"/lib/modules/{KERNEL}/modules.builtin"
DEP = f"/lib/modules/{KERNEL}/modules.dep"
ROOT = "UUID=2f0aa1f0 / ext4 defaults 0 1\n"
SWAPS = "Filename Type Size Used Priority\n"
MOUNTS = str(FILES["/proc/mounts"])


def tool(text: str) -> str:
    return f"#!/bin/sh\n{text}\n"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def disk(name: str, *partitions: str) -> dict[str, str | bytes]:
    """Return the files of one more disk."""
    files: dict[str, str | bytes] = {f"/sys/class/block/{name}/size": "100\n", f"/dev/{name}": PLAIN}
    for partition in partitions:
        files[f"/sys/class/block/{name}/{partition}/partition"] = "1\n"
        files[f"/sys/class/block/{partition}/size"] = "100\n"
        files[f"/dev/{partition}"] = PLAIN
    return files


@pytest.mark.parametrize("shell", SHELLS)
def test_an_ordinary_guest_boots_as_it_should(machine: Machine, shell: str) -> None:
    guest = machine.look(shell=need_shell(shell))
    assert guest.boot.root_argument.value == "PARTUUID"
    assert guest.boot.serial_console.value is True
    assert guest.boot.serial_console_configured.value is True
    assert guest.boot.boot_missing.value == ("earlyprintk=ttyS0", "rootdelay=300", "net.ifnames=0")
    assert guest.boot.efi_fallback.absent
    assert guest.kernel.running_kernel.value == guest.kernel.default_kernel.value == KERNEL
    assert guest.kernel.initramfs_missing.value == ()
    assert guest.kernel.reboot_pending.value is False
    assert guest.modules.unloadable_modules.value == ()
    assert guest.disks.os_disk.value == "sda"
    assert guest.disks.mounts_without_nofail.value == ()
    assert guest.filesystems.free_space.value == (FreeSpace("/", 26074, 92, 96),)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_machine_that_is_wrong_in_many_ways_is_seen_so(machine: Machine, shell: str) -> None:
    guest = machine.look(
        {
            **disk("sdc", "sdc1"),
            "/proc/cmdline": "root=/dev/sda1 ro quiet rhgb earlyprintk=ttyS0,115200 console=tty0 fsck.mode=force\n",
            "/etc/default/grub": '#GRUB_CMDLINE_LINUX="console=ttyS0"\nGRUB_CMDLINE_LINUX="quiet"\n',
            "/etc/fstab": f"{ROOT}/dev/sdc1 /data ext4 defaults 0 2\nUUID=gone /old xfs defaults 0 0\n"
            "UUID=gone /fine xfs rw,nofail 0 0\n/dev/sr0 /media/cdrom0 iso9660 user 0 0\n/swapfile none swap sw 0 0\n"
            "files:/x /nfs nfs defaults 0 0\n",
            "/proc/swaps": f"{SWAPS}/swapfile file 1024 0 -2\n/dev/zram0 partition 9 0 100\n",
            "/proc/mounts": MOUNTS.replace("rw,relatime", "ro,relatime"),
            "/sys/fs/ext4/sda1/errors_count": "2\n",
            "/etc/bin/dmesg": tool("echo 'EXT4-fs error (device sda1): ext4_lookup:1: inode #2'"),
            "/etc/bin/findmnt": tool("case $1 in --help) echo ' --verify' ;; *) exit 1 ;; esac"),
            "/etc/bin/df": tool(
                "case $2 in -i) echo '/dev/sda1 - - - - /' ;; -k) echo '/dev/sda1 9 95 5 95% /' ;; esac"
            ),
            "/etc/bin/lsinitramfs": tool("echo kernel/drivers/scsi/hv_storvsc.ko.xz; echo kernel/hv_vmbus.ko.zst"),
            "/etc/modprobe.d/cis.conf": "install udf /bin/true\nblacklist  vfat\n# install cdrom /bin/true\n",
            DEP: MODULES_DEP.replace("sr_mod", "other"),
            BUILTIN: "kernel/fs/fat/vfat.ko\n",
            "/run/reboot-required": "",
        },
        shell=need_shell(shell),
    )
    assert guest.boot.root_argument.value == "/dev/sda1"
    assert guest.boot.serial_console.value is False
    assert guest.boot.serial_console_configured.value is False
    assert guest.boot.boot_missing.value == ("rootdelay=300", "net.ifnames=0")
    assert guest.boot.boot_extra.value == ("rhgb", "quiet")
    assert guest.disks.bare_devices.value == (Mount("/data", "/dev/sdc1"),)
    assert guest.disks.mounts_without_nofail.value == (Mount("/data", "/dev/sdc1"), Mount("/old", "UUID=gone"))
    assert guest.disks.swap_on_os_disk.value == ("/swapfile",)
    assert guest.disks.fstab_valid.value is False
    assert guest.filesystems.root_read_only.value is True
    assert guest.filesystems.filesystem_errors.value == 3
    assert guest.filesystems.check_forced.value is True
    assert guest.filesystems.free_space.value == (FreeSpace("/", 0, 5, 100),)
    assert guest.kernel.initramfs_missing.value == ("hv_netvsc", "nvme", "nvme_core")
    assert guest.kernel.reboot_pending.value is True
    assert guest.modules.unloadable_modules.value == (
        UnloadableModule("udf", "blocked"),
        UnloadableModule("sr_mod", "missing"),
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_a_logical_volume_lies_on_the_disks_of_its_parts(machine: Machine, shell: str) -> None:
    guest = machine.look(
        {
            **disk("sdb", "sdb1"),
            "/proc/mounts": "/dev/mapper/rootvg-rootlv / xfs rw 0 0\n/dev/sdb1 /mnt ext4 rw 0 0\n",
            "/proc/swaps": f"{SWAPS}/mnt/swapfile file 1024 0 -2\n/dev/dm-0 partition 1024 0 -3\n",
            "/sys/class/block/dm-0/size": "1000\n",
            "/sys/class/block/dm-0/dm/uuid": "LVM-abc\n",
            "/sys/class/block/dm-0/slaves/sda1/size": "1\n",
            "/dev/dm-0": PLAIN,
            "/etc/lvm/devices/system.devices": "IDTYPE=sys_wwid IDNAME=naa.6002\n",
            "/etc/fstab": "/dev/mapper/rootvg-rootlv / xfs defaults 0 0\n",
        },
        links={**LINKS, "/dev/mapper/rootvg-rootlv": "/dev/dm-0"},
        shell=need_shell(shell),
    )
    assert guest.disks.os_disk.value == "sda"
    assert guest.disks.root_on_lvm.value is True
    assert guest.disks.lvm_devices_file.value is True
    assert guest.disks.mounts_without_nofail.value == ()
    assert guest.disks.swap_on_os_disk.value == ("/dev/dm-0",)


EXT = bytes(1080) + b"\x53\xef" + bytes(100)
BTRFS = bytes(65600) + b"_BHRfS_M"


XFS = b"XFSB" + bytes(2000)
NTFS = b"\xeb\x52\x90NTFS    "
FAT = bytes(54) + b"FAT16   " + bytes(448) + b"\x55\xaa" + bytes(512)
FAT32 = bytes(82) + b"FAT32   " + bytes(420) + b"\x55\xaa" + bytes(512)
SWAP = bytes(4086) + b"SWAPSPACE2"
PHYSICAL = bytes(512) + b"LABELONE" + bytes(3000)
RAID = bytes(4096) + b"\xfc\x4e\x2b\xa9"
BITLOCKER = b"\xeb\x58\x90-FVE-FS-"
DATA_TYPE = "0fc63daf-8483-4772-8e79-3d69d8477de4"
EFI_TYPE, BIOS_TYPE = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "21686148-6449-6e6f-744e-656564454649"


def os_disk(*content: bytes, types: dict[int, str] | None = None, table: bytes = b"") -> dict[str, str | bytes]:
    """Return the files of an OS disk whose root is its first partition, with others that hold this."""
    kinds = {number: (types or {}).get(number, DATA_TYPE) for number in range(1, len(content) + 2)}
    entries = b"".join(uuid.UUID(kind).bytes_le + bytes(112) for kind in kinds.values())
    files = disk("sda", *(f"sda{number}" for number in kinds))
    files |= {f"/sys/class/block/sda/sda{number}/partition": f"{number}\n" for number in kinds}
    files |= {f"/dev/sda{number}": data for number, data in enumerate((EXT, *content), 1)}
    return {**files, "/dev/sda": table or bytes(512) + b"EFI PART" + bytes(504) + entries}


@pytest.mark.parametrize("shell", SHELLS)
def test_what_nobody_will_look_into_on_the_os_disk_is_named(machine: Machine, shell: str) -> None:
    guest = machine.look(
        {
            **os_disk(EXT, EXT, XFS, NTFS, BTRFS, PHYSICAL, FAT, LUKS, BITLOCKER, RAID, SWAP, PLAIN),
            **disk("sdb", "sdb1"),
            "/dev/sdb1": EXT,
            "/sys/class/block/dm-0/size": "1000\n",
            "/sys/class/block/dm-0/dm/uuid": "LVM-abc\n",
            "/sys/class/block/dm-0/slaves/sda7/size": "1\n",
            "/dev/dm-0": XFS,
            "/sys/class/block/dm-1/dm/uuid": "LVM-thin\n",
            "/sys/class/block/dm-1/slaves/dm-0/dm/uuid": "LVM-abc\n",
            "/dev/dm-1": EXT,
            "/etc/fstab": f"{ROOT}UUID=77 /data ext4 nofail 0 2\n#UUID=78 /old ext4\n"
            "/dev/mapper/a-b /c xfs nofail 0 0\n/dev/mapper/a-thin /d ext4 nofail 0 0",
        },
        links={
            **LINKS,
            "/dev/disk/by-uuid/77": "/dev/sda2",
            "/dev/disk/by-uuid/78": "/dev/sda3",
            "/dev/mapper/a-b": "/dev/dm-0",
            "/dev/mapper/a-thin": "/dev/dm-1",
        },
        shell=need_shell(shell),
        probes=["disks"],
    )
    assert set(guest.disks.unread_volumes.value) == {
        UnreadVolume("ext", "/dev/sda3"),
        UnreadVolume("xfs", "/dev/sda4"),
        UnreadVolume("ntfs", "/dev/sda5"),
        UnreadVolume("btrfs", "/dev/sda6"),
        UnreadVolume("fat", "/dev/sda8"),
        UnreadVolume("encrypted", "/dev/sda9"),
        UnreadVolume("encrypted", "/dev/sda10"),
        UnreadVolume("raid", "/dev/sda11"),
        UnreadVolume("other", "/dev/sda13"),
        UnreadVolume("stacked", "/dev/dm-1"),
    }


def unread(
    machine: Machine,
    files: dict[str, str | bytes],
    *lines: str,
    links: dict[str, str] | None = None,
    shell: str = "",
) -> list[str]:
    """Return the file systems that nobody will look into. `lines`: of fstab; `LABEL=data` is the second partition."""
    table = ROOT + "".join(f"{line}\n" for line in lines)
    guest = machine.look(
        {**files, "/etc/fstab": table},
        links={**LINKS, "/dev/disk/by-label/data": "/dev/sda2", **(links or {})},
        shell=need_shell(shell or next(iter(SHELLS))),
        probes=["disks"],
    )
    assert guest.disks.unread_volumes.known, reason(guest.disks.unread_volumes)
    return [item.filesystem for item in guest.disks.unread_volumes.value]


@pytest.mark.parametrize(
    ("line", "content", "found"),
    [
        ("LABEL=data /data auto nofail 0 0", EXT, []),
        ("LABEL=data /data ext3 nofail 0 0", EXT, []),
        ("LABEL=data /data ext4 noauto,nofail 0 0", EXT, ["ext"]),
        ("LABEL=data /data xfs nofail 0 0", EXT, ["ext"]),
        ("LABEL=data /data ext4 nofail 0 0", XFS, ["xfs"]),
        ("LABEL=data /data none bind 0 0", EXT, ["ext"]),
        ("LABEL=data none ext4 defaults 0 0", EXT, ["ext"]),
        ("/dev/sda2 /data ext4 nofail 0 0", EXT, ["ext"]),
        ("LABEL=data /data ext4 nofail 0 0\nUUID=9 /data ext4 nofail 0 0", EXT, ["ext"]),
        ("LABEL=data /boot/efi vfat umask=0077 0 1", FAT, []),
        ("LABEL=data /boot/efi/ vfat umask=0077 0 1", FAT32, []),
        ("LABEL=data /data vfat nofail 0 0", FAT32, ["fat"]),
        ("LABEL=data /efi vfat nofail 0 0\nLABEL=data /data vfat nofail 0 0", FAT, ["fat"]),
    ],
)
def test_a_line_of_fstab_counts_as_the_reader_of_the_disk_takes_it(
    machine: Machine, line: str, content: bytes, found: list[str]
) -> None:
    assert unread(machine, os_disk(content), line) == found


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("point", "links", "found"),
    [
        ("/var/lib/data", {"/var/lib/data": "/var/lib/other"}, ["ext"]),
        ("/var/lib/old//data/", {"/var/lib/old": "/var/lib/new"}, ["ext"]),
        ("/var/lib/data//", {"/var/lib/link": "/var/lib/data"}, []),
        ("/var/lib/a-b", {"/etc/systemd/system/var-lib-a\\x2db.mount": "/lib/systemd/any.mount"}, ["ext"]),
        ("/data", {"/etc/systemd/system/local-fs.target.wants/data.mount": "../data.mount"}, ["ext"]),
        ("/data", {"/etc/systemd/system/data.mount": "/dev/null"}, []),
        ("/data", {"/etc/systemd/system/data-more.mount": "/lib/systemd/any.mount"}, []),
    ],
    ids=["a link", "below a link", "a link to it", "a unit", "a wanted unit", "a masked unit", "another's unit"],
)
def test_a_mount_point_counts_as_the_reader_of_the_disk_takes_it(
    machine: Machine, point: str, links: dict[str, str], found: list[str], shell: str
) -> None:
    files = {**os_disk(EXT), "/var/lib/new/data/x": "", "/var/lib/other/x": ""}
    assert unread(machine, files, f"LABEL=data {point} ext4 nofail 0 0", links=links, shell=shell) == found


@pytest.mark.parametrize("shell", SHELLS)
def test_partitions_that_start_a_system_need_no_look_by_their_types(machine: Machine, shell: str) -> None:
    files = os_disk(FAT32, PLAIN, FAT, types={2: EFI_TYPE, 3: BIOS_TYPE})
    assert unread(machine, files, shell=shell) == ["fat"]


def test_an_old_partition_table_has_types_too(machine: Machine) -> None:
    types = {1: 0x83, 2: 0xEF, 3: 0x0C, 4: 0x05}
    table = bytes(446) + b"".join(bytes(4) + bytes([kind]) + bytes(11) for kind in types.values()) + b"\x55\xaa"
    assert unread(machine, os_disk(FAT, FAT, PLAIN, EXT, table=table)) == ["fat", "ext"]


@pytest.mark.parametrize("shell", SHELLS)
def test_an_ext4_as_mkfs_makes_it_needs_no_look(machine: Machine, tmp_path: Path, shell: str) -> None:
    if not shutil.which("mkfs.ext4", path="/usr/sbin:/sbin") or not shutil.which("debugfs", path="/usr/sbin:/sbin"):
        pytest.skip("mkfs.ext4 and debugfs (of e2fsprogs) are not installed here")
    made = []
    for name, request in (("empty", ""), ("file", "mkdir shadow"), ("found", "mkdir lost+found/shadow")):
        volume = tmp_path / name
        volume.write_bytes(bytes(2 * 1024 * 1024))
        subprocess.run(["/usr/sbin/mkfs.ext4", "-q", volume], check=True)
        if request:
            subprocess.run(["/usr/sbin/debugfs", "-w", "-R", request, volume], check=True)
        made.append(volume.read_bytes())
    recovering = bytearray(made[0])
    recovering[1024 + 0x60] |= 4
    assert unread(machine, os_disk(made[0]), shell=shell) == []
    others = Machine(tmp_path / "others")
    assert unread(others, os_disk(made[0], made[1], made[2], bytes(recovering)), shell=shell) == ["ext"] * 3


def test_a_volume_that_cannot_be_read_is_unknown(machine: Machine) -> None:
    guest = machine.look({**disk("sda", "sda1", "sda2"), "/dev/sda2": None}, probes=["disks"])
    assert "/dev/sda2 cannot be read" in reason(guest.disks.unread_volumes)


def test_what_cloud_init_mounts_on_the_resource_disk_is_no_use_of_it(machine: Machine) -> None:
    guest = machine.look(
        {
            **disk("sdb", "sdb1"),
            "/proc/mounts": f"{MOUNTS}/dev/sdb1 /mnt ext4 rw 0 0\n",
            "/etc/fstab": f"{ROOT}/dev/disk/cloud/azure_resource-part1 /mnt auto nofail,comment=cloudconfig 0 2\n"
            "/dev/sdb1 /scratch ext4 nofail 0 0\n/mnt/cache /var/cache none bind,nofail 0 0\n"
            "/mnt/swap none swap sw 0 0\n",
        },
        links={**LINKS, "/dev/disk/azure/resource": "/dev/sdb"},
    )
    uses = (Mount("/scratch", "ext4"), Mount("/mnt/cache", "none"), Mount("/mnt/swap", "swap"))
    assert guest.disks.resource_disk_uses.value == uses
    assert guest.disks.swap_on_os_disk.value == ()


def test_a_root_that_no_disk_holds_leaves_what_depends_on_it_unknown(machine: Machine) -> None:
    guest = machine.look({"/proc/mounts": "overlay / overlay rw 0 0\n"})
    assert "on overlay, which is on no disk" in reason(guest.disks.os_disk)
    assert "is not known" in reason(guest.disks.mounts_without_nofail)
    assert "is not known" in reason(guest.disks.swap_on_os_disk)
    assert "is not known" in reason(guest.disks.root_on_lvm)
    assert guest.disks.bare_devices.value == ()


def test_an_old_kernels_name_for_the_root_device_is_looked_up(machine: Machine) -> None:
    guest = machine.look(
        {"/proc/mounts": "/dev/root / ext4 rw 0 0\n", "/proc/cmdline": "ro root=UUID=2f0aa1f0 console=ttyS0\n"}
    )
    assert guest.disks.os_disk.value == "sda"


def test_no_fstab_mounts_nothing(machine: Machine) -> None:
    guest = machine.look({"/etc/fstab": None})
    assert guest.disks.fstab_valid.absent
    assert guest.disks.mounts_without_nofail.value == ()


def test_the_key_volume_of_azure_disk_encryption_is_seen(machine: Machine) -> None:
    guest = machine.look(links={**LINKS, "/dev/disk/by-label/BEK\\x20VOLUME": "/dev/sda1"})
    assert guest.disks.ade_key_volume.value is True


@pytest.mark.parametrize("shell", SHELLS)
def test_efi_firmware_looks_for_one_path(machine: Machine, shell: str) -> None:
    efi = {"/sys/firmware/efi/fw_platform_size": "64\n"}
    there = machine.look({**efi, "/boot/efi/EFI/boot/bootx64.efi": ""}, shell=need_shell(shell))
    assert there.boot.efi_fallback.value is True
    mounted = {"/proc/mounts": f"{MOUNTS}/dev/sda15 /boot/efi vfat rw 0 0\n"}
    lacking = Machine(machine.folder.with_name("lacking")).look(
        {**efi, **mounted, "/boot/efi/EFI/debian/shimx64.efi": ""}
    )
    assert lacking.boot.efi_fallback.value is False
    hidden = Machine(machine.folder.with_name("hidden")).look(efi)
    assert "is not mounted" in reason(hidden.boot.efi_fallback)


def test_a_grubby_machine_is_asked_for_its_next_kernel(machine: Machine) -> None:
    guest = machine.look(
        {
            "/etc/bin/grubby": tool("echo /boot/vmlinuz-5.14.0-427.el9.x86_64"),
            "/etc/bin/lsinitrd": tool("echo '-rw-r--r-- 1 root root 9 hv_vmbus.ko.xz'"),
            "/etc/bin/needs-restarting": tool("exit 1"),
            "/boot/initramfs-5.14.0-427.el9.x86_64.img": "",
            "/boot/loader/entries/x.conf": "options root=UUID=1 console=ttyS0\n",
            "/etc/default/grub": None,
        }
    )
    assert guest.kernel.default_kernel.value == "5.14.0-427.el9.x86_64"
    # on this machine Debian's tool is at hand too, so only that one of them is used that comes last is certain
    assert guest.kernel.initramfs_missing.known
    assert guest.kernel.reboot_pending.value is True
    assert guest.boot.serial_console_configured.value is True


@pytest.mark.parametrize(("tool_name", "code", "pending"), [("zypper", 102, True), ("zypper", 0, False)])
def test_suse_tells_a_pending_restart_by_exit_code(machine: Machine, tool_name: str, code: int, pending: bool) -> None:
    guest = machine.look({f"/etc/bin/{tool_name}": tool(f"exit {code}")})
    assert guest.kernel.reboot_pending.value is pending


def test_a_tool_that_breaks_tells_no_pending_restart(machine: Machine) -> None:
    assert "ended with 3" in reason(machine.look({"/etc/bin/zypper": tool("exit 3")}).kernel.reboot_pending)


def test_without_a_loader_to_ask_the_only_kernel_starts(machine: Machine) -> None:
    links = {name: target for name, target in LINKS.items() if name != "/boot/vmlinuz"}
    assert machine.look(links=links).kernel.default_kernel.value == KERNEL
    other = {"/lib/modules/6.1.0-42-cloud-amd64/modules.dep": ""}
    two = Machine(machine.folder.with_name("two")).look(other, links=links)
    assert "neither grubby nor a link" in reason(two.kernel.default_kernel)
    assert "which kernel starts next" in reason(two.kernel.initramfs_missing)


def test_drivers_that_are_built_in_need_no_initramfs(machine: Machine) -> None:
    names = ("hv/hv_vmbus", "scsi/hv_storvsc", "net/hv_netvsc", "nvme/host/nvme", "nvme/host/nvme-core")
    files = {BUILTIN: "".join(f"kernel/drivers/{name}.ko\n" for name in names), f"/boot/initrd.img-{KERNEL}": None}
    assert machine.look(files).kernel.initramfs_missing.value == ()


def test_an_initramfs_that_cannot_be_looked_into_is_unknown(machine: Machine) -> None:
    guest = machine.look({"/etc/bin/lsinitramfs": tool("exit 1")})
    assert "failed: ended 1" in reason(guest.kernel.initramfs_missing)
    gone = Machine(machine.folder.with_name("gone")).look({f"/boot/initrd.img-{KERNEL}": None})
    assert "no initramfs of kernel" in reason(gone.kernel.initramfs_missing)


def test_a_kernel_without_a_list_of_modules_is_unknown(machine: Machine) -> None:
    assert "does not say" in reason(machine.look({DEP: None, BUILTIN: None}).modules.unloadable_modules)


def test_an_install_line_that_loads_the_module_after_all_blocks_nothing(machine: Machine) -> None:
    line = "install udf /sbin/modprobe --ignore-install udf && logger udf\n"
    assert machine.look({"/etc/modprobe.d/x.conf": line}).modules.unloadable_modules.value == ()


def test_a_kernel_that_tells_no_messages_leaves_errors_unknown(machine: Machine) -> None:
    errors: Fact[int] = machine.look({"/etc/bin/dmesg": tool("exit 1")}).filesystems.filesystem_errors
    assert "dmesg does not tell" in reason(errors)


def test_a_df_that_tells_nothing_leaves_space_unknown(machine: Machine) -> None:
    assert "no free space of /" in reason(machine.look({"/etc/bin/df": tool("exit 1")}).filesystems.free_space)
