"""The partitions of the lab's disk images, as tools from Debian write them, and the disk that they lie on."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.images import linux, red_hat, windows

_MOMENT = int(datetime(2026, 11, 22, 18, 30, tzinfo=UTC).timestamp())
_SECTOR = 512
_MIB = 1024 * 1024
_ROOT = "5ea1f001-0000-4000-8000-00000000e474"
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C",
    "SOURCE_DATE_EPOCH": str(_MOMENT),
    "E2FSPROGS_FAKE_TIME": str(_MOMENT),
    # mkfs.xfs makes file systems of less than 300 MiB only for the tests of XFS itself, which it knows by these.
    "TEST_DIR": "/tmp",  # noqa: S108 - a name that nothing is written to
    "TEST_DEV": "/dev/null",
    "QA_CHECK_FS": "1",
}


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its number in the table, GPT type code of sgdisk, and content."""

    number: int
    kind: str
    content: bytes


def _run(*command: str | Path) -> str:
    answer = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed: {answer.stdout}{answer.stderr}")
    return answer.stdout


def disk(partitions: list[Partition], work: Path) -> bytes:
    """Return a GPT disk with fixed identifiers, 1 MiB of room before the first partition and after the last."""
    disk = work / "disk"
    start = _MIB
    places = []
    for partition in partitions:
        places.append(start)
        start += len(partition.content)
    with disk.open("wb") as file:
        file.truncate(start + _MIB)
        for partition, place in zip(partitions, places, strict=True):
            file.seek(place)
            file.write(partition.content)
    options = ["--disk-guid=5EA1F001-0000-4000-8000-000000000000"]
    for partition, place in zip(partitions, places, strict=True):
        first, last = place // _SECTOR, (place + len(partition.content)) // _SECTOR - 1
        options += [
            f"--new={partition.number}:{first}:{last}",
            f"--typecode={partition.number}:{partition.kind}",
            f"--partition-guid={partition.number}:5EA1F001-0000-4000-8000-{partition.number:012}",
        ]
    _run("sgdisk", "--set-alignment=1", *options, disk)
    return disk.read_bytes()


def linux_layout(tree: linux.Tree, work: Path) -> list[Partition]:
    """Return the layout of Debian's cloud images: the root as partition 1, BIOS boot as 14, EFI as 15."""
    return [
        Partition(14, "ef02", b"\0" * _MIB),
        Partition(15, "ef00", _efi(work, "EFI/debian")),
        Partition(1, "8300", ext4(tree, work)),
    ]


def red_hat_layout(tree: linux.Tree, work: Path, mounts: str = "") -> list[Partition]:
    """Return the layout of Azure's RHEL images: EFI, /boot, BIOS boot, and the volume group."""
    return [
        Partition(1, "ef00", _efi(work, "EFI/redhat")),
        Partition(2, "8300", red_hat.boot(work, _run)),
        Partition(3, "ef02", b"\0" * _MIB),
        Partition(4, "8e00", red_hat.physical_volume(red_hat.of(tree, mounts), work, _run, place)),
    ]


def windows_layout(tree: windows.Tree, work: Path) -> list[Partition]:
    """Return the layout of a generation 2 Windows VM: EFI, Microsoft reserved, and the volume of drive C."""
    return [
        Partition(1, "ef00", _efi(work, "EFI/Microsoft")),
        Partition(2, "0c01", b"\0" * _MIB),
        Partition(3, "0700", _ntfs(tree, work)),
    ]


def _efi(work: Path, folder: str) -> bytes:
    volume = work / "efi"
    with volume.open("wb") as file:
        file.truncate(_MIB)
    _run("mkfs.fat", "--invariant", "-F", "12", "-n", "EFI", volume)
    parts = folder.split("/")
    for depth in range(len(parts)):
        _run("mmd", "-i", volume, "::" + "/".join(parts[: depth + 1]))
    return volume.read_bytes()


def ext4(tree: linux.Tree, work: Path, identity: str = _ROOT, label: str = "root") -> bytes:
    """Return an ext4 volume with what is in `tree`, the same every time. `identity` is its UUID."""
    root, volume, script = work / "root", work / "ext4", work / "times"
    root.mkdir()
    for path, entry in sorted(tree.items()):
        place(root / path, entry)
    with volume.open("wb") as file:
        file.truncate(8 * _MIB)
    _run(
        *("mkfs.ext4", "-q", "-b", "1024", "-N", "256", "-m", "0", "-J", "size=1", "-U", identity),
        *("-E", f"hash_seed={identity},lazy_itable_init=0,nodiscard,root_owner=0:0", "-L", label, "-d", root, volume),
    )
    # The times that mkfs copies from the tree's inodes can't be set there: change times are the system's own.
    paths = ["/", *(f"/{path.relative_to(root)}" for path in sorted(root.rglob("*")))]
    fields = ("atime", "ctime", "mtime", "crtime")
    script.write_text("".join(f"sif {path} {field} @{_MOMENT}\n" for path in paths for field in fields))
    _run("debugfs", "-w", "-f", script, volume)
    shutil.rmtree(root)
    return volume.read_bytes()


def place(path: Path, entry: linux.Entry) -> None:
    """Write one entry of a tree at `path`, with its owner and mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if entry.link is not None:
        path.symlink_to(entry.link)
        return
    if entry.content is None:
        path.mkdir(exist_ok=True)
    else:
        path.write_text(entry.content, encoding="utf-8")
    path.chmod(stat.S_IMODE(entry.mode))
    os.chown(path, entry.owner, entry.owner)


def _ntfs(tree: windows.Tree, work: Path) -> bytes:
    volume, mount = work / "ntfs", work / "mount"
    mount.mkdir()
    with volume.open("wb") as file:
        file.truncate(8 * _MIB)
    _run("mkntfs", "-q", "-Q", "-F", "-T", "-s", "512", "-c", "4096", "-L", "Windows", volume)
    _run("ntfs-3g", "-o", "compression", volume, mount)
    try:
        for path in {str(Path(path).parent) for path in tree} & {windows.COMPRESSED}:
            (mount / path).mkdir(parents=True)
            # What is written below is compressed (LZNT1) as well.
            os.setxattr(mount / path, "system.ntfs_attrib_be", (0x800).to_bytes(4, "big"))
        for path, content in sorted(tree.items()):
            file_path = mount / path
            file_path.parent.mkdir(parents=True, exist_ok=True)
            file_path.write_bytes(content)
        for file_path in sorted(mount.rglob("*"), reverse=True):
            os.utime(file_path, (_MOMENT, _MOMENT))
        for path, target in windows.LINKS.items():
            (mount / path).mkdir()
            os.setxattr(mount / path, "system.ntfs_reparse_data", _junction(target))
    finally:
        _run("fusermount3", "-u", mount)
    return volume.read_bytes()


def _junction(target: str) -> bytes:
    """Return the reparse data of a junction: its tag, lengths and places of both names, the names."""
    real, told = f"\\??\\{target}".encode("utf-16-le"), target.encode("utf-16-le")
    names = real + b"\0\0" + told + b"\0\0"
    body = struct.pack("<4H", 0, len(real), len(real) + 2, len(told)) + names
    return struct.pack("<IHH", 0xA0000003, len(body), 0) + body
