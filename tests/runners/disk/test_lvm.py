"""Volume groups as LVM wrote them, the same with their metadata changed, and damaged ones."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

import pytest

from lab.images import open_image
from runners.disk.process.lvm import FoundLogical, logical_volumes, open_physical
from runners.disk.process.stream import Window
from runners.disk.process.tree import Unreadable

MIB = 1024 * 1024
AREA = 4096
"""Where the metadata area starts in the physical volume."""


START, SIZE = 19 * MIB, 82 * MIB
"""The partition of the lab's disk that holds rootvg."""


class Held:
    """The physical volume of the lab's disk with another start."""

    def __init__(self, start: bytes) -> None:
        self.start = start
        self.disk = open_image("linux-lvm-sealed")

    def read(self, offset: int, length: int) -> bytes:
        own = self.start[offset : offset + length]
        return own + self.disk.read(START + offset + len(own), length - len(own))


@pytest.fixture(scope="module")
def group() -> bytes:
    """Return the start of the physical volume: its label and its metadata."""
    start = open_image("linux-lvm-sealed").read(START, MIB)
    assert start[AREA + 4 :].startswith(b" LVM2 x[5A%r0N*>")
    return start


def checksum(data: bytes) -> int:
    return zlib.crc32(data, 0xF597A6CF ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def patched(data: bytes, place: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + len(new) :]


def text_of(data: bytes) -> str:
    place, size = struct.unpack_from("<QQ", data, AREA + 40)
    return data[AREA + place : AREA + place + size].rstrip(b"\0").decode()


def with_text(data: bytes, text: str, *, place: int = 8192) -> bytes:
    """Return the physical volume with this metadata, at `place` in the ring, and with right checksums."""
    (size,) = struct.unpack_from("<Q", data, AREA + 32)
    raw = text.encode() + b"\0"
    header = data[AREA + 4 : AREA + 40] + struct.pack("<QQII", place, len(raw), checksum(raw), 0)
    header = header.ljust(508, b"\0")
    data = patched(data, AREA, struct.pack("<I", checksum(header)) + header)
    first = raw[: size - place]
    return patched(patched(data, AREA + place, first), AREA + 512, raw[len(first) :])


def edited(data: bytes, *changes: tuple[str, str]) -> bytes:
    text = text_of(data)
    for old, new in changes:
        text, count = re.subn(old, new, text, flags=re.DOTALL)
        assert count, f"the metadata has no {old!r}: {text}"
    return with_text(data, text)


def window(data: bytes, size: int = SIZE) -> Window:
    return Window(Held(data), 0, size)


def found(data: bytes) -> dict[str, FoundLogical]:
    physical = open_physical(window(data), 0)
    return {item.name: item for item in logical_volumes(Held(data), [physical])}


def content(item: FoundLogical) -> bytes:
    assert item.window is not None
    item.window.seek(0)
    return bytes(item.window.read(item.window.size))


def test_each_volume_is_found_where_lvm_put_it(group: bytes) -> None:
    volumes = found(group)
    assert sorted(volumes) == [f"rootvg/{name}lv" for name in ("home", "root", "tmp", "usr", "var")]
    for item in volumes.values():
        assert item.reason == ""
        data = content(item)
        assert len(data) == 16 * MIB
        assert data[:4] == b"XFSB"
    assert text_of(group).count('type = "striped"') == 6, "varlv was extended, and lies in two pieces"


def test_names_are_those_of_the_device_files(group: bytes) -> None:
    assert found(group)["rootvg/rootlv"].known_as == ("/dev/rootvg/rootlv", "/dev/mapper/rootvg-rootlv")
    hyphens = edited(group, ("rootvg {", "my-vg {"), ("homelv {", "home-1 {"))
    assert found(hyphens)["my-vg/home-1"].known_as == ("/dev/my-vg/home-1", "/dev/mapper/my--vg-home--1")


def test_metadata_that_wraps_around_the_end_of_its_ring_is_read(group: bytes) -> None:
    (size,) = struct.unpack_from("<Q", group, AREA + 32)
    wrapped = found(with_text(group, text_of(group), place=size - 700))
    assert content(wrapped["rootvg/varlv"]) == content(found(group)["rootvg/varlv"])


# As `vgcfgbackup` writes each of these.
THIN = 'type = "thin"\nthin_pool = "pool00"\ntransaction_id = 0\ndevice_id = 1\n'
STRIPED = 'stripe_count = 2\nstripe_size = 128\nstripes = [\n"pv0", 0,\n"pv0", 8\n]\n'
CACHE = 'type = "cache"\ncache_pool = "fast"\norigin = "homelv_corig"\nchunk_size = 128\n'
RAID = 'type = "raid1"\ndevice_count = 2\nstripe_count = 1\nregion_size = 4096\nraids = [\n"a", "b"\n]\n'
LINEAR = r'type = "striped"\nstripe_count = 1[^]]*\]\n'
HOME = r"(homelv \{(?:(?!stripes).)*?segment1 \{(?:(?!stripes).)*?)"


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (HOME + LINEAR, r"\1" + THIN, "of the kind thin"),
        (HOME + LINEAR, r"\1" + CACHE, "of the kind cache"),
        (HOME + LINEAR, r"\1" + 'type = "snapshot"\nchunk_size = 8\norigin = "x"\ncow_store = "y"\n', "kind snapshot"),
        (HOME + LINEAR, r"\1" + 'type = "vdo2"\n', "of the kind vdo2"),
        (HOME + LINEAR, r"\1" + 'type = "striped+COMPATIBLE"\nstripe_count = 1\nstripes = [\n"pv0", 0\n]\n', "kind"),
        (HOME + r"stripe_count = 1[^]]*\]\n", r"\1" + STRIPED, "in 2 stripes"),
        (HOME + r"start_extent = 0", r"\1start_extent = 1", "with a gap"),
        (HOME + r"extent_count = 16", r"\1extent_count = 160", "outside of its physical volume"),
        (r"(homelv \{[^}]*?)segment_count = 1", r"\1segment_count = 2", "segments are not those"),
        (r'(homelv \{[^}]*?)"VISIBLE"', r'\1"VISIBLE", "PVMOVE"', "PVMOVE"),
        ("pe_start = 2048", "pe_start = 4096", "disagree"),
    ],
)
def test_a_volume_that_is_not_linear_or_damaged_is_unreadable_with_the_reason(
    group: bytes, old: str, new: str, word: str
) -> None:
    item = found(edited(group, (old, new)))["rootvg/homelv"]
    assert item.window is None
    assert word in item.reason


def test_a_volume_on_a_disk_that_is_not_here_is_unreadable_and_the_others_are_read(group: bytes) -> None:
    missing = 'pv1 {\nid = "aaaaaa-1111-2222-3333-4444-5555-bbbbbb"\nstatus = []\nflags = []\npe_start = 2048\n'
    volumes = found(
        edited(
            group,
            (r"physical_volumes \{\n", f"physical_volumes {{\n{missing}pe_count = 99\n}}\n"),
            (HOME + r'(stripes = \[\s*)"pv0"', r'\1\2"pv1"'),
        )
    )
    assert "not on this disk" in volumes["rootvg/homelv"].reason
    assert content(volumes["rootvg/varlv"])[:4] == b"XFSB"


def test_a_volume_with_a_snapshot_is_unreadable(group: bytes) -> None:
    snapshot = (
        'snapshot0 {\nid = "x"\nstatus = ["READ", "WRITE"]\nflags = []\nsegment_count = 1\nsegment1 {\n'
        'start_extent = 0\nextent_count = 16\ntype = "snapshot"\nchunk_size = 8\norigin = "homelv"\n'
        'cow_store = "tmplv"\n}\n}\n'
    )
    volumes = found(edited(group, (r"logical_volumes \{\n", f"logical_volumes {{\n{snapshot}")))
    assert "with a snapshot" in volumes["rootvg/homelv"].reason
    assert "with a snapshot" in volumes["rootvg/tmplv"].reason
    assert volumes["rootvg/varlv"].window is not None


def test_an_exported_group_is_unreadable(group: bytes) -> None:
    volumes = found(edited(group, (r'(rootvg \{[^}]*?)"RESIZEABLE"', r'\1"EXPORTED", "RESIZEABLE"')))
    assert all("EXPORTED" in item.reason for item in volumes.values())


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda data: window(patched(data, 600, b"\xff")), "label does not match"),
        (lambda data: window(patched(data, AREA + 40, b"\xff")), "area does not match"),
        (lambda data: window(data, 40 * MIB), "larger than its partition"),
    ],
)
def test_a_damaged_group_is_unreadable(group: bytes, damage: Callable[[bytes], Window], word: str) -> None:
    try:
        reason = open_physical(damage(group), 0).reason
    except Unreadable as error:
        reason = str(error)
    assert word in reason


def test_metadata_that_was_changed_is_not_used(group: bytes) -> None:
    (place,) = struct.unpack_from("<Q", group, AREA + 40)
    physical = open_physical(window(patched(group, AREA + place + 300, b"~")), 0)
    assert physical.text == ""
    assert "metadata does not match" in physical.reason


def test_names_that_lvm_does_not_allow_are_not_used(group: bytes) -> None:
    with pytest.raises(Unreadable, match="names that LVM does not allow"):
        found(edited(group, ("homelv {", "../etc {")))


def test_more_volumes_than_a_system_has_are_not_read(group: bytes) -> None:
    one = 'v%d {\nid = "x"\nstatus = ["VISIBLE"]\nflags = []\nsegment_count = 0\n}\n'
    many = "".join(one % number for number in range(80))
    with pytest.raises(Unreadable, match="85 volumes"):
        found(edited(group, (r"logical_volumes \{\n", f"logical_volumes {{\n{many}")))
