"""What pytest items ask of the engine, wherever it runs: beside them, or in the process that controls the workers."""

from __future__ import annotations

from typing import Protocol

from reports.evidence import Result, Target


class Findings(Protocol):
    """What the engine found. `runners.board.Board` holds it; `runners.desk.DeskFindings` asks for it from a worker."""

    def row(self, check: str, target: str) -> Result:
        """Wait until the row is there and return it."""
        ...

    def target(self, name: str) -> Target:
        """Wait until the target is through and return its record."""
        ...
