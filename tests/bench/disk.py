"""The stopped disk: all post-checks of ours beside one file by libguestfs and by dissect's own tools."""

from __future__ import annotations

import mmap
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lab.images.image import open_image
from runners.disk.file import open_disk_file
from runners.disk.reader import examine
from runners.disk.sas import SasSource
from tests.bench import machine
from tests.bench.command import run
from tests.bench.parts import PARTS
from tests.bench.table import KEPT, Table
from tests.large import disk as large
from tests.runners.disk.blob_server import Blob, serving

LATENCY = 0.02
NETWORK = 1e9 / 8
"""Bytes a second, of a link of 1 Gbit/s."""
PATIENCE = 180
"""Seconds for each command of the others."""
_DISSECT = KEPT / "dissect" / "bin"
_GUESTFS = {"LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"}
_HEAD = ("disk", "what", "bytes fetched", "requests", "wall", "answer")


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk as a file."""

    name: str
    path: Path
    platform: str
    file: str
    """A file in it that says something of its state."""
    partition: str
    """As libguestfs calls the one that the file is in."""
    pages: str | None = None
    """What Get Page Ranges says of it."""


def measure(small: bool) -> Table:
    """Measure it. Small: ours alone, on the lab's Linux disk."""
    about, rows = machine.described(), list[tuple[str, ...]]()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        for disk in _disks(Path(folder), small):
            rows += _ours(disk, Path(folder))
            if not small:
                rows += [_other(disk, *tool) for tool in _tools(disk)] + [_download(disk)]
    return Table("disk", PARTS["disk"], _how(), _HEAD, tuple(rows), _notes(small), about, small)


def _disks(folder: Path, small: bool) -> Iterator[Disk]:
    lab = {
        "linux-sealed": ("linux", "/etc/hostname", "/dev/sda1"),
        "windows-sealed": ("windows", "/Windows/Setup/State/State.ini", "/dev/sda3"),
    }
    for name, inside in list(lab.items())[: 1 if small else None]:
        image, path = open_image(name), folder / f"{name}.img"
        path.write_bytes(image.read(0, image.size))
        yield Disk(f"the lab's {name}, {image.size / 1024**2:.0f} MiB", path, *inside)
    if not small and not large.missing():
        path = large.make(folder)
        yield Disk("ext4 on GPT, 30 GiB, sparse", path, "linux", "/etc/hostname", "/dev/sda1", large.page_list(path))


def _ours(disk: Disk, folder: Path) -> Iterator[tuple[str, ...]]:
    yield _examined(disk, "ours, all post-checks, from a file", lambda: open_disk_file(disk.path))
    with _served(disk, folder) as blob:
        source = lambda: SasSource(blob.access, blob.ca_file)  # noqa: E731 # said where it is used
        yield _examined(disk, f"ours, all post-checks, over HTTPS at {LATENCY * 1000:.0f} ms", source)


@contextmanager
def _served(disk: Disk, folder: Path) -> Iterator[Blob]:
    with (
        disk.path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        serving(cast("bytes", content), folder) as blob,
    ):
        blob.delay, blob.pages = LATENCY, disk.pages
        yield blob


def _examined(disk: Disk, what: str, open_source: Callable[[], Any]) -> tuple[str, ...]:
    begun = time.monotonic()
    with open_source() as source:
        coverage = examine(source, disk.platform)["coverage"]
    wall, share = time.monotonic() - begun, coverage["bytes_read"] / coverage["size_bytes"]
    read = f"{coverage['bytes_read']:,} ({share:.3%})"
    return disk.name, what, read, str(coverage["requests"]), f"{wall:.2f} s", f"{coverage['files_examined']} files"


def _tools(disk: Disk) -> Iterator[tuple[str, tuple[str, ...], dict[str, str]]]:
    image = ("--format=raw", "-a", str(disk.path))
    yield "virt-cat, one file", ("virt-cat", *image, "-m", disk.partition, disk.file), _GUESTFS
    if disk.pages:
        # The lab's tiny disks have too few of an operating system's files for it to find one.
        yield "virt-inspector", ("virt-inspector", *image), _GUESTFS
    inside = f"C:{disk.file}" if disk.platform == "windows" else disk.file
    yield "dissect target-fs, one file", (str(_DISSECT / "target-fs"), "-q", str(disk.path), "cat", inside), {}
    query = (str(_DISSECT / "target-query"), "-q", "-s", "-f", "hostname,version", str(disk.path))
    yield "dissect target-query, host name and version", query, {}


def _other(disk: Disk, what: str, command: tuple[str, ...], environment: dict[str, str]) -> tuple[str, ...]:
    size = f"{disk.path.stat().st_size:,} (100 %)"
    if shutil.which(command[0]) is None:
        return disk.name, what, size, "", "", "not installed here"
    try:
        took = run(command, {**environment, "TMPDIR": str(disk.path.parent)}, PATIENCE)
    except subprocess.TimeoutExpired:
        return disk.name, what, size, "", f"over {PATIENCE} s", "given up"
    said = f"{len(took.said.encode()):,} bytes" if took.code == 0 else f"failed: {_last(took.said)}"
    if command[0] == "virt-inspector" and "<operatingsystem>" not in took.said:
        said = "it found no operating system"
    return disk.name, what, size, "", f"{took.wall:.2f} s", said


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    return lines[-1].replace("|", "\\|")[:100]


def _download(disk: Disk) -> tuple[str, ...]:
    size = disk.path.stat().st_size
    seconds = LATENCY + size / NETWORK
    return disk.name, "downloading it all, at 1 Gbit/s", f"{size:,} (100 %)", "", f"{seconds:.2f} s (computed)", ""


def _how() -> str:
    return (
        "Ours reads all that the post-checks of its platform ask for, with the start of its reader process, from the "
        f"file and by range requests to an HTTPS server on loopback that waits {LATENCY * 1000:.0f} ms before each "
        "answer. The others answer far less, and read a file: what is fetched for them is the whole disk, whose "
        "download is a row of its own and not in their time."
    )


def _notes(small: bool) -> tuple[str, ...]:
    if small:
        return ("A rehearsal.",)
    kvm = "has /dev/kvm, which was not used" if os.access("/dev/kvm", os.R_OK) else "has no /dev/kvm"
    notes = [
        f"libguestfs runs without KVM (`force_tcg`; the machine {kvm}): with KVM its appliance starts several times "
        f"faster. Each command was given {PATIENCE} s. The first of all may have had to build the appliance.",
        "virt-cat is told which partition to mount, which saves it looking for an operating system.",
        "dissect.target stands on the same parsers as our reader process; it starts a Python of its own, as ours does.",
    ]
    return (*notes, *([f"No disk of 30 GiB: {large.missing()}."] if large.missing() else []))
