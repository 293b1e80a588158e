"""What happened to one target, in order: an append-only file in which every line seals the ones before it.

One JSON object per line: `{seq, time, event, data, prev, hash}`, in RFC 8785 form. `hash` is the SHA-256 of the object
without `hash`; `prev` is the hash of the line before, and the genesis (the run's nonce) on the first. The chain shows
edits, insertions, deletions and reordering. A tail that was cut off at a line's end it can't show: whoever needs
that keeps `head` elsewhere and gives it to `read`.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785

from reports.errors import JournalError
from reports.folder import sync_folder
from reports.redaction import redact

_KEYS = {"seq": int, "time": str, "event": str, "data": dict, "prev": str, "hash": str}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `time` is ISO 8601 in UTC, with milliseconds."""

    seq: int
    """1 for the first."""
    time: str
    event: str
    data: dict[str, Any]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a journal: the last entry's hash (the genesis where there is none) and the number of entries."""

    hash: str
    count: int


class Journal:
    """The writer of one journal; `append` returns once the entry is on the disk.

    The file is open only while an entry is written: a run has a journal for each of its targets, and a process may
    have few files open.
    """

    def __init__(self, path: Path, genesis: str, clock: Callable[[], datetime]) -> None:
        self.path = path
        self._clock = clock
        self._head = Head(genesis, 0)
        self._broken = ""
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, genesis: str, clock: Callable[[], datetime]) -> Journal:
        """Make a new journal. Raises `JournalError` where the file exists or can't be made.

        `genesis` ties it to its run; `clock` returns the time with its zone.
        """
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
            sync_folder(path.parent)
        except OSError as error:
            raise JournalError(
                f"could not create the journal {path}: {error.strerror or error}. Nothing irreversible is done without "
                "a journal: use a new evidence folder (--evidence DIR) that can be written.",
                kind="unusable",
            ) from error
        return cls(path, genesis, clock)

    @property
    def head(self) -> Head:
        """The end of the journal as it was written: keep it where the journal's own folder can't change it."""
        return self._head

    def append(self, event: str, data: Mapping[str, Any] | None = None) -> Entry:
        """Write an entry, wait until it is on the disk, and return it.

        Raises `JournalError` for data that JSON can't hold (nothing is written then), and where writing failed: from
        then on this journal refuses, since nobody knows what its last line looks like.
        """
        with self._lock:
            if self._broken:
                raise self._unwritable(event, self._broken)
            entry, text = self._sealed(event, data or {})
            try:
                _append(self.path, text + b"\n")
            except OSError as error:
                self._broken = error.strerror or str(error)
                raise self._unwritable(event, self._broken) from error
            self._head = Head(entry.hash, entry.seq)
            return entry

    @staticmethod
    def read(
        path: Path, *, genesis: str | None = None, head: Head | None = None, cut: bool = False
    ) -> tuple[Entry, ...]:
        """Read a journal and verify its chain; with `genesis` also its run, with `head` also that its tail is there.

        `cut`: take the entries before a last line that was never finished, as a writer that was killed may leave it.
        What such a line would have announced was not done.

        Raises `JournalError` that names file, line and what was found.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise JournalError(
                f"could not read the journal {path}: {error.strerror or error}.", kind="unusable"
            ) from error
        return Journal.parse(path, content, genesis=genesis, head=head, cut=cut)

    @staticmethod
    def parse(
        path: Path, content: bytes, *, genesis: str | None = None, head: Head | None = None, cut: bool = False
    ) -> tuple[Entry, ...]:
        """As `read`, of content that was read already; `path` names it in errors."""
        return _verified(path, content, genesis, head, cut=cut)

    def _sealed(self, event: str, data: Mapping[str, Any]) -> tuple[Entry, bytes]:
        """Return the next entry and its line."""
        now = self._clock()
        where = f"{self.path}: event {event!r}"
        if now.tzinfo is None:
            raise JournalError(f"{where} has a time without a zone ({now}); give a clock in UTC.", kind="refused")
        body = {
            "seq": self._head.count + 1,
            "time": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "event": event,
            "data": _plain(data, where, "data"),
            "prev": self._head.hash,
        }
        try:
            entry = Entry(**body, hash=_hash(body))
            return entry, rfc8785.dumps(asdict(entry))
        except rfc8785.CanonicalizationError as error:
            raise JournalError(f"{where} holds what a journal can't: {error}.", kind="refused") from error

    def _unwritable(self, event: str, reason: str) -> JournalError:
        return JournalError(
            f"could not write event {event!r} to the journal {self.path} after entry {self._head.count}: {reason}. "
            "What was done to the target up to that entry is certain; look at the VM before anything else is done.",
            kind="unusable",
        )


def launch_intent(entries: Sequence[Entry]) -> Entry | None:
    """Return the intent of the launch that may have been carried out; what Azure refused was not."""
    found = None
    for entry in entries:
        if entry.event == "launch.intent":
            found = entry
        elif entry.event == "launch.refused":
            found = None
    return found


def _verified(path: Path, content: bytes, genesis: str | None, head: Head | None, *, cut: bool) -> tuple[Entry, ...]:
    lines = content.split(b"\n")
    torn = lines.pop()
    entries: list[Entry] = []
    for number, text in enumerate(lines, 1):
        entry = _parsed(path, number, text)
        expected = entries[-1].hash if entries else genesis if genesis is not None else entry.prev
        if entry.seq != number or entry.prev != expected:
            raise _out_of_chain(path, number, entry, lines, first=not entries)
        entries.append(entry)
    if torn and not cut:
        raise _complaint(
            path,
            len(lines) + 1,
            "torn",
            f"the last line was never finished ({len(torn)} bytes without a line end): the writer or its machine "
            f"stopped while writing. The {len(lines)} entries before it are intact",
        )
    if head is not None and head != Head(entries[-1].hash if entries else (genesis or head.hash), len(entries)):
        raise _complaint(
            path,
            len(lines),
            "truncated",
            f"it ends here, and its recorded end is entry {head.count} with hash {head.hash}: its tail was cut off, "
            "or it was written anew",
        )
    return tuple(entries)


def _parsed(path: Path, number: int, text: bytes) -> Entry:
    """Return the entry of one line, whose own hash is right."""
    try:
        body = json.loads(text)
        if not isinstance(body, dict) or body.keys() != _KEYS.keys():
            raise ValueError(f"not an object of {', '.join(sorted(_KEYS))}")
        if any(type(body[key]) is not kind for key, kind in _KEYS.items()):
            raise ValueError("a key has a value of another type")
        canonical = rfc8785.dumps(body)
    except (ValueError, RecursionError) as error:  # CanonicalizationError, JSON and UTF-8 errors are ValueErrors
        raise _complaint(path, number, "malformed", f"the line is no journal entry ({error})") from error
    sealed = body.pop("hash")
    if canonical != text or _hash(body) != sealed:
        raise _complaint(path, number, "edited", "the line was edited: it does not have the hash that it states")
    return Entry(**body, hash=sealed)


def _out_of_chain(path: Path, number: int, entry: Entry, lines: Sequence[bytes], *, first: bool) -> JournalError:
    """Return what is wrong with an entry that is sound by itself but does not follow the one before."""
    if entry.seq > number:
        later = any(_sequence(text) == number for text in lines[number:])
        if later:
            return _complaint(
                path, number, "reordered", f"the lines were reordered: entry {entry.seq} stands before entry {number}"
            )
        return _complaint(path, number, "missing", f"entry {number} was deleted: entry {entry.seq} stands in its place")
    if entry.seq < number:
        return _complaint(
            path,
            number,
            "inserted",
            f"a line was inserted or repeated: entry {entry.seq} at {number}",
        )
    if first:
        return _complaint(path, number, "foreign", f"it belongs to another run: its genesis is {entry.prev!r}")
    return _complaint(
        path,
        number,
        "inserted",
        f"entry {number} does not follow from the line before it",
    )


def _sequence(text: bytes) -> object:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body.get("seq") if isinstance(body, dict) else None


def _complaint(path: Path, number: int, kind: str, found: str) -> JournalError:
    return JournalError(
        f"the journal {path} can't be trusted from line {number} on: {found}. Keep the file as it is, and decide from "
        "the state of the VM itself.",
        kind=kind,
    )


def _plain(value: Any, where: str, at: str) -> Any:
    """Return `value` as JSON types, without half surrogates (they have no UTF-8); refuse anything else by its place."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return redact(value.encode("utf-8", "backslashreplace").decode("utf-8"))
    if isinstance(value, (list, tuple)):
        return [_plain(item, where, f"{at}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {_plain(key, where, at): _plain(item, where, f"{at}.{key}") for key, item in value.items()}
    raise JournalError(
        f"{where} holds at {at} what JSON can't: {type(value).__name__}. Give strings, numbers, lists and objects.",
        kind="refused",
    )


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(dict(body))).hexdigest()


def _append(path: Path, data: bytes) -> None:
    """Write `data` at the end of a file that is there, and wait until it is on the disk. Raises OSError."""
    # A journal that is gone is not made anew: without its first lines it would tell of nothing.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
