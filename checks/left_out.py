"""Rules that are known and that no check judges, with the reason: shown at the end of docs/checks.md. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One rule that somebody might expect here."""

    platform: Literal["linux", "windows"]
    rule: str
    """The rule as a fact that would hold, in words, without a full stop."""
    reason: str
    """Why no check judges it: a sentence."""


LEFT_OUT: tuple[LeftOut, ...] = (
    LeftOut(
        "windows",
        "Streaming Media Services are not installed",
        "It was a download for Windows Server 2008, and Microsoft names no feature to look for.",
    ),
)
