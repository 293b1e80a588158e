"""The footer of a fixed VHD: what of a blob is the disk, and which blobs are none."""

from __future__ import annotations

import pytest

from runners.disk.vhd import FOOTER, payload_size
from runners.errors import DiskError
from tests.runners.disk.disks import footer_of_vhd

DISK = bytes(range(256)) * 16


def size_of(blob: bytes) -> int:
    return payload_size(len(blob), blob[-FOOTER:])


def test_a_raw_disk_is_the_disk_as_it_is() -> None:
    assert size_of(DISK) == len(DISK)


def test_the_footer_of_a_fixed_vhd_is_no_part_of_the_disk() -> None:
    assert size_of(DISK + footer_of_vhd(len(DISK))) == len(DISK)


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (DISK + footer_of_vhd(len(DISK))[:-1] + b"\x01", "checksum"),
        (DISK + footer_of_vhd(len(DISK), kind=3), "qemu-img convert"),
        (DISK[:2048] + footer_of_vhd(len(DISK)), "was cut"),
    ],
    ids=["damaged footer", "dynamic VHD", "cut VHD"],
)
def test_a_blob_that_is_no_whole_disk_is_refused(blob: bytes, reason: str) -> None:
    with pytest.raises(DiskError, match=reason):
        size_of(blob)
