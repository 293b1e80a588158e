"""How much of each recording the lab answers as Azure did, and the floor below which that may not fall."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.lab.contract.known_differences import KNOWN_DIFFERENCES, KnownDifference
from tests.lab.contract.recordings import recording
from tests.lab.contract.replay import Outcome, replay

FLOOR = Path(__file__).parent / "floor.json"
COMMAND = "python -m tests.lab.contract.refresh"


@dataclass(frozen=True)
class Coverage:
    """How the replay of one recording went."""

    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def covered(self) -> int:
        """How many exchanges the lab answers as Azure did."""
        return sum(outcome.verdict == "covered" for outcome in self.outcomes)

    @property
    def unexplained(self) -> list[str]:
        """What differs for no known reason, one line each."""
        return [
            f"{self.name} #{outcome.seq} {outcome.operation}: {difference}"
            for outcome in self.outcomes
            if outcome.verdict == "differs"
            for difference in outcome.differences
            if not any(known.explains(outcome.operation, difference) for known in KNOWN_DIFFERENCES)
        ]

    @property
    def needed(self) -> set[KnownDifference]:
        """The known differences that this recording shows."""
        return {
            known
            for outcome in self.outcomes
            if outcome.verdict == "differs"
            for difference in outcome.differences
            for known in KNOWN_DIFFERENCES
            if known.explains(outcome.operation, difference)
        }

    def report(self) -> str:
        """Return what is covered and what is not, by operation and cause."""
        lines = [f"{self.name}: {self.covered} of {len(self.outcomes)} exchanges covered"]
        causes = Counter(_cause(outcome) for outcome in self.outcomes if outcome.verdict != "covered")
        return "\n".join(lines + [f"  {count:3} {cause}" for cause, count in sorted(causes.items())])


def cover(name: str) -> Coverage:
    """Replay one recording."""
    with tempfile.TemporaryDirectory() as folder:
        return Coverage(name, tuple(replay(recording(name), Path(folder))))


def floor() -> dict[str, int]:
    """Return how many exchanges of each recording were covered when the floor was last raised."""
    counts: dict[str, int] = json.loads(FLOOR.read_text(encoding="utf-8"))
    return counts


def _cause(outcome: Outcome) -> str:
    if outcome.verdict == "uncovered":
        return f"{outcome.operation}: {outcome.reason}"
    return f"{outcome.operation}: differs in {', '.join(sorted({item.place for item in outcome.differences}))}"
