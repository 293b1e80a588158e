"""Logical volumes of LVM2 that lie straight on partitions: linear ones.

The metadata is text, and dissect.volume parses it. What leads to it is read here, since dissect verifies no checksum,
does not follow text that wraps around the end of its ring, and reads a striped volume as if it were a linear one.
Layouts: lib/format_text/layout.h and lib/label/label.h of LVM2.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dissect.volume.lvm.metadata import LogicalVolume, StripedSegment, VolumeGroup
from dissect.volume.lvm.physical import parse_metadata

from runners.disk.process.stream import Bytes, Window
from runners.disk.process.tree import Unreadable

_SECTOR = 512
_LABEL_SECTORS = 4
_INITIAL = 0xF597A6CF
_AREA_MAGIC = b" LVM2 x[5A%r0N*>"
_LARGEST_TEXT = 1024 * 1024
_MOST_AREAS = 8
_MOST_SEGMENTS = 4096
MOST_LOGICAL = 64
_NAME = re.compile(r"[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}")
_FLAGS = {"READ", "WRITE", "VISIBLE"}
_GROUP_FLAGS = {"RESIZEABLE", "READ", "WRITE"}


@dataclass(frozen=True, slots=True)
class PhysicalVolume:
    """What the label of one partition says, and the newest metadata text that it holds."""

    identity: str
    """32 letters and digits."""
    start: int
    """Where it starts on the disk, in bytes."""
    size: int
    data: int
    """Where its extents start, in bytes from its own start."""
    text: str
    """Empty where it holds none."""
    reason: str
    """Why there is no text that could be used; empty where there is one, or none is kept here."""


@dataclass(frozen=True, slots=True)
class FoundLogical:
    """One logical volume that the system could mount."""

    name: str
    """`rootvg/rootlv`"""
    known_as: tuple[str, ...]
    window: Window | None
    reason: str = ""
    """Why there is no window on its content."""


def is_physical(head: bytes) -> bool:
    """Return whether the first bytes of a partition are those of a physical volume."""
    return any(head[at : at + 8] == b"LABELONE" for at in range(0, _LABEL_SECTORS * _SECTOR, _SECTOR))


def open_physical(window: Window, start: int) -> PhysicalVolume:
    """Return what a partition says of itself. `start`: its place on the disk. Raises `Unreadable`."""
    label = _label(window)
    (at,) = struct.unpack_from("<I", label, 20)
    if at > _SECTOR - 40:
        raise Unreadable("LVM whose label is damaged")
    identity = label[at : at + 32].decode("ascii", "replace")
    (size,) = struct.unpack_from("<Q", label, at + 32)
    if size > window.size:
        raise Unreadable("an LVM physical volume that is larger than its partition")
    places = _locations(label, at + 40)
    areas = _locations(label, at + 40 + 16 * (len(places) + 1))
    if len(places) != 1:
        raise Unreadable("LVM with a label that the reader does not know")
    texts: list[tuple[int, str]] = []
    reason = ""
    for offset, length in areas:
        try:
            text = _text(window, offset, length)
        except Unreadable as error:
            reason = str(error)
            continue
        if text:
            texts.append((_sequence(text), text))
    return PhysicalVolume(identity, start, window.size, places[0][0], max(texts)[1] if texts else "", reason)


def logical_volumes(disk: Bytes, physical: list[PhysicalVolume]) -> Iterator[FoundLogical]:
    """Yield every visible logical volume of the groups that these physical ones are part of. Raises `Unreadable`."""
    newest: dict[str, VolumeGroup] = {}
    for item in physical:
        if not item.text:
            continue
        group = _group(item.text)
        if group.id not in newest or group.seqno > newest[group.id].seqno:
            newest[group.id] = group
    by_identity = {item.identity: item for item in physical}
    if len(by_identity) != len(physical):
        raise Unreadable("two physical volumes of LVM have the same identity")
    for group in newest.values():
        visible = [volume for volume in group.lv if volume.is_visible]
        if len(visible) > MOST_LOGICAL:
            raise Unreadable(f"a volume group of LVM with {len(visible)} volumes, more than the {MOST_LOGICAL} read")
        for volume in visible:
            yield _logical(disk, group, volume, by_identity)


def _logical(disk: Bytes, group: VolumeGroup, volume: LogicalVolume, by_identity: Any) -> FoundLogical:
    if not _NAME.fullmatch(group.name) or not _NAME.fullmatch(volume.name):
        raise Unreadable("a volume group of LVM has names that LVM does not allow: it is damaged")
    name = f"{group.name}/{volume.name}"
    # In /dev/mapper a hyphen parts group and volume, so that one inside of a name is doubled.
    mapper = "-".join(part.replace("-", "--") for part in (group.name, volume.name))
    known_as = (f"/dev/{name}", f"/dev/mapper/{mapper}")
    try:
        return FoundLogical(name, known_as, _window(disk, group, volume, by_identity))
    except Unreadable as reason:
        return FoundLogical(name, known_as, None, str(reason))


def _window(disk: Bytes, group: VolumeGroup, volume: LogicalVolume, by_identity: dict[str, PhysicalVolume]) -> Window:
    strange = set(volume.status) - _FLAGS | set(group.status) - _GROUP_FLAGS | set(volume.flags)
    if strange:
        raise Unreadable(f"an LVM volume in a state that the reader does not know ({', '.join(sorted(strange))[:100]})")
    user = _used_by(group, volume.name)
    if user:
        raise Unreadable(f"an LVM volume with a {user}, which is not read")
    if len(volume.segments) != volume.segment_count or not 1 <= len(volume.segments) <= _MOST_SEGMENTS:
        raise Unreadable("an LVM volume whose segments are not those that it counts: its metadata is damaged")
    size = int(group.extent_size) * _SECTOR
    pieces: list[tuple[int, int, int]] = []
    end = 0
    for segment in sorted(volume.segments, key=lambda item: int(item.start_extent)):
        if not isinstance(segment, StripedSegment) or segment.flags:
            raise Unreadable(f"an LVM volume of the kind {segment.type[:40]}, which is not read")
        if segment.stripe_count != 1 or len(segment.stripes) != 1:
            raise Unreadable(f"an LVM volume in {segment.stripe_count} stripes, which is not read")
        if segment.start_extent != end or segment.extent_count < 1:
            raise Unreadable("an LVM volume with a gap: its metadata is damaged")
        end += segment.extent_count
        pieces.append(
            (segment.start_extent * size, segment.extent_count * size, _place(group, segment, size, by_identity))
        )
    return Window(_Pieces(disk, tuple(pieces)), 0, end * size)


def _place(group: VolumeGroup, segment: StripedSegment, size: int, by_identity: dict[str, PhysicalVolume]) -> int:
    """Return where a segment starts on the disk."""
    name, first = segment.stripes[0]
    described = group.physical_volumes[name]
    physical = by_identity.get(described.id.replace("-", ""))
    if physical is None:
        raise Unreadable("an LVM volume that lies on a physical volume which is not on this disk")
    if described.pe_start * _SECTOR != physical.data:
        raise Unreadable("LVM whose label and metadata disagree on where the data starts")
    start = physical.data + first * size
    if first < 0 or first + segment.extent_count > described.pe_count:
        raise Unreadable("an LVM volume that lies outside of its physical volume: its metadata is damaged")
    if start + segment.extent_count * size > physical.size:
        raise Unreadable("an LVM volume that reaches past the end of its partition")
    return physical.start + int(start)


def _used_by(group: VolumeGroup, name: str) -> str:
    """Return of which kind the segment is that stores something beside or over this volume; empty if there is none."""
    for other in group.lv:
        for segment in other.segments:
            if isinstance(segment, StripedSegment):
                continue
            if name in [value for value in vars(segment).values() if isinstance(value, str)]:
                return str(segment.type)[:40]
    return ""


class _Pieces:
    """Bytes of the disk, put together from several places."""

    def __init__(self, disk: Bytes, pieces: tuple[tuple[int, int, int], ...]) -> None:
        """`pieces`: offset, length and place on the disk, in order and without gaps."""
        self._disk = disk
        self._pieces = pieces

    def read(self, offset: int, length: int) -> bytes:
        parts = []
        for start, size, place in self._pieces:
            first, last = max(start, offset), min(start + size, offset + length)
            if first < last:
                parts.append(self._disk.read(place + first - start, last - first))
        return b"".join(parts)


def _label(window: Window) -> bytes:
    window.seek(0)
    head: bytes = window.read(_LABEL_SECTORS * _SECTOR)
    for number in range(_LABEL_SECTORS):
        # struct label_header: LABELONE, number of its sector, checksum of what follows, place of the content, LVM2 001
        sector = head[number * _SECTOR : (number + 1) * _SECTOR]
        if sector[:8] != b"LABELONE":
            continue
        own, checksum = struct.unpack_from("<QI", sector, 8)
        if own == number and sector[24:32] == b"LVM2 001" and checksum == _checksum(sector[20:]):
            return sector
    raise Unreadable("LVM whose label does not match its checksum: it is damaged")


def _locations(label: bytes, place: int) -> list[tuple[int, int]]:
    """Return offsets and lengths, of which a list ends with zeros."""
    found: list[tuple[int, int]] = []
    while place + 16 <= len(label) and len(found) < _MOST_AREAS:
        offset, length = struct.unpack_from("<QQ", label, place)
        if not offset:
            return found
        found.append((offset, length))
        place += 16
    raise Unreadable("LVM whose label is damaged")


def _text(window: Window, offset: int, length: int) -> str:
    """Return the metadata of one area; empty where it has none. Raises `Unreadable` where it is damaged."""
    window.seek(offset)
    header: bytes = window.read(_SECTOR)
    # struct mda_header: checksum of what follows, magic, version, start, size, and the place of the text
    if len(header) != _SECTOR or header[4:20] != _AREA_MAGIC or _checksum(header[4:]) != _word(header):
        raise Unreadable("LVM whose metadata area does not match its checksum: it is damaged")
    start, size, place, count, checksum, flags = struct.unpack_from("<QQQQII", header, 24)
    if not place or flags & 1:
        return ""
    if start != offset or size != length or not _SECTOR <= place < size or count > min(size, _LARGEST_TEXT):
        raise Unreadable("LVM whose metadata area is damaged, or larger than what is read")
    # The area is a ring behind its header.
    first = min(count, size - place)
    window.seek(offset + place)
    data: bytes = window.read(first)
    window.seek(offset + _SECTOR)
    data += window.read(count - first)
    if len(data) != count or _checksum(data) != checksum:
        raise Unreadable("LVM whose metadata does not match its checksum: it is damaged")
    return data.rstrip(b"\0").decode("utf-8", "backslashreplace")


def _group(text: str) -> VolumeGroup:
    tree = parse_metadata(text)
    groups = [VolumeGroup.from_dict(value, name=key) for key, value in tree.items() if isinstance(value, dict)]
    if tree.get("contents") != "Text Format Volume Group" or tree.get("version") != 1 or len(groups) != 1:
        raise Unreadable("LVM metadata of a kind that the reader does not know")
    return groups[0]


def _sequence(text: str) -> int:
    return int(_group(text).seqno)


def _checksum(data: bytes) -> int:
    """Return LVM's CRC-32: with a start of its own, and not inverted at the end."""
    return zlib.crc32(data, _INITIAL ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _word(data: bytes) -> int:
    return int.from_bytes(data[:4], "little")
