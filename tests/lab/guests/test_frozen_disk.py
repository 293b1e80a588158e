"""Disks as they were at one time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab.guests.frozen_disk import EmptyDisk, FrozenFile
from lab.guests.simulated import SimulatedGuest
from lab.images import open_image

SETTINGS = {
    "answers": "debian-healthy",
    "disk": "linux-configured",
    "on_launch": {"seconds": 0, "disk": "linux-sealed"},
}


class AtOnce:
    def __init__(self, _seconds: float, call: Callable[[], None]) -> None:
        self.start = call

    def cancel(self) -> None:
        pass


def test_a_simulated_guest_gives_its_disk_as_it_was_before_the_launch() -> None:
    machine = SimulatedGuest.from_scenario("golden", "linux", SETTINGS, timer=AtOnce)
    frozen = machine.freeze_disk()
    machine.run("# step: launch\n# nonce: 1\n")
    image = open_image("linux-configured")
    assert frozen.size() == image.size
    assert frozen.read(0, image.size) == image.read(0, image.size) != machine.read_disk(0, image.size)


def test_a_frozen_file_is_read_although_its_name_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "disk.raw"
    file.write_bytes(b"0123456789")
    frozen = FrozenFile(file)
    assert list(tmp_path.iterdir()) == []
    assert (frozen.size(), frozen.read(8, 4), frozen.read(20, 1)) == (10, b"89", b"")


def test_an_empty_disk_reads_as_zeros_up_to_its_end() -> None:
    disk = EmptyDisk(1 << 40)
    assert (disk.size(), disk.read((1 << 40) - 2, 4), disk.read(1 << 41, 4)) == (1 << 40, b"\0\0", b"")
