"""A disk image in memory: read, and changed only in a copy."""

from __future__ import annotations

import functools
import hashlib
import json
import lzma
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.images.filetime import filetime

HERE = Path(__file__).parent
MANIFEST = HERE / "manifest.json"


# 2026-11-22 18:20:07, Error                 SYSPRP ...
_LOG_TIME = re.compile(rb"2026-11-22 18:2\d:\d\d(?=, (?:Info|Error) {17,18}SYSPRP)")
_LOG_BEGAN = datetime(2026, 11, 22, 18, 20, 1, tzinfo=UTC)
"""When the Sysprep of the images began, as its log says (windows.py)."""


class ImageError(Exception):
    """An image of the lab is unknown or damaged. The text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class DiskImage:
    """One disk. Copies share the bytes that they did not change."""

    name: str
    provenance: str
    """`constructed`: nobody recorded this disk from a machine."""
    why: str
    """Why it looks as it does, and what it was taken from."""
    success_tag_times: tuple[int, ...] = ()
    """Byte offsets of the FILETIMEs of Sysprep_succeeded.tag; empty where the disk has no such file."""
    _raw: bytes = field(default=b"", repr=False)
    _changes: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)

    @property
    def size(self) -> int:
        """Size of the disk in bytes."""
        return len(self._raw)

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`; short only at the end of the disk."""
        if offset < 0 or length < 0:
            raise ValueError(f"a disk has no bytes at {offset} + {length}")
        part = bytearray(self._raw[offset : offset + length])
        for place, data in self._changes:
            start, end = max(place, offset), min(place + len(data), offset + len(part))
            if start < end:
                part[start - offset : end - offset] = data[start - place : end - place]
        return bytes(part)

    def replaced(self, offset: int, data: bytes) -> DiskImage:
        """Return a copy of the disk with `data` at `offset`. Raises `ValueError` where it would not fit."""
        if offset < 0 or offset + len(data) > self.size:
            raise ValueError(f"{len(data)} bytes at {offset} do not fit into a disk of {self.size} bytes")
        return replace(self, _changes=(*self._changes, (offset, bytes(data))))

    def sealed_at(self, launched: datetime) -> DiskImage:
        """Return a copy whose Sysprep was launched at `launched`, as its log (in UTC) and its success tag say."""
        copy = self.stamped(success_tag=launched) if self.success_tag_times else self
        for found in _LOG_TIME.finditer(self._raw):
            written = datetime.fromisoformat(found[0].decode()).replace(tzinfo=UTC)
            text = (launched.astimezone(UTC) + (written - _LOG_BEGAN)).strftime("%Y-%m-%d %H:%M:%S")
            copy = copy.replaced(found.start(), text.encode())
        return copy

    def stamped(self, *, success_tag: datetime) -> DiskImage:
        """Return a copy on which Sysprep wrote its success tag at `success_tag` (which must know its time zone).

        Raises `ImageError` for a disk without the tag.
        """
        if not self.success_tag_times:
            raise ImageError(f"the disk image {self.name} has no Sysprep_succeeded.tag that could be stamped")
        copy = self
        for offset in self.success_tag_times:
            copy = copy.replaced(offset, filetime(success_tag).to_bytes(8, "little"))
        return copy


def image_names() -> tuple[str, ...]:
    """Return the names that `open_image` knows, sorted."""
    return tuple(sorted(_manifest()))


@functools.cache
def open_image(name: str) -> DiskImage:
    """Return one image, decompressed into memory; it never changes, so every guest shares it.

    Raises `ImageError` for an unknown name, and for a file that does not hash to what the manifest says.
    """
    known = _manifest()
    if name not in known:
        raise ImageError(f"there is no disk image {name!r}; there are {', '.join(sorted(known))}")
    entry = known[name]
    raw = lzma.decompress((HERE / f"{name}.img.xz").read_bytes())
    if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
        raise ImageError(
            f"the disk image {name} is not the one that manifest.json describes; "
            "restore both from the repository, or make both with `python -m lab.images.build`"
        )
    return DiskImage(
        name=name,
        provenance=entry["provenance"],
        why=entry["why"],
        success_tag_times=tuple(entry["success_tag_times"]),
        _raw=raw,
    )


def _manifest() -> dict[str, dict[str, Any]]:
    images: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8"))["images"]
    return images
