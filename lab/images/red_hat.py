"""The layout of Azure's RHEL images: a boot partition and a volume group `rootvg`, all XFS.

The file systems are written by the kernel's own XFS, and the volume group by LVM's own tools; LVM itself tells where
each volume lies, so no knowledge of our own reader is in the disk. No volume is ever activated, so that a host without
device mapper can make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lab.images import linux

_MIB = 1024 * 1024
_XFS_BYTES = 16 * _MIB
"""The least that XFS takes."""
PHYSICAL_BYTES = 82 * _MIB
BOOT_UUID = "5ea1f001-0000-4000-8000-00000000b007"
_EXTENT = 1 * _MIB
VOLUMES = {"rootlv": "/", "usrlv": "/usr", "varlv": "/var", "homelv": "/home", "tmplv": "/tmp"}  # noqa: S108 - a mount point
"""Logical volume -> where the system mounts it."""
_OS_RELEASE = 'PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\nVERSION_ID="9.4"\nID="rhel"\nID_LIKE="fedora"\n'
_FSTAB = f"""\
# Created by anaconda
/dev/mapper/rootvg-rootlv / xfs defaults 0 0
UUID={BOOT_UUID} /boot xfs defaults 0 0
UUID=1234-ABCD /boot/efi vfat defaults,uid=0,gid=0,umask=077,shortname=winnt 0 2
/dev/mapper/rootvg-homelv /home xfs defaults 0 0
/dev/mapper/rootvg-tmplv /tmp xfs defaults 0 0
/dev/mapper/rootvg-usrlv /usr xfs defaults 0 0
/dev/rootvg/varlv /var xfs defaults 0 0
/dev/disk/cloud/azure_resource-part1 /mnt auto defaults,nofail,x-systemd.requires=cloud-init.service,_netdev 0 2
"""


class Run(Protocol):
    """Runs a tool and returns what it printed; ends the build where it fails."""

    def __call__(self, *command: str | Path) -> str:
        """Run `command`."""
        ...


def of(tree: linux.Tree, mounts: str = "") -> linux.Tree:
    """Return what is on a Debian machine as what is on one of Red Hat. `mounts`: further lines of /etc/fstab."""
    return {**tree, "usr/lib/os-release": linux.Entry(_OS_RELEASE), "etc/fstab": linux.Entry(_FSTAB + mounts)}


def boot(work: Path, run: Run) -> bytes:
    """Return the volume of /boot."""
    tree = {"vmlinuz-5.14.0-427.el9.x86_64": linux.Entry("constructed place holder\n")}
    return _xfs(work, tree, run, lambda path, entry: path.write_text(entry.content or ""), "-m", f"uuid={BOOT_UUID}")


def physical_volume(tree: linux.Tree, work: Path, run: Run, place: Callable[[Path, linux.Entry], object]) -> bytes:
    """Return a partition that holds `rootvg` with `tree` spread over its volumes. `place` makes one file or folder."""
    disk = work / "physical"
    with disk.open("wb") as file:
        file.truncate(PHYSICAL_BYTES)
    ranges = _volume_group(disk, run)
    for name, point in VOLUMES.items():
        content = _xfs(work, _below(tree, point), run, place)
        with disk.open("r+b") as file:
            done = 0
            for start, length in ranges[name]:
                file.seek(start)
                file.write(content[done : done + length])
                done += length
    return disk.read_bytes()


def _below(tree: linux.Tree, point: str) -> linux.Tree:
    """Return the part of the tree that lies on the volume mounted at `point`; paths start at its own root."""
    others = [item.strip("/") for item in VOLUMES.values() if item not in (point, "/")]
    if point != "/":
        prefix = point.strip("/") + "/"
        return {path.removeprefix(prefix): entry for path, entry in tree.items() if path.startswith(prefix)}
    own = {path: entry for path, entry in tree.items() if path.partition("/")[0] not in others}
    return {**own, **{name: linux.Entry(mode=0o755) for name in (*others, "boot", "mnt")}}


def _volume_group(disk: Path, run: Run) -> Mapping[str, list[tuple[int, int]]]:
    """Make the group, and return where each volume lies: offsets and lengths in bytes."""
    with _looped(disk, run) as device:
        only = f'devices{{use_devicesfile=0 filter=["a|^{device}$|","r|.*|"]}} global{{activation=0}}'

        def lvm(command: str, *rest: str) -> str:
            return run("lvm", command, "--config", only, *rest)

        lvm("pvcreate", "--quiet", device)
        lvm("vgcreate", "--quiet", "-s", f"{_EXTENT}b", "rootvg", device)
        # varlv was too small once and was extended, so that it lies in two pieces.
        for name in VOLUMES:
            size = _XFS_BYTES // (2 if name == "varlv" else 1)
            lvm("lvcreate", "--quiet", "-an", "-Zn", "-Wn", "-L", f"{size}b", "-n", name, "rootvg")
        lvm("lvextend", "--quiet", "-L", f"{_XFS_BYTES}b", "rootvg/varlv")
        first = int(lvm("pvs", "--noheadings", "--units", "b", "--nosuffix", "-o", "pe_start", device).split()[-1])
        listed = lvm("lvs", "--noheadings", "--segments", "-o", "lv_name,seg_pe_ranges", "--sort", "lv_name,seg_start")
        found: dict[str, list[tuple[int, int]]] = {}
        for line in listed.splitlines():
            # varlv /dev/loop0:32-39
            words = line.split()
            if len(words) == 2 and words[1].startswith(f"{device}:"):
                begin, end = map(int, words[1].rpartition(":")[2].split("-"))
                found.setdefault(words[0], []).append((first + begin * _EXTENT, (end - begin + 1) * _EXTENT))
    return found


@contextmanager
def _looped(file: Path, run: Run) -> Iterator[str]:
    device = run("losetup", "--find", "--show", file).strip()
    try:
        yield device
    finally:
        run("losetup", "--detach", device)


def _xfs(work: Path, tree: linux.Tree, run: Run, place: Callable[[Path, linux.Entry], object], *options: str) -> bytes:
    volume, mount = work / "xfs", work / "xfs-mount"
    mount.mkdir(exist_ok=True)
    with volume.open("wb") as file:
        file.truncate(_XFS_BYTES)
    run("mkfs.xfs", "-q", "-f", "-d", "agcount=1", *options, volume)
    run("mount", "-t", "xfs", "-o", "loop", volume, mount)
    try:
        for path, entry in sorted(tree.items()):
            place(mount / path, entry)
    finally:
        run("umount", mount)
    content = volume.read_bytes()
    volume.unlink()
    return content
