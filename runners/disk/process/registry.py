"""The registry of a stopped Windows: its hives as Windows would load them, keys and values by path.

dissect.regf reads cells. What it passes over in silence is looked at here: a list of subkeys that is cut, names that
do not have their hash, values that point nowhere. A value that is not seen here must not be there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from dissect.regf.regf import RegistryHive

from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.regf_log import replayed
from runners.disk.process.tree import Missing, Unreadable

CONFIG = "Windows/System32/config"
_MOST_SUBKEYS = 20_000
_DEEPEST = 3


class Key:
    """One key of the registry."""

    def __init__(self, hive: RegistryHive, node: Any, path: str) -> None:
        self._hive = hive
        self._node = node
        self.path = path

    def subkeys(self) -> dict[str, Callable[[], Key]]:
        """Return what opens each subkey, by its name. Raises `Unreadable` for a list that is damaged."""
        found = [(item.name, item) for item in self._listed()]
        return {name: self._opener(name, item) for name, item in found}

    def subkey(self, name: str) -> Key:
        """Return one subkey. Raises `Missing` or `Unreadable`."""
        for item in self._listed():
            if item.name.upper() == name.upper():
                return self._opener(item.name, item)()
        raise Missing(f"{self.path}\\{name}")

    def values(self) -> dict[str, Any]:
        """Return the values by their names as they are written; the one without a name is `""`."""
        return {item.name if item.cell.NameLength else "": item for item in self._values()}

    def value(self, name: str) -> Any:
        """Return one value as dissect.regf has it. Raises `Missing` or `Unreadable`."""
        for written, item in self.values().items():
            if written.upper() == name.upper():
                return item
        raise Missing(f"{self.path}, {name}")

    def number(self, name: str) -> int:
        """Return a value that is a number. Raises `Missing` or `Unreadable`."""
        found = self.value(name).value
        if not isinstance(found, int):
            raise Unreadable(f"{self.path}, {name} is no number")
        return found

    def text(self, name: str) -> str:
        """Return a value that is text. Raises `Missing` or `Unreadable`."""
        found = self.value(name).value
        if not isinstance(found, str):
            raise Unreadable(f"{self.path}, {name} is no text")
        return found

    def _opener(self, name: str, node: Any) -> Callable[[], Key]:
        return lambda: Key(self._hive, node, f"{self.path}\\{name}")

    def _listed(self) -> Iterator[Any]:
        count = int(self._node.cell.SubKeyCounts[0])
        if count > _MOST_SUBKEYS:
            raise Unreadable(f"{self.path} has {count} subkeys, more than the {_MOST_SUBKEYS} that are read")
        if not count:
            return
        seen = 0
        for offset, name_hash in self._offsets(int(self._node.cell.SubKeyLists[0]), 0):
            node = self._hive.cell(offset)
            seen += 1
            if self._wrong(node, name_hash):
                raise Unreadable(f"a subkey of {self.path} does not have the name that its list says: it is damaged")
            yield node
        if seen != count:
            raise Unreadable(f"{self.path} has {count} subkeys and lists {seen}: it is damaged")

    def _wrong(self, node: Any, name_hash: bytes) -> bool:
        if not isinstance(node.name, str) or not hasattr(node, "values"):
            return True
        if not name_hash or not node.name.isascii():
            return False
        # lh: a hash of the whole name. lf: its first four characters.
        return name_hash not in (_hash(node.name), node.name[:4].encode().ljust(4, b"\0"))

    def _offsets(self, place: int, depth: int) -> Iterator[tuple[int, bytes]]:
        """Yield where the subkeys are, and what their list keeps of their names."""
        data = self._hive.cell_data(place)
        kind, count = data[:2], struct.unpack_from("<H", data, 2)[0]
        if kind in (b"lf", b"lh") and 4 + 8 * count <= len(data):
            yield from ((offset, mark) for offset, mark in struct.iter_unpack("<I4s", data[4 : 4 + 8 * count]))
        elif kind == b"li" and 4 + 4 * count <= len(data):
            yield from ((offset, b"") for (offset,) in struct.iter_unpack("<I", data[4 : 4 + 4 * count]))
        elif kind == b"ri" and 4 + 4 * count <= len(data) and depth < _DEEPEST:
            for (offset,) in struct.iter_unpack("<I", data[4 : 4 + 4 * count]):
                yield from self._offsets(offset, depth + 1)
        else:
            raise Unreadable(f"the list of the subkeys of {self.path} is damaged")

    def _values(self) -> list[Any]:
        count = int(self._node.cell.ValueList.Count)
        found = list(self._node.values())
        if len(found) != count:
            raise Unreadable(f"{self.path} has {count} values and lists {len(found)}: it is damaged")
        for item in found:
            if item.cell.NameLength and not item.name.isprintable():
                raise Unreadable(f"a value of {self.path} has a name that none can have: it is damaged")
        return found


class Registry:
    """The hives of one Windows."""

    def __init__(self, volume: NtfsVolume) -> None:
        self._volume = volume
        self._hives: dict[str, RegistryHive | Unreadable] = {}

    def key(self, hive: str, path: str) -> Key:
        """Return a key; `path` with backslashes, below the hive's root. Raises `Missing` or `Unreadable`."""
        opened = self._open(hive)
        here = Key(opened, opened.root(), hive)
        for part in path.split("\\"):
            here = here.subkey(part)
        return here

    def system(self, path: str) -> Key:
        """Return a key below the control set that the last start used. Raises `Missing` or `Unreadable`."""
        try:
            current = self.key("SYSTEM", "Select").number("Current")
            control_set = self.key("SYSTEM", f"ControlSet{current:03}")
        except Missing as missing:
            raise Unreadable(f"the control set in use can't be told: there is no {missing}") from None
        for part in path.split("\\"):
            control_set = control_set.subkey(part)
        return control_set

    def _open(self, name: str) -> RegistryHive:
        if name not in self._hives:
            try:
                self._hives[name] = self._load(name)
            except Unreadable as reason:
                self._hives[name] = reason
        found = self._hives[name]
        if isinstance(found, Unreadable):
            raise found
        return found

    def _load(self, name: str) -> RegistryHive:
        path = f"{CONFIG}/{name}"
        try:
            stream = self._volume.stream(path)
        except Missing:
            raise Unreadable(f"there is no {path}, so the registry can't be read") from None
        logs: list[BinaryIO] = []
        for number in (1, 2):
            with suppress(Missing):
                logs.append(self._volume.stream(f"{path}.LOG{number}"))
        try:
            return RegistryHive(replayed(stream, path, logs))
        except (Unreadable, MemoryError, RecursionError):
            raise
        except Exception as error:  # noqa: BLE001 - hostile bytes make a parser raise anything
            raise Unreadable(f"{path} is damaged ({type(error).__name__})") from None


def _hash(name: str) -> bytes:
    total = 0
    for character in name.upper():
        total = (total * 37 + ord(character)) & 0xFFFFFFFF
    return struct.pack("<I", total)
