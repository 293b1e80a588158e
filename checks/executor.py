"""The item that stands for the irreversible step: one for each target, between its pre-checks and its post-checks."""

from __future__ import annotations

from typing import Any


def executor(generalized: Any) -> None:
    """Show whether the target was generalized; the fixture awaits the engine, and its look-up is the verdict."""
