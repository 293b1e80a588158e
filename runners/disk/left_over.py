"""Read access that dead runs left, by their journals in an evidence folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runners.disk.access import INTENT, REFUSED, REVOKED
from runners.process import is_gone


def left_by(evidence: Path, disk: str, now: datetime) -> str:
    """Return the id of a run that granted itself access to `disk`, did not revoke it, and is dead; empty without one.

    `evidence` is the folder that holds the folders of runs. Dead for certain is only what ran on this machine since it
    was started; and what was granted so long ago that it has expired is not what is active now.
    """
    for journal in sorted(evidence.glob("*/journal/*.jsonl"), reverse=True):
        entry = left_open(journal).get(disk.lower())
        if entry and _alive_until(entry) > now and is_gone(entry["data"].get("process") or {}):
            return journal.parent.parent.name
    return ""


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
