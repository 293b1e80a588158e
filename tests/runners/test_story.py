"""What the record tells of a target's journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from reports.journal import Journal
from runners.story import Story

TIME = datetime(2026, 11, 22, 20, 15, 3, tzinfo=UTC)


def story(folder: Path) -> Story:
    return Story(Journal.create(folder / "web01.jsonl", "run", lambda: TIME), lambda phase, doing: None)


def test_an_event_is_in_the_journal_and_in_the_record(tmp_path: Path) -> None:
    told = story(tmp_path)
    told.append("launch.begin", {"does": "start waagent"})
    (step,), (entry,) = told.steps, Journal.read(tmp_path / "web01.jsonl")
    assert (step.time, step.event, step.text) == (TIME, "launch.begin", "start waagent")
    assert entry.event == "launch.begin"


def test_a_gate_and_a_launch_are_told_in_words(tmp_path: Path) -> None:
    told = story(tmp_path)
    told.append("gate", {"open": True, "reasons": []})
    told.append("gate", {"open": False, "reasons": [{"code": "failed", "check": "A", "text": "C: is encrypted"}]})
    told.append("launch.confirmed", {"launched_as": "root", "through": "run-command"})
    assert [step.text for step in told.steps] == ["open", "closed: C: is encrypted", "as root, through run-command"]


def test_what_only_a_machine_reads_stays_in_the_journal(tmp_path: Path) -> None:
    told = story(tmp_path)
    told.append("launch.intent", {"nonce": "n", "script": "d"})
    told.append("watch.seen", {"processes": 1})
    assert [(step.event, step.text) for step in told.steps] == [("launch.intent", "")]
    assert len(Journal.read(tmp_path / "web01.jsonl")) == 2


def test_of_a_very_long_way_the_middle_is_left_out_and_says_so(tmp_path: Path) -> None:
    told = story(tmp_path)
    for number in range(210):
        told.append("unseen", {"reason": str(number)})
    texts = [step.text for step in told.steps]
    assert texts[99:102] == ["99", "10 events that only the journal has", "110"]
    assert texts[-1] == "209"
