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
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.images import linux, planted, windows
from lab.images.image import HERE, MANIFEST
from lab.images.partitions import ENVIRONMENT, Partition, disk, ext4, linux_layout, red_hat_layout, windows_layout

TOOLS = ("mkfs.ext4", "debugfs", "sgdisk", "mkfs.fat", "mcopy", "mmd", "mkntfs", "ntfs-3g", "fusermount3")
LVM_TOOLS = ("mkfs.xfs", "lvm", "losetup", "mount")
"""What the images with LVM need besides."""


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
            lambda work: linux_layout(linux.configured(), work),
            "A provisioned Debian 12 VM before the step: account files as recorded before a real run of waagent 2.7.3 "
            "(-deprovision+user -force), its second account left out so that the healthy path can end clean.",
        ),
        Plan(
            "linux-sealed",
            lambda work: linux_layout(linux.sealed(), work),
            "The same VM after waagent and after clean: machine-id, passwd-backups, sudoers. Account files and "
            "hostname as recorded after the real run; /etc/machine-id emptied; the backups of the account files and "
            "the sudo rights of the deleted account gone.",
        ),
        Plan(
            "linux-residue",
            lambda work: linux_layout(linux.residue(), work),
            "The same VM after waagent alone: as recorded after the real run, which succeeded, the machine-id is still "
            "set and the deleted account's hash is still in /etc/shadow-.",
        ),
        Plan(
            "linux-unsealed",
            lambda work: linux_layout(linux.unsealed(), work),
            "A VM that says it is RHEL 9.4, after waagent 2.15.0.1 died in its fifth action with exit code 0, as in "
            "the recorded run: host keys gone and hostname set, but account, hashes, home and /var/lib/waagent stay.",
        ),
        Plan(
            "linux-lvm-configured",
            lambda work: red_hat_layout(linux.configured(), work),
            "The provisioned VM in the layout of Azure's RHEL images: /boot, and rootvg with a volume each for /, "
            "/usr, /var, /home and /tmp, all XFS, written by the kernel and by LVM's tools.",
        ),
        Plan(
            "linux-lvm-sealed",
            lambda work: red_hat_layout(linux.sealed(), work),
            "The same layout after waagent and after clean: machine-id, passwd-backups.",
        ),
        *(
            Plan(
                f"linux-kept-{what}",
                lambda work, what=what: linux_layout(linux.kept(what), work),  # type: ignore[misc]  # a default binds it
                f"The sealed VM, on which one thing stayed that had to go: its {what}.",
            )
            for what in ("user", "machine-id", "host-keys")
        ),
        Plan(
            "linux-planted",
            lambda work: linux_layout(planted.planted(), work),
            "The sealed VM with residue of every kind planted on it: keys, credentials, dumps, identities, leases, "
            "logs, jobs, mounts and traces. Constructed: place holders, and hashes that no password has.",
        ),
        Plan(
            "linux-spotless",
            lambda work: linux_layout(planted.spotless(), work),
            "The sealed VM without its name in /etc/hosts: nothing of the source is left.",
        ),
        Plan(
            "linux-overlooked",
            lambda work: linux_layout(planted.overlooked(), work),
            "The spotless VM with residue where it is easily overlooked: an alias in /etc/sudoers, and the home of an "
            "account of a directory, two folders below /home.",
        ),
        Plan(
            "linux-unmounted",
            lambda work: [
                *linux_layout(planted.spotless(), work),
                Partition(2, "8300", ext4(planted.DATA, work, "5ea1f001-0000-4000-8000-00000000da7a", "data")),
            ],
            "The spotless VM with a second ext4 on its disk, which /etc/fstab does not name: it holds copies.",
        ),
        Plan(
            "linux-lvm-planted",
            lambda work: red_hat_layout(planted.planted(), work, planted.DATA_DISK),
            "The same residue in the layout of Azure's RHEL images.",
        ),
        Plan(
            "linux-lvm-spotless",
            lambda work: red_hat_layout(planted.spotless(), work),
            "The layout of Azure's RHEL images, with nothing of the source left.",
        ),
        Plan(
            "windows-configured",
            lambda work: windows_layout(windows.configured(), work),
            "A finished Windows Server 2022 before the step: ImageState COMPLETE, SetupType 0, GeneralizationState 7.",
        ),
        Plan(
            "windows-sealed",
            lambda work: windows_layout(windows.sealed(), work),
            "The same after sysprep /generalize /oobe /shutdown: the state that documents and the field report for a "
            "sealed disk. The success tag carries a time that the simulated guest replaces by the time of its launch.",
        ),
        Plan(
            "windows-residue",
            lambda work: windows_layout(windows.with_residue(), work),
            "The sealed disk of a careless build: one piece of every kind of residue that a stopped Windows is "
            "searched for, in its files and its four hives, with made-up secrets.",
        ),
        Plan(
            "windows-audit",
            lambda work: windows_layout(windows.for_audit(), work),
            "The same VM after sysprep /generalize /audit /shutdown: generalized, and waiting in audit mode.",
        ),
        Plan(
            "windows-unflushed",
            lambda work: windows_layout(windows.unflushed(), work),
            "The sealed disk as Windows may leave it: the hives' files still say that Sysprep never ran, and what it "
            "changed is in their transaction logs.",
        ),
        Plan(
            "windows-not-generalized",
            lambda work: windows_layout(windows.not_generalized(), work),
            "The same VM after sysprep /oobe /shutdown without /generalize: a success tag and a first start to come, "
            "with the machine's old identity.",
        ),
        Plan(
            "windows-unsealed",
            lambda work: windows_layout(windows.unsealed(), work),
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
            raw = disk(plan.partitions(Path(folder)), Path(folder))
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
