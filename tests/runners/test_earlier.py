"""What an earlier run left is taken only where it is what that run wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.healthy import observation
from reports.evidence import Evidence, Mode, Run, Target
from reports.folder import EvidenceFolder
from reports.journal import Head, Journal
from runners.earlier import Earlier, load_earlier
from runners.errors import UsageError
from runners.generalize.claim_tag import ClaimTag
from runners.record import before_document

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
RUN, HERE, VM = "20261122T200000Z-abc123", "https://localhost:1", "/subscriptions/S/VM"


def left(root: Path, *events: str, mode: Mode = "generalize") -> Path:
    """Leave the folder of a run that was killed after these events."""
    folder = EvidenceFolder(root, RUN)
    run = Run(id=RUN, mode=mode, endpoint=HERE, lab=True, started=NOW)
    folder.write_evidence(Evidence(run=run, verdict="undetermined", targets=(Target(name="golden", id=VM),)))
    digest = folder.write_before("golden", before_document(observation("linux"), ()))
    said: dict[str, dict[str, Any]] = {
        "launch.intent": {"nonce": "6f1c", "vm_id": "8d3f", "os_disk": "disk", "before": digest},
        "launch.confirmed": {"launched_as": "root", "started": "2026-11-22T20:00:00+00:00"},
    }
    journal = Journal.create(folder.journal_path("golden"), RUN, lambda: NOW)
    for event in events:
        journal.append(event, said.get(event, {}))
    return folder.path


def of(folder: Path) -> Earlier:
    return load_earlier([folder], HERE)[VM.lower()]


def test_a_launch_is_known_by_its_mark_its_time_and_its_machine(tmp_path: Path) -> None:
    earlier = of(left(tmp_path, "gate", "launch.intent", "launch.confirmed", "generalize.intent"))

    assert earlier.launched is not None
    assert (earlier.launched.nonce, earlier.launched.flagging) == ("6f1c", True)
    assert (earlier.launched.launch.launched_as, earlier.launched.launch.started) == ("root", NOW)
    assert (earlier.vm_id, earlier.os_disk, earlier.before) == ("8d3f", "disk", observation("linux"))


@pytest.mark.parametrize("events", [[], ["gate"], ["gate", "launch.intent", "launch.refused"]])
def test_a_run_that_launched_nothing_says_so(tmp_path: Path, events: list[str]) -> None:
    assert of(left(tmp_path, *events)).launched is None


def test_a_run_that_only_finished_anothers_work_has_nothing_to_resume(tmp_path: Path) -> None:
    assert load_earlier([left(tmp_path, "resumed", "claim.begin")], HERE) == {}


def test_a_last_line_that_was_never_finished_announced_nothing(tmp_path: Path) -> None:
    folder = left(tmp_path, "gate")
    with (folder / "journal" / "golden.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"data":{},"event":"launch.int')

    assert of(folder).launched is None


@pytest.mark.parametrize(("count", "hash_of", "wrote"), [(2, 2, True), (2, 1, False), (9, 2, False), (0, 1, False)])
def test_a_claim_is_known_again_by_an_entry_of_the_journal(
    tmp_path: Path, count: int, hash_of: int, wrote: bool
) -> None:
    earlier = of(left(tmp_path, "gate", "claim.begin", "claim.end"))
    claim = ClaimTag(RUN, "launch", NOW, NOW, Head(earlier.entries[hash_of - 1].hash, count), "ci-7")

    assert earlier.wrote(claim) is wrote


def test_what_is_no_evidence_of_such_a_run_is_a_usage_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"evidence.json can't be read: No such file"):
        load_earlier([tmp_path], HERE)
    (tmp_path / "evidence.json").write_text("{}")
    with pytest.raises(UsageError, match="is no evidence of this version: run"):
        load_earlier([tmp_path], HERE)
    with pytest.raises(UsageError, match="was in mode observe"):
        load_earlier([left(tmp_path / "observed", mode="observe")], HERE)
    with pytest.raises(UsageError, match="and this one asks https://localhost:2"):
        load_earlier([left(tmp_path / "elsewhere")], "https://localhost:2")


def test_what_was_changed_since_is_refused(tmp_path: Path) -> None:
    folder = left(tmp_path, "gate", "launch.intent")
    journal = folder / "journal" / "golden.jsonl"
    content = journal.read_text(encoding="utf-8")
    journal.write_text(content.replace("8d3f", "0000"), encoding="utf-8")
    with pytest.raises(UsageError, match="was edited"):
        of(folder)
    journal.write_text(content, encoding="utf-8")
    (folder / "before" / "golden.json").write_text("{}")
    with pytest.raises(UsageError, match="is not the file that the journal names"):
        of(folder)
    (folder / "before" / "golden.json").unlink()
    with pytest.raises(UsageError, match="can't be read"):
        of(folder)
