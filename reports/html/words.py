"""Times, sizes and names as the page writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from checks.catalogue import grades
from reports.evidence import utc

SIGNS = {
    "proven": "✓",
    "passed": "✓",
    "ready": "✓",
    "sealed": "◐",
    "failed": "✕",
    "undetermined": "?",
    "not acted": "○",
    "blocked": "▪",
    "warned": "!",
    "waived": "§",
    "not applicable": "·",
}
"""A sign beside each outcome's word: colour alone says nothing."""

VANTAGES = {
    "azure": {
        "arm": "Azure Resource Manager",
        "lab": "lab: an imitation of Azure",
        "none": "not asked",
    },
    "guest": {
        "real": "asked while it ran",
        "simulated": "simulated: its answers were prepared",
        "none": "not asked",
    },
    "disk": {
        "real": "read after the stop",
        "constructed": "constructed: made for the lab",
        "none": "not read",
    },
    "look": {
        "real": "what the guest itself saw after the step, in place of its disk",
        "simulated": "simulated: what it saw of itself was prepared",
        "none": "not asked",
    },
}
MADE_UP = frozenset({"lab", "simulated", "constructed"})


def clock(time: datetime) -> str:
    """Return the time of day in UTC: `20:15:03`."""
    return time.astimezone(UTC).strftime("%H:%M:%S")


def seconds(value: float) -> str:
    """Return a span: `0.3 s`, `41 s`, `2 min 5 s`, `1 h 2 min`."""
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def size(value: int) -> str:
    """Return a number of bytes: `786 KiB`, `32.0 GiB`."""
    amount = float(value)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:,.0f} {unit}" if unit in ("bytes", "KiB") else f"{amount:,.1f} {unit}"
        amount /= 1024
    return f"{amount:,.1f} TiB"


def number(count: int, word: str) -> str:
    """Return a count with its word: `1 target`, `1,000 targets`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def slug(outcome: str) -> str:
    """Return an outcome as a class name; only our own words get one."""
    return outcome.replace(" ", "-") if outcome in SIGNS else "other"


def linked(text: str) -> list[tuple[str, bool]]:
    """Return the words of a source, and which are addresses that may be followed."""
    return [(part, bool(re.fullmatch(r"https://[^\s\"'<>\\]+", part))) for part in text.split()]


def grade(letter: str) -> str:
    """Return what a grade means; empty for one that is none."""
    return grades().get(letter, "")


FILTERS: dict[str, Callable[..., Any]] = {
    "clock": clock,
    "seconds": seconds,
    "size": size,
    "number": number,
    "sentence": sentence,
    "slug": slug,
    "sign": lambda outcome: SIGNS.get(outcome, "·"),
    "linked": linked,
    "grade": grade,
    "utc": utc,
}
