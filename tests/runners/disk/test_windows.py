"""What the stopped disks of Windows VMs say, in every state, and when they are damaged or were not shut down."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from checks.facts import Fact, WindowsDisk
from lab.images import DiskImage, open_image
from runners.disk.reader import examine
from runners.errors import DiskError
from runners.observe.disk import parse
from tests.runners.disk.disks import WINDOWS_VOLUME, ImageSource, in_transaction, whole


def seen(image: DiskImage | str) -> WindowsDisk:
    disk = parse(examine(ImageSource(image), "windows"))
    assert isinstance(disk, WindowsDisk)
    return disk


@pytest.fixture(scope="module")
def sealed() -> WindowsDisk:
    return seen("windows-sealed")


def reason(fact: Fact[Any]) -> str:
    return str(fact.to_json().get("unknown", ""))


def all_facts(disk: WindowsDisk) -> list[Fact[Any]]:
    fields = [getattr(disk, name) for name in WindowsDisk.__dataclass_fields__ if name != "coverage"]
    topics = [item for item in fields if not isinstance(item, Fact)]
    inner = [getattr(topic, name) for topic in topics for name in topic.__dataclass_fields__]
    return [item for item in fields if isinstance(item, Fact)] + inner


def test_a_sealed_disk_says_so_in_the_hives_and_the_files(sealed: WindowsDisk) -> None:
    disk = sealed
    assert disk.image_state.value == "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
    assert disk.image_state_file.value == "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
    assert disk.setup_type.value == 2
    assert disk.setup_command.value == r"oobe\windeploy.exe"
    assert disk.generalization_state.value == 4
    assert disk.success_tag.value == "2026-11-22T18:30:00Z"
    assert disk.error_lines.value == ()


def test_a_configured_disk_was_never_sealed() -> None:
    disk = seen("windows-configured")
    assert disk.image_state.value == disk.image_state_file.value == "IMAGE_STATE_COMPLETE"
    assert disk.setup_type.value == 0
    assert disk.setup_command.value == ""
    assert disk.generalization_state.value == 7
    assert disk.success_tag.absent
    assert disk.error_lines.absent


def test_a_refused_sysprep_left_its_reason() -> None:
    disk = seen("windows-unsealed")
    assert disk.image_state.value == "IMAGE_STATE_COMPLETE"
    assert disk.success_tag.absent
    assert any("0x80073cf2" in line for line in disk.error_lines.value)


def test_the_time_of_the_tag_is_the_time_it_was_stamped_with() -> None:
    moment = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    stamped = seen(open_image("windows-sealed").stamped(success_tag=moment))
    assert datetime.fromisoformat(stamped.success_tag.value) == moment


def test_coverage_names_every_volume(sealed: WindowsDisk) -> None:
    volumes = {volume.name: volume.filesystem for volume in sealed.coverage.volumes}
    assert volumes == {"partition 1": "fat", "partition 2": "none", "partition 3": "ntfs"}


def test_an_encrypted_volume_makes_every_fact_unknown() -> None:
    disk = seen(open_image("windows-sealed").replaced(WINDOWS_VOLUME + 3, b"-FVE-FS-"))
    assert all("BitLocker" in reason(fact) for fact in all_facts(disk))


def test_hives_with_changes_in_their_log_files_are_no_witness() -> None:
    disk = seen(in_transaction("windows-sealed"))
    for fact in (disk.image_state, disk.setup_type, disk.setup_command, disk.generalization_state):
        assert "not closed cleanly" in reason(fact)
    assert disk.image_state_file.known


def test_a_damaged_hive_is_no_witness() -> None:
    data, image = whole("windows-sealed"), open_image("windows-sealed")
    place = data.find(b"regf\x01")
    while place >= 0:
        image = image.replaced(place + 100, b"x")
        place = data.find(b"regf\x01", place + 1)
    disk = seen(image)
    assert "is damaged" in reason(disk.image_state)
    assert "is damaged" in reason(disk.setup_type)


@pytest.mark.parametrize(("what", "word"), [("flag", "marked dirty"), ("log", "log holds changes")])
def test_a_volume_that_was_not_shut_down_is_no_witness(what: str, word: str) -> None:
    ntfs: Any = pytest.importorskip("dissect.ntfs", reason="dissect.ntfs is not installed: pip install -e '.[disk]'")
    image = open_image("windows-sealed")
    volume = ntfs.NTFS(io.BytesIO(image.read(WINDOWS_VOLUME, image.size)))
    if what == "flag":
        record = volume.mft.get(3)
        # $VOLUME_INFORMATION is resident: version 3.1, then the flags.
        place = record.data.index(b"\x03\x01\x00\x00", 0x38)
        mft = volume.mft.fh.runlist[0][0] * volume.cluster_size
        image = image.replaced(WINDOWS_VOLUME + mft + 3 * 1024 + place + 2, b"\x01")
    else:
        log = volume.mft.get(2).dataruns()[0][0] * volume.cluster_size
        page = b"RSTR" + bytes(12) + (4096).to_bytes(4, "little") + bytes(4) + (0x30).to_bytes(2, "little")
        # A client is in use, and the flag for a clean volume is not set.
        image = image.replaced(WINDOWS_VOLUME + log, page.ljust(0x30 + 32, b"\0"))
    assert all(word in reason(fact) for fact in all_facts(seen(image)))


def test_a_linux_disk_is_no_windows_disk() -> None:
    assert all("no volume with Windows" in reason(fact) for fact in all_facts(seen("linux-sealed")))


@pytest.mark.parametrize("seed", range(3))
def test_noise_never_makes_a_configured_disk_look_sealed(seed: int) -> None:
    noise = random.Random(seed)
    image = open_image("windows-configured")
    for _ in range(12):
        image = image.replaced(WINDOWS_VOLUME + noise.randrange(0, 400) * 1024, noise.randbytes(1024))
    try:
        disk = seen(image)
    except DiskError:
        return
    assert not disk.success_tag.known or disk.success_tag.absent
    assert not disk.image_state.known or disk.image_state.absent or "COMPLETE" in disk.image_state.value
