"""A folder of NTFS, read whole: its tree of index blocks from the root down, and every entry held against its file.

dissect's own list of a folder leaves out index blocks that it can't read, and takes in blocks that are not in use any
more. A name that is not seen here must not be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dissect.ntfs.util import segment_reference

from runners.disk.process.tree import Unreadable

_MOST_ENTRIES, _DEEPEST = 50_000, 16
# In larger folders the order of the names alone is looked at: each file's own record costs a read.
_HELD_AGAINST_FILES = 200
_SHORT_NAME = 2
_IN_USE = 1


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One name in a folder."""

    name: str
    segment: int
    """The number of its file record."""
    short: bool
    """Whether it is the short name (8.3) of a file that has a longer one."""


def folder_entries(fs: Any, node: Any, path: str) -> dict[str, FolderEntry]:
    """Return what is in a folder, by its name in capitals. Raises `Unreadable` for a folder that is damaged."""
    found = [_entry(item) for item in _Walk(node.index("$I30"), path).entries()]
    for before, after in pairwise(found):
        if before.name.isascii() and after.name.isascii() and before.name.upper() > after.name.upper():
            raise Unreadable(f"the names in the folder {path or '/'} are out of order: the volume is damaged")
    if len(found) <= _HELD_AGAINST_FILES:
        for entry in found:
            _hold_against_file(fs, entry, path)
    return {entry.name.upper(): entry for entry in found}


def _entry(item: Any) -> FolderEntry:
    name = item.attribute
    return FolderEntry(
        name=str(name.file_name),
        segment=int(segment_reference(item.header.FileReference)),
        short=int(name.flags) == _SHORT_NAME,
    )


def _hold_against_file(fs: Any, entry: FolderEntry, path: str) -> None:
    record = fs.mft.get(entry.segment)
    if not int(record.header.Flags) & _IN_USE or entry.name not in record.filenames():
        raise Unreadable(f"the folder {path or '/'} and the file that it calls {entry.name[:80]!r} disagree: damaged")


class _Walk:
    """The entries of an index in their order."""

    def __init__(self, index: Any, path: str) -> None:
        self._index = index
        self._path = path or "/"
        self._seen: set[int] = set()
        self._count = 0

    def entries(self) -> Iterator[Any]:
        yield from self._block(self._index.root.entries(), 0)

    def _block(self, entries: Iterator[Any], depth: int) -> Iterator[Any]:
        for entry in entries:
            if entry.is_node:
                yield from self._below(int(entry.node_vcn), depth + 1)
            if entry.is_end:
                return
            self._count += 1
            if self._count > _MOST_ENTRIES:
                raise Unreadable(f"the folder {self._path} has more than {_MOST_ENTRIES} names")
            yield entry
        raise Unreadable(f"the folder {self._path} has an index block without an end: the volume is damaged")

    def _below(self, place: int, depth: int) -> Iterator[Any]:
        if depth > _DEEPEST or place in self._seen:
            raise Unreadable(f"the folder {self._path} has an index that leads in circles: the volume is damaged")
        self._seen.add(place)
        return self._block(self._index.index_buffer(place).entries(), depth)
