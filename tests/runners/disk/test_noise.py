"""Random damage to the disks, and disks that were cut: never a crash, nor a pass that the whole disk would not get.

Nor does the reader ever have more memory in use than it may.

`make noise` runs 1,000 rounds, or as many as $SEALPROOF_NOISE says.
"""

from __future__ import annotations

import functools
import os
import random

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import LinuxDisk, WindowsDisk
from checks.healthy import linux_guest, observation, windows_guest
from checks.judgement import judge
from lab.images import DiskImage, open_image
from runners.disk.reader import Limits, examine
from runners.errors import DiskError
from runners.observe.disk import parse
from tests.runners.disk.disks import ImageSource, raw_disk, whole

ROUNDS = int(os.environ.get("SEALPROOF_NOISE", "12"))
DISKS = (
    *("linux-lvm-configured", "linux-configured", "windows-configured", "linux-residue"),
    *("linux-planted", "linux-lvm-planted", "linux-kept-user"),
)
CUT = 0.15
"""How many of the disks are cut instead."""
BLOCK = 512
CATALOGUE = Catalogue.from_modules(builtin_modules())
LIMITS = Limits(wall_seconds=60.0, cpu_seconds=20)


@functools.cache
def used(name: str) -> list[int]:
    """Return the places of the blocks that hold anything: damage elsewhere changes nothing."""
    data = whole(name)
    return [place for place in range(0, len(data), BLOCK) if data.count(0, place, place + BLOCK) < BLOCK]


def platform_of(name: str) -> str:
    return name.partition("-")[0]


def passed(image: DiskImage | str, platform: str) -> set[str]:
    """Return which checks of the stopped disk pass."""
    disk: LinuxDisk | WindowsDisk = parse(examine(ImageSource(image), platform, limits=LIMITS))
    assert 0 < disk.coverage.peak_memory_bytes < LIMITS.memory_bytes
    guest = linux_guest() if platform == "linux" else windows_guest()
    seen = observation(guest=guest, disk=disk)
    return {
        check.metadata.id
        for check in CATALOGUE.values()
        if check.metadata.phase == "post" and judge(check, seen).outcome == "passed"
    }


@functools.cache
def passed_whole(name: str) -> set[str]:
    return passed(name, platform_of(name))


def damaged(name: str, noise: random.Random) -> DiskImage:
    image, places = open_image(name), used(name)
    if noise.random() < CUT:
        # Somewhere in it, or right behind something that is used.
        size = noise.choice([noise.randrange(BLOCK, image.size), noise.choice(places)])
        return raw_disk(image.read(0, max(BLOCK, size // BLOCK * BLOCK)))
    for _ in range(noise.choice([1, 2, 5, 20])):
        # Much of a disk is file content; what leads to it lies near the start of each volume.
        place = noise.choice(places[: len(places) // 4] if noise.random() < 0.5 else places)
        kind = noise.randrange(4)
        if kind == 0:
            image = image.replaced(place, noise.randbytes(BLOCK))
        elif kind == 1:
            image = image.replaced(place, bytes(BLOCK))
        elif kind == 2:
            image = image.replaced(place, image.read(noise.choice(places), BLOCK))
        else:
            at = place + noise.randrange(BLOCK)
            image = image.replaced(at, bytes([image.read(at, 1)[0] ^ 1 << noise.randrange(8)]))
    return image


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_damage_never_passes_what_the_whole_disk_does_not(seed: int) -> None:
    noise = random.Random(seed)
    name = DISKS[seed % len(DISKS)]
    try:
        found = passed(damaged(name, noise), platform_of(name))
    except DiskError:
        return  # no observation: undetermined
    assert found <= passed_whole(name)
