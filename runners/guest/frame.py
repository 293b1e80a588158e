"""The frame around a guest's answer: found in untrusted output, checked, and opened within bounds.

On the wire, where white space has no meaning because channels wrap lines:

    {sealproof:1:6f1c0d2a9b3e4f50:1:2:5120:<sha256 of the payload>:<base64 of gzip, this page>:6f1c0d2a9b3e4f50}
               | nonce            | | payload bytes
               version         page pages

and the payload, one entry per probe:

    probe system whole 47
    distribution=debian
    ...
    probe kernel_args whole 0 2
                     bytes   exit status, where it was not 0
    end
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from runners.errors import FrameError

VERSION = 1
PAGE_LIMIT = 8
PAYLOAD_LIMIT = 512 * 1024
"""How many bytes a payload may have. A guest that announces more is refused before anything is unpacked."""
OVERHEAD = 256
"""How many bytes of an answer the frame's own words and the channel's wrapping take at most."""

_WHITE_SPACE = re.compile(r"\s+")
# sealproof-error[6f1c0d2a9b3e4f50]: gzip is not installed in this guest; ...
_COMPLAINT = "sealproof-error[{nonce}]: "
# probe system whole 47
# probe kernel_args whole 0 2
_ENTRY = re.compile(rb"probe ([a-z][a-z0-9_-]{0,39}) (whole|cut) ([0-9]{1,7})(?: ([0-9]{1,3}))?\n")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a frame, with what it says about the whole."""

    number: int
    pages: int
    length: int
    """Bytes of the payload, unpacked."""
    digest: str
    """SHA-256 of the payload, hexadecimal."""
    text: str
    """This page's part of the base64 text."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the probes printed, by probe name; `None` where it was too long to be sent."""

    raw: dict[str, bytes | None]
    failed: dict[str, int]
    """The exit status of each probe that did not end with 0."""


def read_page(text: str, nonce: str, number: int) -> Page:
    """Find page `number` of the frame `nonce` in what a script printed.

    Raises `FrameError` for a missing, cut, damaged or foreign frame, and with the guest's own words where the
    script itself gave up.
    """
    complained = complaint(text, nonce)
    if complained:
        raise FrameError(f"the guest could not answer: {complained}")
    packed = _WHITE_SPACE.sub("", text)
    found = _frame_pattern(nonce).findall(packed)
    if len(found) != 1:
        raise FrameError(what_was_seen(text, packed, nonce, len(found)))
    page = Page(
        number=int(found[0][0]), pages=int(found[0][1]), length=int(found[0][2]), digest=found[0][3], text=found[0][4]
    )
    if page.number != number or not 1 <= page.pages <= PAGE_LIMIT or page.number > page.pages:
        raise FrameError(f"page {number} was asked for, and page {page.number} of {page.pages} came back")
    if page.length > PAYLOAD_LIMIT:
        raise FrameError(f"the guest announces an answer of {page.length} bytes; at most {PAYLOAD_LIMIT} are opened")
    return page


def open_pages(pages: Sequence[Page]) -> bytes:
    """Return the payload of all pages of one frame. Raises `FrameError` unless length and SHA-256 are right."""
    first = pages[0]
    for number, page in enumerate(pages, start=1):
        about = (page.number, page.pages, page.length, page.digest)
        if about != (number, first.pages, first.length, first.digest):
            raise FrameError(f"page {number} of {first.pages} does not belong to the same answer as page 1")
    if len(pages) != first.pages:
        raise FrameError(f"{len(pages)} of {first.pages} pages came back")
    try:
        packed = base64.b64decode("".join(page.text for page in pages), validate=True)
    except binascii.Error as error:
        raise FrameError(f"the answer is damaged: its base64 text can't be read ({error})") from None
    payload = _unpack(packed, first.length)
    if hashlib.sha256(payload).hexdigest() != first.digest:
        raise FrameError("the answer is damaged: its SHA-256 is not the one that it names")
    return payload


def read_payload(payload: bytes, names: Sequence[str]) -> Answers:
    """Split a payload into the answers of exactly the probes `names`. Raises `FrameError` for anything else."""
    raw: dict[str, bytes | None] = {}
    failed: dict[str, int] = {}
    at = 0
    while payload[at:] != b"end\n":
        entry = _ENTRY.match(payload, at)
        if entry is None:
            raise FrameError(f"the answer is damaged: no probe entry begins at byte {at}")
        name, length = entry[1].decode(), int(entry[3])
        end = entry.end() + length
        if name in raw or payload[end : end + 1] != b"\n":
            raise FrameError(f"the answer is damaged: the entry of probe {name} is repeated or has another length")
        raw[name] = payload[entry.end() : end] if entry[2] == b"whole" else None
        if entry[4]:
            failed[name] = int(entry[4])
        at = end + 1
    if list(raw) != list(names):
        raise FrameError(f"probes {', '.join(names)} were sent; answers came from {', '.join(raw) or 'none'}")
    return Answers(raw, failed)


def _frame_pattern(nonce: str) -> re.Pattern[str]:
    # {sealproof:1:6f1c:1:2:5120:9f86...:H4sIAAAA...:6f1c}
    mark = re.escape(nonce)
    return re.compile(
        rf"\{{sealproof:{VERSION}:{mark}:([0-9]{{1,2}}):([0-9]{{1,2}}):([0-9]{{1,9}}):([0-9a-f]{{64}}):"
        rf"([A-Za-z0-9+/=]+):{mark}\}}",
        re.ASCII,
    )


def complaint(text: str, nonce: str) -> str:
    """Return why the script `nonce` gave up, in the guest's own words made printable; empty where it did not."""
    at = text.rfind(_COMPLAINT.format(nonce=nonce))
    return _printable(text[at:].splitlines()[0].partition("]: ")[2]) or "no reason was given" if at >= 0 else ""


def what_was_seen(text: str, packed: str, nonce: str, count: int, kind: str = "sealproof") -> str:
    """Return why there are `count` frames of this kind instead of one in `text` (`packed`: without white space)."""
    if count > 1:
        return f"{count} frames came back instead of one"
    begun = f"{{{kind}:{VERSION}:{nonce}:" in packed
    if begun and f":{nonce}}}" in packed:
        return "the answer is damaged: the frame's start and end came back, and what is between them is no frame"
    if f":{nonce}}}" in packed:
        return "the frame's start was cut off: the channel kept only the end of the answer"
    if begun:
        return "the frame's end is missing: the script was stopped, or its answer was damaged"
    if f"{{{kind}:" in packed:
        return "the frame that came back is of another version or answers another question"
    return (
        f"no frame came back; the answer ends with: {printable_end(text)}" if packed else "the script printed nothing"
    )


def printable_end(text: str) -> str:
    """Return the end of what a guest printed, on one line and without control characters, for a message."""
    return _printable(" ".join(text.split())[-300:])


def _unpack(packed: bytes, length: int) -> bytes:
    # 16 + 15: a gzip header is expected. Asking for one byte more than announced shows a bomb without inflating it.
    unpacker = zlib.decompressobj(wbits=31)
    try:
        payload = unpacker.decompress(packed, length + 1)
    except zlib.error as error:
        raise FrameError(f"the answer is damaged: it can't be unpacked ({error})") from None
    if len(payload) != length or not unpacker.eof or unpacker.unused_data:
        raise FrameError(f"the answer is damaged: it does not unpack to the {length} bytes that it names")
    return payload


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)[:300]
