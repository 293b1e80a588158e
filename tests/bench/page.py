"""docs/benchmarks.md: its tables are written by the benchmark, from what was last measured of each part."""

from __future__ import annotations

from runners.cli import ROOT
from tests.bench.parts import PARTS
from tests.bench.table import kept

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- written by make bench: begin -->\n", "<!-- written by make bench: end -->\n"


def write() -> None:
    """Put the tables that are kept between the page's two marks. A part that was never measured says so."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    sections = []
    for part, title in PARTS.items():
        table = kept(part)
        sections.append(
            table.markdown() if table else f"## {title}\n\nNot measured yet: `python -m tests.bench {part}`.\n"
        )
    PAGE.write_text(before + BEGIN + "\n".join(sections) + END + after, encoding="utf-8")
