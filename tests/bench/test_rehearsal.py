"""Each part of the benchmark runs. What it measures is no matter for a test."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from testinfra.host import Host

from tests.bench import over_ssh
from tests.bench.parts import PARTS
from tests.bench.questions import QUESTIONS
from tests.bench.run_command_backend import NotAnsweredError, RecordedBackend


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
    if part == "facts":
        sent = {row[0]: row[2] for row in table.rows}
        assert sent["ours, `--observe`"] == "1 Run Command"
        assert int(sent["pytest-testinfra"].split()[0]) >= 3
        assert [row[-1] for row in table.rows if "SSH" in row[0]] == ["not measured: this is a rehearsal"] * 2
    if part == "observing":
        ours, theirs = (dict(zip(table.head, row, strict=True)) for row in table.rows)
        assert (ours["VMs"], ours["Run Commands"]) == (theirs["VMs"], "2")
        assert int(theirs["Run Commands"]) >= 2 * 3


def test_without_a_real_vm_its_rows_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALPROOF_CACHE", str(tmp_path))
    for _, *measured, why in over_ssh.rows():
        assert measured == ["", ""]
        assert why.startswith("not measured: ")
        assert "make real" in why or "a real guest needs" in why


def test_each_question_has_the_answers_of_the_real_vm() -> None:
    host = Host(RecordedBackend("vm"))
    for question in QUESTIONS:
        question(host)


def test_what_was_not_recorded_is_no_answer() -> None:
    with pytest.raises(NotAnsweredError, match="record again"):
        Host(RecordedBackend("vm")).run("true")
