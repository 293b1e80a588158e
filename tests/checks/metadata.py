"""Metadata of a check that tests make up."""

from __future__ import annotations

from typing import Any

from checks.catalogue import Metadata


def made_up(**changes: Any) -> Metadata:
    """Return sound metadata of a blocker for any guest, but for `changes`."""
    sound: dict[str, Any] = {
        "id": "AB-CD-001",
        "title": "the agent is there",
        "phase": "pre",
        "platform": "any",
        "severity": "blocker",
        "waivable": True,
        "applies": None,
        "remedied_by": None,
        "proves": None,
        "grade": "D",
        "why": "w",
        "fix": "apt install waagent",
        "source": "s",
    }
    return Metadata(**(sound | changes))
