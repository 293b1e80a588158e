"""docs/benchmarks.md has a section of each part, as the benchmark writes them."""

from __future__ import annotations

from tests.bench.page import BEGIN, END, PAGE
from tests.bench.parts import PARTS


def test_the_page_has_each_part_in_its_order() -> None:
    written = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    headings = [line.removeprefix("## ") for line in written.splitlines() if line.startswith("## ")]
    assert headings == list(PARTS.values())


def test_the_page_says_how_each_part_is_repeated() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "make bench" in text
    assert all(f"`python -m tests.bench {part}`" in text for part in PARTS)
