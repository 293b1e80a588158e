"""A disk of 30 GiB with a root file system of this machine's own programs and texts, sealed; most of it is holes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lab.images import linux
from lab.images.partitions import ENVIRONMENT, place
from tests.runners.disk.disks import footer_of_vhd

SIZE = 30 * 1024**3
_ROOT_SECTOR = 262144
_FILLING = ("usr/bin", "usr/share/doc", "usr/share/perl", "usr/lib/python3", "var/lib/dpkg", "etc/systemd", "etc/pam.d")
TOOLS = ("sgdisk", "mkfs.ext4", "debugfs", "cp")


def missing() -> str:
    """Return why such a disk can't be made here; empty where it can."""
    tools = [tool for tool in TOOLS if not shutil.which(tool, path=ENVIRONMENT["PATH"])]
    if tools:
        return f"{', '.join(tools)} not installed (apt-get install e2fsprogs gdisk)"
    return "" if os.geteuid() == 0 else "making a root file system needs root, to set owners"


def make(folder: Path) -> Path:
    """Make the disk as a fixed VHD in `folder`, and return its path."""
    root, disk = folder / "root", folder / "disk.vhd"
    for part in _FILLING:
        if Path("/", part).is_dir():
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            _run("cp", "-a", f"/{part}", str(root / part))
    for path, entry in sorted(linux.sealed().items()):
        if (root / path).is_file():
            (root / path).unlink()
        place(root / path, entry)
    # This disk has no partition for EFI, and its machine has no name left.
    (root / "etc/fstab").write_text(
        "UUID=5ea1f001-0000-4000-8000-00000000e474 / ext4 rw,discard 0 1\n", encoding="utf-8"
    )
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    with disk.open("wb") as file:
        file.truncate(SIZE)
    partitions = ("--new=14:2048:8191", "--typecode=14:ef02", f"--new=1:{_ROOT_SECTOR}:0", "--typecode=1:8300")
    _run("sgdisk", *partitions, str(disk))
    identity = "5ea1f001-0000-4000-8000-00000000e474"
    blocks = (SIZE - _ROOT_SECTOR * 512 - 1024**2) // 1024
    _run(
        *("mkfs.ext4", "-q", "-F", "-E", f"offset={_ROOT_SECTOR * 512},root_owner=0:0", "-U", identity, "-L", "root"),
        *("-d", str(root), str(disk), f"{blocks}k"),
    )
    shutil.rmtree(root)
    with disk.open("ab") as file:
        file.write(footer_of_vhd(SIZE))
    return disk


def plant(disk: Path, inside: str, content: str) -> None:
    """Write a file into the root file system."""
    source = disk.with_name("planted")
    source.write_text(content, encoding="utf-8")
    _run("debugfs", "-w", "-R", f"write {source} {inside}", f"{disk}?offset={_ROOT_SECTOR * 512}")


def page_list(disk: Path) -> str:
    """Return what Get Page Ranges says of it: what the host's file system has, its holes left out."""
    ranges = "".join(f"<PageRange><Start>{begin}</Start><End>{end - 1}</End></PageRange>" for begin, end in _data(disk))
    return f'<?xml version="1.0" encoding="utf-8"?><PageList>{ranges}</PageList>'


def _data(disk: Path) -> Iterator[tuple[int, int]]:
    with disk.open("rb") as file:
        size, end = disk.stat().st_size, 0
        while end < size:
            try:
                begin = os.lseek(file.fileno(), end, os.SEEK_DATA)
            except OSError:
                return
            end = os.lseek(file.fileno(), begin, os.SEEK_HOLE)
            yield begin, end


def _run(*command: str) -> None:
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
