"""Each part of the benchmark runs. What it measures is no matter for a test."""

from __future__ import annotations

import importlib

import pytest

from tests.bench.parts import PARTS


@pytest.mark.parametrize("part", PARTS)
def test_a_part_runs_and_fills_its_table(part: str) -> None:
    table = importlib.import_module(f"tests.bench.{part}").measure(small=True)
    assert table.part == part
    assert table.title == PARTS[part]
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert table.rows[0][0] in table.markdown()
    if part == "fleets":
        rows = [dict(zip(table.head, row, strict=True)) for row in table.rows]
        assert [row["proven"] for row in rows] == [row["targets"] for row in rows]
        assert all(0 < int(row["most updates of a VM"]) <= 12 for row in rows)
