"""A registry hive, written from nested mappings: just enough of the format for the lab's disks.

A hive is a base block of 4,096 bytes and one bin of cells. Keys are `nk` cells, values `vk` cells, and the subkeys of
a key are listed in an `lh` cell, with a hash of each name. Layout: https://github.com/msuhanov/regf (format
specification).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias, Union

from lab.images.filetime import filetime


class Value(NamedTuple):
    """A value of any type; the SAM hive keeps numbers in the type of a value."""

    kind: int
    data: bytes


Tree: TypeAlias = Mapping[str, Union["Tree", str, int, bytes, Value]]
"""A key: its subkeys (mappings), and its values: text is REG_SZ, a number REG_DWORD, bytes REG_BINARY.

The value without a name is called `""`.
"""

_BASE_BLOCK = 4096
_BIN_HEADER = 32
_NONE = 0xFFFFFFFF
_REG_SZ, _REG_BINARY, _REG_DWORD = 1, 3, 4
_ASCII_NAME = 0x20
_ROOT_KEY = 0x0C
_INLINE_DATA = 0x80000000


def write_hive(tree: Tree, *, name: str, written: datetime) -> bytes:
    """Return the bytes of a cleanly closed hive (both sequence numbers agree).

    `tree` is the root key, `name` what the base block calls the file (at most 31 characters), `written` the time of
    the last write to every key. Names must be ASCII. Raises `ValueError` for what this writer can't write.
    """
    cells = _Cells(filetime(written))
    root = cells.key("ROOT", tree, parent=_NONE)
    body = cells.bin()
    head = struct.pack(
        "<4sIIQIIIIIII64s",
        b"regf",
        1,  # primary and secondary sequence number: equal in a hive that was closed cleanly
        1,
        filetime(written),
        1,
        5,
        0,
        1,
        root,
        len(body),
        1,
        name.encode("utf-16-le")[:62],
    )
    head = head.ljust(508, b"\0")
    return (head + struct.pack("<I", _checksum(head))).ljust(_BASE_BLOCK, b"\0") + body


class _Cells:
    """The cells of one bin, in the order they were added. Offsets count from the start of the first bin."""

    def __init__(self, written: int) -> None:
        self._written = written
        self._data = bytearray(_BIN_HEADER)

    def add(self, content: bytes) -> int:
        offset = len(self._data)
        size = -(-(len(content) + 4) // 8) * 8
        # A cell in use has a negative size.
        self._data += struct.pack("<i", -size) + content.ljust(size - 4, b"\0")
        return offset

    def key(self, name: str, tree: Tree, *, parent: int) -> int:
        """Add a key with all below it; the key's own cell comes first, since its subkeys name it as their parent."""
        subkeys = {key: value for key, value in tree.items() if isinstance(value, Mapping)}
        values = {key: value for key, value in tree.items() if not isinstance(value, Mapping)}
        own = self.add(b"\0" * (76 + len(name)))
        listed = [(child, self.key(child, subkeys[child], parent=own)) for child in sorted(subkeys, key=str.upper)]
        leaf = self.add(_leaf(listed)) if listed else _NONE
        offsets = [self._value(key, value) for key, value in values.items()]
        value_list = self.add(struct.pack(f"<{len(offsets)}I", *offsets)) if offsets else _NONE
        node = struct.pack(
            "<2sHQIIIIIIIIIIIIIIIHH",
            b"nk",
            _ASCII_NAME | (_ROOT_KEY if parent == _NONE else 0),
            self._written,
            0,
            0 if parent == _NONE else parent,
            len(subkeys),
            0,  # volatile subkeys live in memory only
            leaf,
            _NONE,
            len(values),
            value_list,
            _NONE,  # no security descriptor
            _NONE,  # no class
            max((2 * len(key) for key in subkeys), default=0),
            0,
            max((2 * len(key) for key in values), default=0),
            0,
            0,
            len(name),
            0,
        ) + _ascii(name)
        self._data[own + 4 : own + 4 + len(node)] = node
        return own

    def _value(self, name: str, value: str | int | bytes | Value) -> int:
        kind, data = _typed(value)
        if len(data) <= 4:
            size, place = len(data) | _INLINE_DATA, int.from_bytes(data.ljust(4, b"\0"), "little")
        else:
            size, place = len(data), self.add(data)
        return self.add(struct.pack("<2sHIIIHH", b"vk", len(name), size, place, kind, 1, 0) + _ascii(name))

    def bin(self) -> bytes:
        """Return the bin, padded to 4,096 bytes; what is left over is one free cell."""
        size = -(-(len(self._data) + 8) // _BASE_BLOCK) * _BASE_BLOCK
        free = size - len(self._data)
        self._data += struct.pack("<i", free).ljust(free, b"\0")
        self._data[:_BIN_HEADER] = struct.pack("<4sIIQQI", b"hbin", 0, size, 0, self._written, 0)
        return bytes(self._data)


def _typed(value: str | int | bytes | Value) -> Value:
    if isinstance(value, Value):
        return value
    if isinstance(value, bytes):
        return Value(_REG_BINARY, value)
    if isinstance(value, int):
        return Value(_REG_DWORD, struct.pack("<I", value))
    return Value(_REG_SZ, (value + "\0").encode("utf-16-le"))


def _leaf(listed: list[tuple[str, int]]) -> bytes:
    entries = b"".join(struct.pack("<II", offset, _hash(name)) for name, offset in listed)
    return struct.pack("<2sH", b"lh", len(listed)) + entries


def _hash(name: str) -> int:
    total = 0
    for letter in _ascii(name.upper()):
        total = (total * 37 + letter) & 0xFFFFFFFF
    return total


def _ascii(name: str) -> bytes:
    try:
        return name.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError(f"the hive writer has ASCII names only, and {name!r} is none") from None


def _checksum(head: bytes) -> int:
    """XOR of the first 127 double words; 0 and -1 are replaced, as Windows does."""
    total = 0
    for (word,) in struct.iter_unpack("<I", head[:508]):
        total ^= word
    return {0: 1, _NONE: 0xFFFFFFFE}.get(total, total)
