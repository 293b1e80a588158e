"""Make the lab's disk images: `python -m lab.images.build [NAME...]`.

Needs root, and from Debian: e2fsprogs, gdisk, dosfstools, mtools, ntfs-3g, fuse3, xfsprogs, lvm2; for XFS also loop
devices and a kernel with XFS. The images are committed, so only somebody who changes what is on them runs this. ext4
and FAT come out the same every time; NTFS, XFS and LVM keep a few bytes (identities, times) that their tools take from
the moment.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.images import linux, planted, red_hat, windows
from lab.images.image import HERE, MANIFEST

_MOMENT = int(datetime(2026, 11, 22, 18, 30, tzinfo=UTC).timestamp())
_SECTOR = 512
_MIB = 1024 * 1024
_ROOT = "5ea1f001-0000-4000-8000-00000000e474"
TOOLS = ("mkfs.ext4", "debugfs", "sgdisk", "mkfs.fat", "mcopy", "mmd", "mkntfs", "ntfs-3g", "fusermount3")
LVM_TOOLS = ("mkfs.xfs", "lvm", "losetup", "mount")
"""What the images with LVM need besides."""
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


@dataclass(frozen=True, slots=True)
class Plan:
    """One image to make."""

    name: str
    partitions: Callable[[Path], list[Partition]]
    why: str


def plans() -> tuple[Plan, ...]:
    """Return every image there is."""
    return (
        Plan(
            "linux-configured",
            lambda work: _linux(linux.configured(), work),
            "A provisioned Debian 12 VM before the step: account files as recorded before a real run of waagent 2.7.3 "
            "(-deprovision+user -force), its second account left out so that the healthy path can end clean.",
        ),
        Plan(
            "linux-sealed",
            lambda work: _linux(linux.sealed(), work),
            "The same VM after waagent and after clean: machine-id, passwd-backups, sudoers. Account files and "
            "hostname as recorded after the real run; /etc/machine-id emptied; the backups of the account files and "
            "the sudo rights of the deleted account gone.",
        ),
        Plan(
            "linux-residue",
            lambda work: _linux(linux.residue(), work),
            "The same VM after waagent alone: as recorded after the real run, which succeeded, the machine-id is still "
            "set and the deleted account's hash is still in /etc/shadow-.",
        ),
        Plan(
            "linux-unsealed",
            lambda work: _linux(linux.unsealed(), work),
            "A VM that says it is RHEL 9.4, after waagent 2.15.0.1 died in its fifth action with exit code 0, as in "
            "the recorded run: host keys gone and hostname set, but account, hashes, home and /var/lib/waagent stay.",
        ),
        Plan(
            "linux-lvm-configured",
            lambda work: _red_hat(linux.configured(), work),
            "The provisioned VM in the layout of Azure's RHEL images: /boot, and rootvg with a volume each for /, "
            "/usr, /var, /home and /tmp, all XFS, written by the kernel and by LVM's tools.",
        ),
        Plan(
            "linux-lvm-sealed",
            lambda work: _red_hat(linux.sealed(), work),
            "The same layout after waagent and after clean: machine-id, passwd-backups.",
        ),
        *(
            Plan(
                f"linux-kept-{what}",
                lambda work, what=what: _linux(linux.kept(what), work),  # type: ignore[misc]  # a default binds it
                f"The sealed VM, on which one thing stayed that had to go: its {what}.",
            )
            for what in ("user", "machine-id", "host-keys")
        ),
        Plan(
            "linux-planted",
            lambda work: _linux(planted.planted(), work),
            "The sealed VM with residue of every kind planted on it: keys, credentials, dumps, identities, leases, "
            "logs, jobs, mounts and traces. Constructed: place holders, and hashes that no password has.",
        ),
        Plan(
            "linux-spotless",
            lambda work: _linux(planted.spotless(), work),
            "The sealed VM without its name in /etc/hosts: nothing of the source is left.",
        ),
        Plan(
            "linux-overlooked",
            lambda work: _linux(planted.overlooked(), work),
            "The spotless VM with residue where it is easily overlooked: an alias in /etc/sudoers, and the home of an "
            "account of a directory, two folders below /home.",
        ),
        Plan(
            "linux-unmounted",
            lambda work: [
                *_linux(planted.spotless(), work),
                Partition(2, "8300", _ext4(planted.DATA, work, "5ea1f001-0000-4000-8000-00000000da7a", "data")),
            ],
            "The spotless VM with a second ext4 on its disk, which /etc/fstab does not name: it holds copies.",
        ),
        Plan(
            "linux-lvm-planted",
            lambda work: _red_hat(planted.planted(), work, planted.DATA_DISK),
            "The same residue in the layout of Azure's RHEL images.",
        ),
        Plan(
            "linux-lvm-spotless",
            lambda work: _red_hat(planted.spotless(), work),
            "The layout of Azure's RHEL images, with nothing of the source left.",
        ),
        Plan(
            "windows-configured",
            lambda work: _windows(windows.configured(), work),
            "A finished Windows Server 2022 before the step: ImageState COMPLETE, SetupType 0, GeneralizationState 7.",
        ),
        Plan(
            "windows-sealed",
            lambda work: _windows(windows.sealed(), work),
            "The same after sysprep /generalize /oobe /shutdown: the state that documents and the field report for a "
            "sealed disk. The success tag carries a time that the simulated guest replaces by the time of its launch.",
        ),
        Plan(
            "windows-residue",
            lambda work: _windows(windows.with_residue(), work),
            "The sealed disk of a careless build: one piece of every kind of residue that a stopped Windows is "
            "searched for, in its files and its four hives, with made-up secrets.",
        ),
        Plan(
            "windows-audit",
            lambda work: _windows(windows.for_audit(), work),
            "The same VM after sysprep /generalize /audit /shutdown: generalized, and waiting in audit mode.",
        ),
        Plan(
            "windows-unflushed",
            lambda work: _windows(windows.unflushed(), work),
            "The sealed disk as Windows may leave it: the hives' files still say that Sysprep never ran, and what it "
            "changed is in their transaction logs.",
        ),
        Plan(
            "windows-not-generalized",
            lambda work: _windows(windows.not_generalized(), work),
            "The same VM after sysprep /oobe /shutdown without /generalize: a success tag and a first start to come, "
            "with the machine's old identity.",
        ),
        Plan(
            "windows-unsealed",
            lambda work: _windows(windows.unsealed(), work),
            "The same after Sysprep's validation refused a Store package with 0x80073cf2: nothing sealed, no tag.",
        ),
    )


def main(names: list[str]) -> int:
    """Make the images named, or all, and write them and the manifest. Returns the exit code."""
    unknown = sorted(set(names) - {plan.name for plan in plans()})
    if unknown:
        print(f"there is no image {', '.join(unknown)}; there are {', '.join(plan.name for plan in plans())}")
        return 1
    chosen = names or [plan.name for plan in plans()]
    tools = (*TOOLS, *(LVM_TOOLS if any(name.startswith("linux-lvm") for name in chosen) else ()))
    missing = [tool for tool in tools if not shutil.which(tool, path=ENVIRONMENT["PATH"])]
    if missing or os.geteuid() != 0:
        needed = f"these tools: {', '.join(missing)}" if missing else "root, to set owners and to mount"
        print(
            f"making disk images needs {needed}. "
            "apt-get install e2fsprogs gdisk dosfstools mtools ntfs-3g fuse3 xfsprogs lvm2"
        )
        return 1
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.exists() else {"images": {}}
    for plan in plans():
        if names and plan.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            raw = _disk(plan.partitions(Path(folder)), Path(folder))
        packed = lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)
        (HERE / f"{plan.name}.img.xz").write_bytes(packed)
        manifest["images"][plan.name] = {
            "size": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "provenance": "constructed",
            "why": plan.why,
            "success_tag_times": _tag_times(raw),
        }
        print(f"{plan.name}: {len(raw)} bytes, {len(packed)} compressed")
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return 0


def _run(*command: str | Path) -> str:
    answer = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed: {answer.stdout}{answer.stderr}")
    return answer.stdout


def _disk(partitions: list[Partition], work: Path) -> bytes:
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


def _linux(tree: linux.Tree, work: Path) -> list[Partition]:
    """Return the layout of Debian's cloud images: the root as partition 1, BIOS boot as 14, EFI as 15."""
    return [
        Partition(14, "ef02", b"\0" * _MIB),
        Partition(15, "ef00", _efi(work, "EFI/debian")),
        Partition(1, "8300", _ext4(tree, work)),
    ]


def _red_hat(tree: linux.Tree, work: Path, mounts: str = "") -> list[Partition]:
    """Return the layout of Azure's RHEL images: EFI, /boot, BIOS boot, and the volume group."""
    return [
        Partition(1, "ef00", _efi(work, "EFI/redhat")),
        Partition(2, "8300", red_hat.boot(work, _run)),
        Partition(3, "ef02", b"\0" * _MIB),
        Partition(4, "8e00", red_hat.physical_volume(red_hat.of(tree, mounts), work, _run, _place)),
    ]


def _windows(tree: windows.Tree, work: Path) -> list[Partition]:
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


def _ext4(tree: linux.Tree, work: Path, identity: str = _ROOT, label: str = "root") -> bytes:
    root, volume, script = work / "root", work / "ext4", work / "times"
    root.mkdir()
    for path, entry in sorted(tree.items()):
        _place(root / path, entry)
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


def _place(path: Path, entry: linux.Entry) -> None:
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


def _tag_times(raw: bytes) -> list[int]:
    """Return the offsets of every FILETIME of the success tag: in its file record, and in its folder's index."""
    name = windows.SUCCESS_TAG.rpartition("/")[2]
    needle = bytes([len(name)])
    encoded = name.encode("utf-16-le")
    found: list[int] = []
    place = raw.find(encoded)
    while place >= 0:
        # $FILE_NAME: parent (8 bytes), four times, sizes, flags; length and kind of the name; the name at 0x42.
        if raw[place - 2 : place - 1] == needle:
            found += [place - 0x42 + 8 + 8 * number for number in range(4)]
            found += _record_times(raw, place)
        place = raw.find(encoded, place + 1)
    return sorted(set(found))


def _record_times(raw: bytes, place: int) -> list[int]:
    """Return where $STANDARD_INFORMATION has its times, if `place` lies in a file record (1,024 bytes)."""
    record = place // 1024 * 1024
    if raw[record : record + 4] != b"FILE":
        return []
    first, flags = struct.unpack_from("<HH", raw, record + 0x14)
    if flags & 0x02:  # a folder: the name is an entry of its index, and the record's own times are the folder's
        return []
    (kind,) = struct.unpack_from("<I", raw, record + first)
    (content,) = struct.unpack_from("<H", raw, record + first + 0x14)
    if kind != 0x10:
        raise SystemExit("the success tag's file record does not start with $STANDARD_INFORMATION")
    return [record + first + content + 8 * number for number in range(4)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
