"""Disks in local files: what the real qemu-img makes is read as the raw disk is, and what can't be read says why."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runners.disk.file import open_disk_file
from runners.disk.process.checksum import crc32c
from runners.disk.process.container import open_container
from runners.disk.process.tree import Unreadable
from runners.disk.reader import examine
from runners.errors import DiskError
from runners.observe.disk import parse
from tests.runners.disk.disks import ImageSource, footer_of_vhd, whole

QEMU_IMG = shutil.which("qemu-img")
NAME = "linux-residue"

needs_qemu_img = pytest.mark.skipif(QEMU_IMG is None, reason="qemu-img is not installed (apt-get install qemu-utils)")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "disk.raw"
    path.write_bytes(whole(NAME))
    return path


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return examine(ImageSource(NAME), "linux")


def qemu_img(*arguments: str | Path) -> None:
    assert QEMU_IMG
    subprocess.run([QEMU_IMG, *map(str, arguments)], check=True, capture_output=True)


def opened(path: Path) -> None:
    with open_disk_file(path) as file:
        open_container(file, file.container)


def examined(path: Path) -> dict[str, Any]:
    with open_disk_file(path) as file:
        return examine(file, "linux")


def test_a_raw_file_says_what_the_disk_says(raw: Path, expected: dict[str, Any]) -> None:
    report = examined(raw)
    assert report["facts"] == expected["facts"]
    coverage = parse(report).coverage
    assert coverage.size_bytes == raw.stat().st_size
    assert 0 < coverage.bytes_read < coverage.size_bytes


def test_a_fixed_vhd_is_its_disk(raw: Path, tmp_path: Path, expected: dict[str, Any]) -> None:
    path = tmp_path / "disk.vhd"
    path.write_bytes(raw.read_bytes() + footer_of_vhd(raw.stat().st_size))
    report = examined(path)
    assert report["facts"] == expected["facts"]
    assert report["coverage"]["size_bytes"] == raw.stat().st_size


@needs_qemu_img
@pytest.mark.parametrize(
    ("container", "options"),
    [
        ("vpc", "subformat=fixed,force_size=on"),
        ("vpc", "subformat=dynamic,force_size=on"),
        ("vhdx", "subformat=dynamic"),
        ("vhdx", "subformat=fixed"),
        ("qcow2", "compat=1.1"),
        ("qcow2", "compat=1.1,cluster_size=4096"),
    ],
)
def test_what_qemu_img_makes_says_what_the_disk_says(
    container: str, options: str, raw: Path, tmp_path: Path, expected: dict[str, Any]
) -> None:
    path = tmp_path / "disk"
    qemu_img("convert", "-f", "raw", "-O", container, "-o", options, raw, path)
    report = examined(path)
    assert report["facts"] == expected["facts"]
    # A VHD and a VHDX may round the size up to whole MiB or cylinders.
    assert 0 <= report["coverage"]["size_bytes"] - raw.stat().st_size < 1 << 20
    assert report["coverage"]["volumes"] == expected["coverage"]["volumes"]


@needs_qemu_img
def test_a_compressed_qcow2_is_read(raw: Path, tmp_path: Path, expected: dict[str, Any]) -> None:
    path = tmp_path / "disk.img"
    qemu_img("convert", "-c", "-O", "qcow2", raw, path)
    assert examined(path)["facts"] == expected["facts"]


@needs_qemu_img
def test_a_qcow2_with_a_backing_file_is_refused(raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "over.qcow2"
    qemu_img("create", "-f", "qcow2", "-b", raw, "-F", "raw", path)
    with pytest.raises(DiskError, match="differs from a parent file, which is not read"):
        examined(path)


@needs_qemu_img
@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (7, b"\x02", "version 2"),
        (35, b"\x01", "encrypted"),
        (79, b"\x02", "marked as corrupt"),
        (79, b"\x04", "in another file"),
        (79, b"\x10", "extended_l2"),
        (78, b"\x01", "features that are not read"),
        (20, b"\x00\x00\x00\x3f", "damaged or of a kind that is not read"),
    ],
    ids=["version", "encrypted", "corrupt", "data file", "extended", "feature", "cluster bits"],
)
def test_a_qcow2_that_is_not_read_says_why(place: int, value: bytes, reason: str, raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "disk.qcow2"
    qemu_img("convert", "-O", "qcow2", raw, path)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(value)
    with pytest.raises(Unreadable, match=reason):
        opened(path)


@needs_qemu_img
def test_a_vhdx_whose_log_waits_is_refused(raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "disk.vhdx"
    qemu_img("convert", "-O", "vhdx", raw, path)
    with path.open("r+b") as file:
        for place in (64 * 1024, 128 * 1024):
            file.seek(place)
            header = bytearray(file.read(4096))
            header[48:64] = b"log of somebody!"
            file.seek(place)
            file.write(_sealed(header))
    with pytest.raises(Unreadable, match="was not closed: changes wait in its log"):
        opened(path)


@needs_qemu_img
def test_a_vhdx_with_a_parent_is_refused(raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "disk.vhdx"
    qemu_img("convert", "-O", "vhdx", raw, path)
    data = bytearray(path.read_bytes())
    # The metadata item "file parameters": block size, then flags, of which bit 1 says that there is a parent.
    item = bytes.fromhex("3767a1ca36fa434db3b633f0aa44e76b")
    entry = data.find(item)
    table = data.rfind(b"metadata", 0, entry)
    (place,) = struct.unpack_from("<I", data, entry + 16)
    data[table + place + 4] |= 2
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="differs from a parent file"):
        opened(path)


@needs_qemu_img
@pytest.mark.parametrize("container", ["vpc", "vhdx", "qcow2"])
def test_a_container_that_was_cut_is_never_read_as_whole(container: str, raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "disk"
    qemu_img("convert", "-O", container, raw, path)
    os.truncate(path, path.stat().st_size // 3)
    try:
        report = examined(path)
    except DiskError:
        return
    facts = {name: value for name, value in report["facts"].items() if not _is_topic(value)}
    facts |= {name: fact for value in report["facts"].values() if _is_topic(value) for name, fact in value.items()}
    known = [name for name, fact in facts.items() if "unknown" not in fact]
    assert not known, "facts of a disk of which two thirds are missing"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no disk is in it"),
        (bytes(1 << 20), "no disk is in it"),
        (b"\x1f\x8b\x08" + b"x" * 1000, "compressed \\(gzip\\)"),
        (b"KDMV" + b"x" * 1000, "a VMDK"),
        (b"conectix" + b"x" * 1000, "was cut"),
        (b"QFI\xfb".ljust(510, b"\0") + b"\x55\xaa" + b"x" * 1000, "a guest may have made it so"),
        (b"vhdxfile".ljust(512, b"\0") + b"EFI PART" + b"x" * 1000, "a guest may have made it so"),
        (b"x" * 4096 + footer_of_vhd(4096, kind=4), "differencing VHD"),
        (b"x" * 2048 + footer_of_vhd(4096), "was cut"),
        (b"x" * 4096 + footer_of_vhd(4096)[:-1] + b"x", "checksum"),
    ],
    ids=["empty", "zeros", "gzip", "vmdk", "begun", "both", "both, vhdx", "child", "cut", "damaged"],
)
def test_a_file_that_holds_no_disk_says_so_and_names_itself(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "disk.vhd"
    path.write_bytes(content)
    with pytest.raises(DiskError, match=reason) as caught:
        open_disk_file(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, reason in ((tmp_path / "none", "No such file"), (tmp_path, "no file"), (tmp_path / "pipe", "no file")):
        with pytest.raises(DiskError, match=reason):
            open_disk_file(path)


def test_the_head_of_a_guest_does_not_hide_the_footer_of_its_vhd(tmp_path: Path) -> None:
    path = tmp_path / "disk.vhd"
    disk = b"QFI\xfb".ljust(8192, b"\1")
    path.write_bytes(disk + footer_of_vhd(len(disk)))
    with open_disk_file(path) as file:
        assert (file.container, file.size, file.read(0, 4)) == ("raw", len(disk), b"QFI\xfb")


def test_a_file_that_changes_while_it_is_read_is_found_out(raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "disk.raw"
    shutil.copy(raw, path)
    with open_disk_file(path) as file:
        file.read(0, 512)
        with path.open("r+b") as writer:
            writer.write(b"x")
        os.utime(path, (1, 1))
        with pytest.raises(DiskError, match="changed while it was read"):
            file.read(0, 512)


def _sealed(header: bytearray) -> bytes:
    header[4:8] = bytes(4)
    header[4:8] = crc32c(bytes(header)).to_bytes(4, "little")
    return bytes(header)


def _is_topic(value: dict[str, Any]) -> bool:
    """Return whether a fact's place holds facts of its own."""
    return all(isinstance(item, dict) for item in value.values())
