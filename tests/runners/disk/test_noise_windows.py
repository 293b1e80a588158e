"""Random damage to the disks of Windows, and disks that were cut: never a crash, and never a pass for want of sight.

`make noise` runs as many rounds as $SEALPROOF_NOISE_WINDOWS says.
"""

from __future__ import annotations

import functools
import os
import random

import pytest

from lab.images import DiskImage, open_image
from runners.errors import DiskError
from tests.runners.disk.disks import WINDOWS_VOLUME, raw_disk, whole
from tests.runners.disk.test_noise import BLOCK, passed, passed_whole

ROUNDS = int(os.environ.get("SEALPROOF_NOISE_WINDOWS", "2"))
DISKS = ("windows-residue", "windows-audit", "windows-residue", "windows-unflushed")


@functools.cache
def structures(name: str) -> tuple[int, ...]:
    """Return the blocks of NTFS' own structures and of the hives' and logs' headers and lists of keys.

    What a value or a file holds has no checksum: that a letter of it was changed can't be told (docs/stopped-disk.md).
    """
    data = whole(name)
    marks = (b"FILE", b"INDX", b"RSTR", b"regf", b"HvLE", b"NTFS    ")
    used = [place for place in range(WINDOWS_VOLUME, len(data), BLOCK) if any(data[place : place + BLOCK])]
    return tuple(place for place in used if any(mark in data[place : place + 16] for mark in marks))


def damaged(name: str, noise: random.Random) -> DiskImage:
    image, places = open_image(name), structures(name)
    for _ in range(noise.choice([1, 2, 5, 20])):
        place = noise.choice(places)
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
    name = DISKS[seed % len(DISKS)]
    try:
        found = passed(damaged(name, random.Random(seed)), "windows")
    except DiskError:
        return  # no observation: undetermined
    assert found <= passed_whole(name)


@pytest.mark.parametrize("seed", range(max(1, ROUNDS // 8)))
def test_a_disk_that_was_cut_passes_nothing_more(seed: int) -> None:
    data = whole("windows-residue")
    size = random.Random(seed).randrange(WINDOWS_VOLUME // BLOCK, len(data) // BLOCK) * BLOCK
    try:
        found = passed(raw_disk(data[:size]), "windows")
    except DiskError:
        return
    assert found <= passed_whole("windows-residue")
