"""Read access that dead runs left, by their journals in an evidence folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reports.folder import LATEST
from runners.disk.access import INTENT, REFUSED, REVOKED
from runners.process import is_gone


class LeftOver:
    """What dead runs left, by the journals in `evidence`, the folder that holds the folders of runs.

    A killed run of a large fleet leaves very many journals, so all are read once, when somebody first asks. Those of
    the dead can't change any more. Thread-safe; asking takes a while, so it is for worker threads.
    """

    def __init__(self, evidence: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._evidence = evidence
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: dict[str, list[tuple[datetime, str]]] | None = None
        """By disk, in lower case: until when a dead run may have access, and its id; the latest run first."""

    def run_of(self, disk: str) -> str:
        """Return the id of a run that granted itself access to `disk`, did not revoke it, and is dead; "" without one.

        Dead for certain is only what ran on this machine since it was started; and what was granted so long ago that it
        has expired is not what is active now.
        """
        with self._lock:
            if self._runs is None:
                self._runs = self._read()
        now = self._clock()
        return next((run for until, run in self._runs.get(disk.lower(), ()) if until > now), "")

    def _read(self) -> dict[str, list[tuple[datetime, str]]]:
        found: dict[str, list[tuple[datetime, str]]] = {}
        for journal in sorted(self._evidence.glob("*/journal/*.jsonl"), reverse=True):
            run = journal.parent.parent.name
            if run == LATEST:  # a link to another of them
                continue
            for disk, entry in left_open(journal).items():
                if is_gone(entry["data"].get("process") or {}):
                    found.setdefault(disk, []).append((_alive_until(entry), run))
        return found


def left_open(journal: Path) -> dict[str, dict[str, Any]]:
    """Return the entries by which a journal's run asked for access that it did not revoke, by the disk's ARM id.

    The ids are in lower case. The last line of a run that was killed may be torn, and is left out.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in _entries(journal):
        disk = str(entry["data"].get("disk", "")).lower()
        if entry["event"] == INTENT:
            found[disk] = entry
        elif entry["event"] in (REFUSED, REVOKED):
            found.pop(disk, None)
    return found


def _entries(journal: Path) -> Iterable[dict[str, Any]]:
    try:
        lines = journal.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(entry, dict) and isinstance(entry.get("event"), str) and isinstance(entry.get("data"), dict):
            yield entry


def _alive_until(entry: dict[str, Any]) -> datetime:
    """Return when the access of an intent is over at the latest; the time that granting takes comes on top."""
    try:
        asked = datetime.fromisoformat(str(entry.get("time", "")))
        return asked + timedelta(seconds=float(entry["data"].get("seconds", 0))) + timedelta(minutes=10)
    except (ValueError, TypeError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)
