"""What Azure really answered: the recordings, file by file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.contract.shared import material
from tests.lab.contract.wire import Exchange

# /subscriptions/<sub>/resourceGroups/... where no number was kept
_PLACEHOLDER = re.compile(r"/subscriptions/<[^>/]+>")
_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Item:
    """One recorded exchange."""

    seq: int
    """Its number in the recording; some were left out."""
    exchange: Exchange


@dataclass(frozen=True)
class Recording:
    """One file of recorded exchanges, in order."""

    name: str
    items: tuple[Item, ...]


def recordings() -> list[Recording]:
    """Return all recordings, or skip the test where they are missing."""
    return [_read(path) for path in sorted(material("recordings/azure").glob("*.json"))]


def recording(name: str) -> Recording:
    """Return one recording, or skip the test where they are missing."""
    return _read(material("recordings/azure") / f"{name}.json")


def _read(path: Path) -> Recording:
    text = _PLACEHOLDER.sub(f"/subscriptions/{_NO_SUBSCRIPTION}", path.read_text(encoding="utf-8"))
    return Recording(path.stem, tuple(map(_item, json.loads(text))))


def _item(recorded: dict[str, Any]) -> Item:
    exchange = Exchange(
        method=recorded["method"],
        path=recorded["path"],
        query=recorded["query"],
        sent=recorded["request_body"],
        status=recorded["status"],
        headers={name.lower(): value for name, value in recorded["headers"].items()},
        body=recorded["response_body"],
    )
    return Item(recorded["seq"], exchange)
