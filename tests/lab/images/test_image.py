"""The committed images, and what a lab may do with them."""

from __future__ import annotations

import io
import lzma
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.images import DiskImage, ImageError, image, image_names, open_image
from lab.images.linux import HASH

NAMES = (
    "linux-configured",
    "linux-kept-host-keys",
    "linux-kept-machine-id",
    "linux-kept-user",
    "linux-lvm-configured",
    "linux-lvm-planted",
    "linux-lvm-sealed",
    "linux-lvm-spotless",
    "linux-overlooked",
    "linux-planted",
    "linux-residue",
    "linux-sealed",
    "linux-spotless",
    "linux-unmounted",
    "linux-unsealed",
    "windows-audit",
    "windows-configured",
    "windows-not-generalized",
    "windows-residue",
    "windows-sealed",
    "windows-unflushed",
    "windows-unsealed",
)


def test_every_state_has_its_image() -> None:
    assert image_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_a_gpt_disk_that_says_it_was_constructed_and_why(name: str) -> None:
    disk = open_image(name)
    assert disk.read(512, 8) == b"EFI PART"
    assert disk.read(disk.size - 512, 8) == b"EFI PART", "the backup header is where the disk ends"
    assert disk.provenance == "constructed"
    assert len(disk.why) > 40


def test_the_hash_is_on_the_disks_that_need_it_only() -> None:
    carriers = {name for name in NAMES if HASH.encode() in open_image(name).read(0, 1 << 30)}
    assert carriers == {
        *("linux-configured", "linux-lvm-configured", "linux-residue", "linux-unsealed"),
        *("linux-kept-user", "linux-planted", "linux-lvm-planted", "linux-unmounted"),
    }


def test_reads_are_short_only_at_the_end() -> None:
    disk = open_image("linux-sealed")
    assert len(disk.read(disk.size - 10, 100)) == 10
    assert disk.read(disk.size, 100) == b""


def test_a_change_is_seen_in_the_copy_only() -> None:
    disk = DiskImage(name="x", provenance="constructed", why="a test", _raw=bytes(range(64)))
    changed = disk.replaced(10, b"abcdef").replaced(12, b"XY")
    assert changed.read(8, 10) == bytes([8, 9]) + b"abXYef" + bytes([16, 17])
    assert changed.read(13, 1) == b"Y"
    assert disk.read(10, 6) == bytes(range(10, 16))


def test_a_change_past_the_end_is_refused() -> None:
    disk = open_image("linux-sealed")
    with pytest.raises(ValueError, match="do not fit"):
        disk.replaced(disk.size - 2, b"abc")


def test_the_success_tag_can_be_stamped_with_the_time_of_a_launch() -> None:
    ntfs: Any = pytest.importorskip("dissect.ntfs", reason="dissect.ntfs is not installed: pip install -e '.[disk]'")
    moment = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    disk = open_image("windows-sealed").stamped(success_tag=moment)
    volume = ntfs.NTFS(io.BytesIO(disk.read(3 << 20, disk.size)))
    tag = volume.mft.get("Windows/System32/Sysprep/Sysprep_succeeded.tag")
    folder = volume.mft.get("Windows/System32/Sysprep")
    assert tag.attributes.STANDARD_INFORMATION[0].attribute.last_modification_time == moment
    assert tag.attributes.FILE_NAME[0].attribute.last_modification_time == moment
    listed = {entry.attribute.file_name: entry.attribute.last_modification_time for entry in folder.iterdir()}
    assert listed["Sysprep_succeeded.tag"] == moment
    assert listed["sysprep.exe"] != moment
    assert folder.attributes.STANDARD_INFORMATION[0].attribute.last_modification_time != moment


def test_a_disk_without_the_tag_cannot_be_stamped() -> None:
    with pytest.raises(ImageError, match=r"Sysprep_succeeded\.tag"):
        open_image("windows-unsealed").stamped(success_tag=datetime(2027, 1, 1, tzinfo=UTC))


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ImageError, match="linux-sealed"):
        open_image("linux-sealled")


def test_an_image_that_was_changed_on_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "linux-sealed.img.xz").write_bytes(lzma.compress(b"something else"))
    monkeypatch.setattr(image, "HERE", tmp_path)
    open_image.cache_clear()
    with pytest.raises(ImageError, match=r"manifest\.json"):
        open_image("linux-sealed")
