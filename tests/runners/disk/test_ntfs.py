"""NTFS as it is read: folders whole or not at all, no link followed, no content of what is kept elsewhere."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest

from lab.images import DiskImage, open_image
from lab.images.windows_residue import PASSWORD
from tests.runners.disk.disks import WINDOWS_VOLUME, whole

reader: Any = pytest.importorskip(
    "runners.disk.process.ntfs", reason="dissect is not installed: pip install -e '.[disk]'"
)
tree: Any = pytest.importorskip("runners.disk.process.tree")
IMAGE = "windows-residue"
STATE = "Windows/Setup/State/State.ini"
RECORD = 1024


def volume(image: DiskImage | None = None) -> Any:
    data = whole(image or open_image(IMAGE))
    return reader.open_ntfs(io.BytesIO(data[WINDOWS_VOLUME:]))


def place_of(path: str) -> int:
    """Return where the file record of a path is on the disk."""
    found = volume()
    mft = found._fs.mft.fh.runlist
    segment = int(found.record(path).segment)
    cluster, count = mft[0]
    assert segment * RECORD < count * found._fs.cluster_size, "the first run of the MFT holds it"
    return int(WINDOWS_VOLUME + cluster * found._fs.cluster_size + segment * RECORD)


def attribute_of(path: str, kind: int) -> int:
    """Return where the content of a resident attribute is on the disk."""
    image, start = open_image(IMAGE), place_of(path)
    (offset,) = struct.unpack("<H", image.read(start + 0x14, 2))
    while True:
        found, length = struct.unpack("<II", image.read(start + offset, 8))
        if found == kind:
            (inner,) = struct.unpack("<H", image.read(start + offset + 0x14, 2))
            return int(start + offset + inner)
        offset += length


def test_names_are_listed_whole_and_in_any_case() -> None:
    found = volume()
    assert "azureuser" in found.names("Users")
    assert found.names("USERS/public") == ("desktop.ini",)
    assert found.size("windows/memory.dmp") == 11
    assert found.is_folder("Windows")
    assert not found.is_folder(STATE)


def test_what_ntfs_compressed_is_unpacked() -> None:
    path = "Windows/Temp/packer-unattend.xml"
    found = volume()
    data = found.content(path, 65536)
    assert data.startswith(b"<?xml")
    assert data.endswith(b"<!-- constructed -->\n")
    assert PASSWORD.encode() in data
    written = sum(count for cluster, count in found.record(path).dataruns() if cluster is not None)
    assert written * found._fs.cluster_size < len(data), "it takes less room than it has bytes"


def test_what_is_not_there_is_missing() -> None:
    for path in ("Windows/no", "no/such/path", f"{STATE}/below"):
        with pytest.raises(tree.Missing):
            volume().record(path)


def test_no_junction_is_followed() -> None:
    found = volume()
    assert found.links("Users") == {"All Users", "Default User"}
    for path in ("Users/All Users", "Users/Default User/NTUSER.DAT"):
        with pytest.raises(tree.Unreadable, match="reparse point"):
            found.record(path)


def test_a_name_that_was_changed_in_its_folder_makes_the_folder_unknown() -> None:
    """pagefile.sys under another name must not make it gone."""
    data, name = whole(IMAGE), "pagefile.sys".encode("utf-16-le")
    changed = open_image(IMAGE)
    place = data.find(name)
    while place >= 0:
        if place // RECORD * RECORD != place_of("pagefile.sys"):
            changed = changed.replaced(place, "pagefilf.sys".encode("utf-16-le"))
        place = data.find(name, place + 1)
    with pytest.raises(tree.Unreadable, match="disagree"):
        volume(changed).names("")


def test_an_index_block_that_is_damaged_makes_the_folder_unknown() -> None:
    """dissect's own list passes over such a block in silence."""
    found = volume()
    node = next(
        path
        for path in ("", "Windows", "Windows/System32")
        if found.record(path).index("$I30")._index_stream is not None
    )
    cluster = found.record(node).dataruns("$I30", 0xA0)[0][0]
    broken = open_image(IMAGE).replaced(WINDOWS_VOLUME + cluster * int(found._fs.cluster_size), b"XXXX")
    fact = tree.observe("the folder", lambda: volume(broken).names(node))
    assert not fact.known


def test_what_efs_encrypted_is_there_and_unknown() -> None:
    flags = attribute_of(STATE, 0x10) + 0x20
    found = volume(open_image(IMAGE).replaced(flags, struct.pack("<I", 0x4020)))
    assert found.record(STATE)
    with pytest.raises(tree.Unreadable, match="EFS"):
        found.content(STATE, 65536)


def test_what_windows_keeps_compressed_is_there_and_unknown() -> None:
    """A file of CompactOS: a reparse point of the tag WOF, here in the place of a junction's."""
    tag = attribute_of_link("Users/All Users")
    found = volume(open_image(IMAGE).replaced(tag, struct.pack("<I", 0x80000017)))
    assert found.links("Users") == {"Default User"}
    assert found.record("Users/All Users")


def attribute_of_link(path: str) -> int:
    """As `attribute_of` the reparse data, found past the reader, which follows no link."""
    data = whole(IMAGE)
    wanted = "\\??\\C:\\ProgramData".encode("utf-16-le")
    assert path == "Users/All Users"
    return data.index(wanted) - 16


@pytest.mark.parametrize(
    ("head", "told"), [(b"hibr", "hibernated"), (b"HIBR", "hibernated"), (b"\0\0\0\0", ""), (b"wake", "")]
)
def test_a_hibernated_windows_is_no_witness(head: bytes, told: str) -> None:
    class Hibernating(reader.NtfsVolume):  # type: ignore[misc]  # the module is imported at run time
        def _data(self, path: str) -> Any:
            if path == "hiberfil.sys":
                return io.BytesIO(head.ljust(4096, b"\0")), 4096
            return super()._data(path)

    assert told in Hibernating(volume()._fs).unclean()
    assert bool(Hibernating(volume()._fs).unclean()) == bool(told)
