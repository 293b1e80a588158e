"""Disks in local files: raw, and fixed VHDs."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.disk.source import FileSource
from runners.errors import DiskError
from tests.runners.disk.disks import footer_of_vhd

DISK = bytes(range(256)) * 16


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "disk.vhd"
    path.write_bytes(data)
    return path


def test_a_raw_disk_is_read_as_it_is(tmp_path: Path) -> None:
    with FileSource(written(tmp_path, DISK)) as source:
        assert source.size == len(DISK)
        assert source.read(300, 5) == DISK[300:305]
        assert source.read(len(DISK) - 3, 100) == DISK[-3:]
        assert source.read(len(DISK), 1) == b""


def test_the_footer_of_a_fixed_vhd_is_no_part_of_the_disk(tmp_path: Path) -> None:
    with FileSource(written(tmp_path, DISK + footer_of_vhd(len(DISK)))) as source:
        assert source.size == len(DISK)
        assert source.read(0, 10_000) == DISK


def test_what_was_read_is_counted(tmp_path: Path) -> None:
    with FileSource(written(tmp_path, DISK)) as source:
        before, asked = source.bytes_read, source.requests
        source.read(0, 100)
        source.read(50, 100)
        assert (source.bytes_read - before, source.requests - asked) == (200, 2)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (DISK + footer_of_vhd(len(DISK))[:-1] + b"\x01", "checksum"),
        (DISK + footer_of_vhd(len(DISK), kind=3), "qemu-img convert"),
        (DISK[:2048] + footer_of_vhd(len(DISK)), "was cut"),
        (b"", "empty"),
    ],
    ids=["damaged footer", "dynamic VHD", "cut VHD", "empty file"],
)
def test_a_file_that_is_no_whole_disk_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(DiskError, match=reason):
        FileSource(written(tmp_path, data))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"nowhere\.raw"):
        FileSource(tmp_path / "nowhere.raw")


def test_a_file_that_shrinks_meanwhile_is_no_witness(tmp_path: Path) -> None:
    path = written(tmp_path, DISK)
    with FileSource(path) as source:
        path.write_bytes(DISK[:1000])
        with pytest.raises(DiskError, match="shorter"):
            source.read(0, 4096)
