"""What a part found: a table, the words around it, and both as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from runners.cli import ROOT

KEPT = ROOT / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Table:
    """One part's numbers. `small` is a rehearsal, whose numbers say nothing."""

    part: str
    title: str
    how: str
    """How it was measured, one paragraph."""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    """What follows from the numbers, and what they don't say."""
    machine: str
    small: bool

    def markdown(self) -> str:
        """Return the section of docs/benchmarks.md."""
        lines = [f"## {self.title}", "", self.how, "", _row(self.head), _row(["---"] * len(self.head))]
        lines += [_row(row) for row in self.rows]
        lines += ["", *(f"- {note}" for note in self.notes), "", f"`python -m tests.bench {self.part}`. {self.machine}"]
        return "\n".join(lines) + "\n"

    def keep(self) -> Path:
        """Write it as JSON into .cache/bench and return the file's path."""
        KEPT.mkdir(parents=True, exist_ok=True)
        path = KEPT / f"{self.part}{'-small' if self.small else ''}.json"
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        return path


def kept(part: str) -> Table | None:
    """Return what was last measured of a part; None where it never was."""
    path = KEPT / f"{part}.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    found |= {key: tuple(found[key]) for key in ("head", "notes")}
    return Table(**found | {"rows": tuple(map(tuple, found["rows"]))})


def _row(cells: Sequence[str] | Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
