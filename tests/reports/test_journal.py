"""A journal shows every way in which somebody could change it."""

from __future__ import annotations

import json
import os
import resource
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.errors import JournalError
from reports.journal import Head, Journal, launch_intent

GENESIS = "6f1c0d"


def clock() -> datetime:
    return datetime(2026, 11, 22, 20, 15, 3, 5000, tzinfo=UTC)


def written(path: Path, events: int = 4) -> tuple[bytes, Head]:
    journal = Journal.create(path, GENESIS, clock)
    for number in range(events):
        journal.append(f"step {number}", {"number": number, "lines": ("one", "two")})
    return path.read_bytes(), journal.head


def refusal(path: Path, **given: Any) -> JournalError:
    with pytest.raises(JournalError) as caught:
        Journal.read(path, **given)
    assert str(path) in str(caught.value)
    return caught.value


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    journal = Journal.create(path, GENESIS, clock)
    first = journal.append("launch.intent", {"nonce": "ab", "clean": ("machine-id",)})
    second = journal.append("launch.done")
    assert first.prev == GENESIS
    assert (first.time, first.data) == ("2026-11-22T20:15:03.005Z", {"nonce": "ab", "clean": ["machine-id"]})
    assert Journal.read(path, genesis=GENESIS, head=journal.head) == (first, second)
    assert journal.head == Head(second.hash, 2)


def test_an_entry_is_on_the_disk_before_append_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    synced: list[bytes] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append(path.read_bytes())

    journal = Journal.create(path, GENESIS, clock)
    monkeypatch.setattr("os.fsync", fsync)
    journal.append("generalize.intent")
    assert synced == [path.read_bytes()]
    assert b"generalize.intent" in synced[0]


def test_an_empty_journal_is_sound(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    assert Journal.read(journal.path, genesis=GENESIS, head=journal.head) == ()
    assert Journal.read(journal.path, head=Head("x", 0)) == ()


def test_threads_append_one_after_another(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    threads = [threading.Thread(target=journal.append, args=(f"event {number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Journal.read(journal.path, head=journal.head)) == 12


@pytest.mark.parametrize(
    ("order", "kind", "text"),
    [
        ((0, 2, 3), "missing", "line 2 on: entry 2 was deleted"),
        ((1, 2, 3), "missing", "line 1 on: entry 1 was deleted"),
        ((0, 2, 1, 3), "reordered", "line 2 on: the lines were reordered"),
        ((0, 1, 1, 2, 3), "inserted", "line 3 on: a line was inserted or repeated"),
    ],
)
def test_moved_lines_are_named(tmp_path: Path, order: tuple[int, ...], kind: str, text: str) -> None:
    path = tmp_path / "a.jsonl"
    lines = written(path)[0].splitlines(keepends=True)
    path.write_bytes(b"".join(lines[index] for index in order))
    error = refusal(path)
    assert error.kind == kind
    assert text in str(error)


@pytest.mark.parametrize("rest", [b"not json\n", b"[]\n", b"{}\n"])
def test_a_missing_entry_is_seen_among_lines_that_are_none(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "a.jsonl"
    lines = written(path)[0].splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2] + rest)
    assert refusal(path).kind == "missing"


def test_an_edited_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    content, _ = written(path)
    path.write_bytes(content.replace(b'"step 2"', b'"step 9"'))
    error = refusal(path)
    assert error.kind == "edited"
    assert "line 3" in str(error)


def test_a_line_of_another_journal_does_not_fit(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.jsonl", tmp_path / "theirs.jsonl"
    lines = written(ours)[0].splitlines(keepends=True)
    other = Journal.create(theirs, "another", clock)
    for number in range(4):
        other.append(f"step {number}")
    lines[2] = theirs.read_bytes().splitlines(keepends=True)[2]
    ours.write_bytes(b"".join(lines))
    error = refusal(ours)
    assert error.kind == "inserted"
    assert "line 3" in str(error)


def test_the_journal_of_another_run_is_foreign(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    written(path)
    assert refusal(path, genesis="another").kind == "foreign"


@pytest.mark.parametrize("keep", [0, 2])
def test_a_cut_tail_is_seen_with_the_head(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.jsonl"
    content, head = written(path)
    path.write_bytes(b"".join(content.splitlines(keepends=True)[:keep]))
    assert len(Journal.read(path, genesis=GENESIS)) == keep
    assert refusal(path, genesis=GENESIS, head=head).kind == "truncated"


def test_a_torn_last_line_is_told_from_tampering(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    content, _ = written(path)
    path.write_bytes(content[:-20])
    error = refusal(path)
    assert error.kind == "torn"
    assert "The 3 entries before it are intact" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"",
        b"null",
        b'{"seq": 1}',
        b'{"data":{},"event":"x","hash":"","prev":"","seq":"1","time":""}',
        b'{"data":{},"event":"x","hash":"","prev":"","seq":true,"time":""}',
        b'{"data":{"n":9007199254740993},"event":"x","hash":"","prev":"","seq":1,"time":""}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_entry_is_malformed(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(text + b"\n")
    assert refusal(path).kind == "malformed"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_change_of_a_byte_goes_unseen(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.jsonl"
    content, head = written(path, 3)
    at = data.draw(st.integers(0, len(content) - 1))
    cut = data.draw(st.integers(0, 3))
    new = content[:at] + data.draw(st.binary(max_size=3)) + content[at + cut :]
    path.write_bytes(new)
    if new == content:
        assert len(Journal.read(path, genesis=GENESIS, head=head)) == 3
    else:
        refusal(path, genesis=GENESIS, head=head)


@settings(max_examples=80, deadline=None)
@given(order=st.lists(st.integers(0, 3), max_size=6))
def test_only_the_written_order_is_accepted(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.jsonl"
    content, head = written(path)
    lines = content.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[index] for index in order))
    if order == [0, 1, 2, 3]:
        assert len(Journal.read(path, genesis=GENESIS, head=head)) == 4
    else:
        refusal(path, genesis=GENESIS, head=head)


@settings(max_examples=50, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
        max_leaves=8,
    )
)
def test_any_json_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    journal = Journal.create(tmp_path_factory.mktemp("journal") / "a.jsonl", GENESIS, clock)
    journal.append("event", {"value": value})
    assert Journal.read(journal.path)[0].data == {"value": value}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"path": [Path("/etc")]}, "data.path[0]"),
        ({"nested": {1: "a"}}, "data.nested"),
        ({"n": float("nan")}, "can't"),
        ({"n": 2**60}, "can't"),
    ],
)
def test_data_that_json_cannot_hold_is_refused_and_nothing_written(
    tmp_path: Path, data: dict[str, Any], says: str
) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    with pytest.raises(JournalError, match="event 'launch'") as caught:
        journal.append("launch", data)
    assert caught.value.kind == "refused"
    assert says in str(caught.value)
    journal.append("after")
    assert [entry.event for entry in Journal.read(journal.path)] == ["after"]


def test_half_a_surrogate_pair_is_written_visibly(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    journal.append("said", {"\ud800": "x\udfffy"})
    assert Journal.read(journal.path)[0].data == {"\\ud800": "x\\udfffy"}


def test_a_clock_without_a_zone_is_refused(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, lambda: datetime(2026, 1, 1))
    with pytest.raises(JournalError, match="without a zone"):
        journal.append("launch")


def test_a_journal_is_never_overwritten(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl")
    with pytest.raises(JournalError, match="could not create the journal") as caught:
        Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    assert caught.value.kind == "unusable"


def test_a_journal_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.jsonl").kind == "unusable"


def test_after_a_failed_write_the_journal_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    journal.append("first")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(JournalError, match="No space left"):
            journal.append("second")
    with pytest.raises(JournalError, match="after entry 1: No space left"):
        journal.append("third")


def test_a_journal_that_was_taken_away_is_not_begun_anew(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    journal.append("first")
    content = journal.path.read_bytes()
    journal.path.unlink()
    with pytest.raises(JournalError, match="after entry 1: No such file") as caught:
        journal.append("second")
    assert caught.value.kind == "unusable"
    assert not journal.path.exists()
    journal.path.write_bytes(content)
    with pytest.raises(JournalError, match="after entry 1: No such file"):
        journal.append("third")


def test_a_run_has_more_journals_than_a_process_may_have_files_open(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The limit is on the numbers of handles, and the lowest free one is given next.
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 8, hard))
    try:
        journals = [Journal.create(tmp_path / f"{number}.jsonl", GENESIS, clock) for number in range(40)]
        for event in ("first", "second"):
            for journal in journals:
                journal.append(event)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for journal in journals:
        assert len(Journal.read(journal.path, genesis=GENESIS, head=journal.head)) == 2


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr("os.write", lambda handle, data: real(handle, bytes(data[:7])))
    journal = Journal.create(tmp_path / "a.jsonl", GENESIS, clock)
    journal.append("first")
    assert json.loads(journal.path.read_bytes())["event"] == "first"


def test_the_last_launch_is_the_one_that_azure_did_not_refuse(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "golden.jsonl", "run", lambda: datetime(2026, 11, 22, tzinfo=UTC))
    written = [journal.append(event) for event in ("gate", "launch.intent", "launch.refused", "launch.intent")]

    assert [launch_intent(written[:count]) for count in range(5)] == [None, None, written[1], None, written[3]]
