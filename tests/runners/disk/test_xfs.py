"""XFS as the kernel wrote it: every form of folder and file, the state of its log, and what damage makes of it."""

from __future__ import annotations

import functools
import json
import lzma
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runners.disk.process.checksum import crc32c
from runners.disk.process.filesystems import open_volume
from runners.disk.process.stream import Window
from runners.disk.process.tree import Node, Unreadable
from runners.disk.process.xfs import open_xfs
from runners.disk.process.xfs_log import BASIC_BLOCK, XfsLog
from tests.runners.disk.volumes.make import HERE, Seen, digest

SEEN = json.loads((HERE / "seen.json").read_text())
MIB = 1024 * 1024
BLOCK = 4096


class Held:
    """Bytes in memory, read as a disk is."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


@functools.cache
def volume(name: str) -> bytes:
    return lzma.decompress((HERE / f"{name}.xfs.xz").read_bytes())


def window(data: bytes) -> Window:
    return Window(Held(data), 0, len(data))


def opened(data: bytes) -> Node:
    return open_xfs(window(data))[0]


def all_below(node: Node, path: str) -> Iterator[Seen]:
    for name, child in node.entries().items():
        here = f"{path}{name}"
        content = {"file": lambda: child.content(MIB), "link": lambda: child.target().encode()}  # noqa: B023
        yield here, child.kind, content.get(child.kind, bytes)()
        if child.kind == "folder":
            yield from all_below(child, f"{here}/")


def log_of(data: bytes) -> XfsLog:
    block_size, start, blocks = (
        int.from_bytes(data[place : place + size], "big") for place, size in ((4, 4), (48, 8), (96, 4))
    )
    group_bits, per_group = data[124], int.from_bytes(data[84:88], "big")
    first = ((start >> group_bits) * per_group + (start & (1 << group_bits) - 1)) * block_size
    return XfsLog(
        lambda number, count: data[first + number * BASIC_BLOCK : first + (number + count) * BASIC_BLOCK],
        blocks * block_size // BASIC_BLOCK,
    )


def resealed(data: bytes, start: int, size: int, place: int) -> bytes:
    """Return `data` with the checksum at `place` of the structure at `start` made right again."""
    part = data[start : start + place] + bytes(4) + data[start + place + 4 : start + size]
    return patched(data, start + place, struct.pack("<I", crc32c(part)))


def patched(data: bytes, place: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + len(new) :]


def superblock(data: bytes, place: int, new: bytes) -> bytes:
    return resealed(patched(data, place, new), 0, 512, 224)


def test_the_checksum_is_the_one_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_every_form_of_folder_link_and_file_is_read_as_the_kernel_read_it() -> None:
    found: dict[str, list[Seen]] = {}
    for entry in all_below(opened(volume("folders")), ""):
        found.setdefault(entry[0].partition("/")[0], []).append(entry)
    assert {name: digest(entries) for name, entries in found.items()} == SEEN["folders"]


@pytest.mark.parametrize("name", sorted(SEEN["logs"]))
def test_a_log_is_clean_exactly_where_xfs_logprint_says_so(name: str) -> None:
    log = log_of(volume(name))
    assert log.unmounted() == (SEEN["logs"][name]["state"] == "CLEAN")
    assert log._head() == SEEN["logs"][name]["head"]
    assert bool(open_xfs(window(volume(name)))[1]) == (SEEN["logs"][name]["state"] == "DIRTY")


def test_uuid_and_label_are_told() -> None:
    names = open_xfs(window(volume("folders")))[2]
    assert names[0].startswith("UUID=")
    assert names[1] == "LABEL=data"


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda data: patched(data, 200, b"\xff"), "superblock does not match"),
        (lambda data: superblock(data, 100, b"\xb4\xa4"), "of version 4"),
        (lambda data: superblock(data, 216, b"\0\0\x01\x0b"), "features that the reader does not know (0x100)"),
        (lambda data: superblock(data, 216, b"\0\0\0\x1b"), "needs xfs_repair"),
        (lambda data: superblock(data, 126, b"\x01"), "not finished"),
        (lambda data: superblock(data, 48, bytes(8)), "on another device"),
        (lambda data: superblock(data, 8, struct.pack(">Q", 1 << 40)), "larger than its volume"),
        (lambda data: data[: 20 * MIB], "larger than its volume"),
        (lambda data: patched(data, 0, b"XFSB" + bytes(508)), "of version 0"),
    ],
)
def test_a_file_system_that_is_not_known_to_be_read_rightly_is_not_read(
    damage: Callable[[bytes], bytes], word: str
) -> None:
    found = open_volume("p", window(damage(volume("folders"))))
    assert found.filesystem == "unreadable"
    assert word in found.reason


@pytest.mark.parametrize("name", ["mounted", "wrapped"])
def test_noise_in_a_log_never_makes_it_clean(name: str) -> None:
    noise = random.Random(name)
    data = volume(name)
    whole = log_of(data)
    head = SEEN["logs"][name]["head"]
    for _ in range(2000):
        near = head - noise.randrange(-64, 64) if noise.random() < 0.5 else noise.randrange(whole._blocks)
        block = noise.choice([bytes(512), noise.randbytes(512), whole._block(noise.randrange(whole._blocks))])
        changed = {near % whole._blocks: block}
        log = XfsLog(lambda number, _: changed.get(number, whole._block(number)), whole._blocks)  # noqa: B023
        try:
            clean = log.unmounted()
        except Unreadable:
            clean = False
        assert not clean, f"block {near} damaged"


def test_an_empty_log_is_not_known_to_be_clean() -> None:
    with pytest.raises(Unreadable, match="empty"):
        XfsLog(lambda _, count: bytes(count * BASIC_BLOCK), 4096).unmounted()


def test_a_log_of_nonsense_is_not_known_to_be_clean() -> None:
    noise = random.Random(1)
    with pytest.raises(Unreadable, match="damaged"):
        XfsLog(lambda _, count: noise.randbytes(count * BASIC_BLOCK), 4096).unmounted()


def at(data: bytes, path: str) -> Any:
    node: Any = opened(data)
    for part in path.split("/"):
        node = node.entries()[part]
    return node


def inode_place(data: bytes, node: Any) -> int:
    return data.index(node._inode._buf.getvalue())


def folder_block(data: bytes, name: str, number: int) -> int:
    node = at(data, name)
    extent = [item for item in node._extents() if item.offset <= number < item.offset + item.count][0]  # noqa: RUF015
    return int(node._fs.linear(extent.block, extent.count) + number - extent.offset) * BLOCK


@pytest.mark.parametrize("name", ["short", "block", "node", "pieces", "long-link"])
def test_an_inode_that_was_changed_is_unreadable(name: str) -> None:
    data = volume("folders")
    place = inode_place(data, at(data, name))
    with pytest.raises(Unreadable, match="does not match its checksum"):
        _ = at(patched(data, place + 57, b"\x01"), name).kind


def test_an_inode_of_another_number_is_unreadable() -> None:
    data = volume("folders")
    here, other = at(data, "short"), at(data, "block")
    swapped = patched(data, inode_place(data, here), other._inode._buf.getvalue())
    with pytest.raises(Unreadable, match="does not match"):
        at(swapped, "short").entries()


@pytest.mark.parametrize(("name", "number"), [("block", 0), ("leaf", 1), ("node", 3), ("holes", 0)])
@pytest.mark.parametrize("damage", [bytes(BLOCK), b"\xff", b"XXXX"])
def test_a_folder_with_a_damaged_block_is_unreadable_not_shorter(name: str, number: int, damage: bytes) -> None:
    data = volume("folders")
    place = folder_block(data, name, number)
    broken = patched(data, place + (200 if len(damage) == 1 else 0), damage)
    with pytest.raises(Unreadable, match="checksum"):
        at(broken, name).entries()


def test_a_block_of_another_folder_is_unreadable() -> None:
    data = volume("folders")
    stale = data[folder_block(data, "leaf", 1) :][:BLOCK]
    with pytest.raises(Unreadable, match="checksum"):
        at(patched(data, folder_block(data, "node", 1), stale), "node").entries()


@pytest.mark.parametrize(
    ("place", "new"),
    [(64 + 8, b"\0"), (64 + 8, b"\xff"), (64 + 14, b"\x01\x01")],
    ids=["no name", "long name", "wrong place"],
)
def test_an_entry_that_breaks_the_form_is_unreadable_even_under_a_right_checksum(place: int, new: bytes) -> None:
    data = volume("folders")
    start = folder_block(data, "block", 0)
    broken = resealed(patched(data, start + place, new), start, BLOCK, 4)
    with pytest.raises(Unreadable, match="damaged"):
        at(broken, "block").entries()


def test_a_list_of_pieces_that_was_changed_is_unreadable() -> None:
    data = volume("folders")
    node = at(data, "pieces")
    assert int(node._inode.inode.di_format) == 3, "the file has so many pieces that they are a tree"
    place = data.index(b"BMA3")
    with pytest.raises(Unreadable, match="pieces"):
        at(patched(data, place + 100, b"\xff\xff"), "pieces").content(MIB)


def test_a_file_that_is_larger_than_what_is_read_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="larger than the 1000"):
        at(volume("folders"), "pieces").content(1000)


@pytest.mark.parametrize("seed", range(4))
def test_noise_never_takes_a_name_from_a_folder(seed: int) -> None:
    noise = random.Random(seed)
    data = bytearray(volume("folders"))
    used = [place for place in range(0, len(data), BLOCK) if any(data[place : place + BLOCK])]
    for place in noise.sample(used, 20):
        data[place + noise.randrange(BLOCK)] ^= 1 << noise.randrange(8)
    whole, damaged = opened(volume("folders")), open_volume("p", window(bytes(data)))
    if damaged.root is None:
        return
    for name, child in whole.entries().items():
        try:
            again = damaged.root.entries()[name]
            if child.kind == "folder":
                assert again.entries().keys() == child.entries().keys()
        except Unreadable:
            continue
