"""What ext4 says of its own folders and inodes is believed only where its checksum is right."""

from __future__ import annotations

import pytest

from lab.images import DiskImage, open_image
from runners.disk.process.checksum import crc32c, crc32c_from
from runners.disk.reader import examine
from tests.runners.disk.disks import ImageSource, whole


def unknown(image: DiskImage) -> dict[str, str]:
    """Return the reasons of the facts that are unknown on this disk."""
    facts = examine(ImageSource(image), "linux")["facts"]
    return {name: fact["unknown"] for name, fact in facts.items() if "unknown" in fact}


def test_the_chain_is_that_of_the_whole() -> None:
    assert crc32c_from(crc32c_from(0xFFFFFFFF, b"1234"), b"56789") ^ 0xFFFFFFFF == crc32c(b"123456789") == 0xE3069283


def test_a_sound_disk_is_read_whole() -> None:
    assert unknown(open_image("linux-sealed")) == {}


@pytest.mark.parametrize("name", [b"shadow-", b"machine-id", b"passwd-"])
def test_a_name_with_one_wrong_bit_makes_its_folder_unreadable(name: bytes) -> None:
    data = whole("linux-residue")
    # struct ext4_dir_entry_2: inode, length of the record, length of the name, type 1 (a file), name
    place = data.index(bytes([len(name), 1]) + name) + 2
    said = unknown(open_image("linux-residue").replaced(place, bytes([data[place] ^ 4])))
    assert any("the checksum of a folder is wrong" in reason for reason in said.values())


def test_an_inode_with_one_wrong_bit_is_not_read() -> None:
    data = whole("linux-residue")
    password = data.index(b"root:")
    damaged = 0
    for place in range(3145728 + 4096, password, 256):
        # i_mode of a regular file, and one link
        if data[place + 1] & 0xF0 == 0x80 and data[place + 26] == 1:
            image = open_image("linux-residue").replaced(place + 4, bytes([data[place + 4] ^ 1]))
            damaged += any("the checksum of an inode is wrong" in reason for reason in unknown(image).values())
            if damaged:
                return
    pytest.fail("no inode that the reader needs was damaged")


def test_settings_with_a_nul_are_damaged() -> None:
    data = whole("linux-residue")
    place = data.index(b"# /etc/fstab")
    said = unknown(open_image("linux-residue").replaced(place, bytes(4)))
    assert any("/etc/fstab holds bytes that no text has" in reason for reason in said.values())
