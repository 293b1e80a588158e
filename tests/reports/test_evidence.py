"""The record: its keys, its words, and what it does with text that nobody trusts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from checks.catalogue import Check, Metadata, Problem
from checks.facts import Coverage, DiskVolume, Receipt
from checks.judgement import Judgement
from reports.evidence import CoverageRecord, Evidence, ReceiptRecord, Result, Target, json_schema
from tests.reports.refresh import REPOSITORY
from tests.reports.samples import HOSTILE, SAMPLES, proven, run, target

KEYS = {
    "": {
        *("schema", "run", "verdict", "planned", "merged", "targets"),
        *("checks", "results", "tests", "waivers", "coverage"),
    },
    "run": {
        *("id", "mode", "endpoint", "lab", "tenant", "principal"),
        *("versions", "digests", "commits", "arguments", "shard", "selected", "started", "ended"),
    },
    "targets": {
        *(
            "name",
            "id",
            "kind",
            "artifact",
            "vm_id",
            "identity",
            "run",
            "platform",
            "witness",
            "vantages",
            "gate",
            "forecast",
            "receipt",
        ),
        *("outcome", "proof", "started", "ended", "timings", "story", "digests", "note"),
    },
    "results": {
        *("check", "target", "phase", "severity", "outcome", "problems"),
        *("reason", "waiver"),
    },
    "checks": {"title", "remedied_by", "why", "fix", "source", "grade"},
}


def test_the_keys_are_the_documented_ones() -> None:
    record = json.loads(proven().to_bytes())
    assert record.keys() == KEYS[""]
    assert record["schema"] == "sealproof.evidence/1"
    assert record["run"].keys() == KEYS["run"]
    assert record["targets"][0].keys() == KEYS["targets"]
    assert record["results"][0].keys() == KEYS["results"]
    assert record["checks"][record["results"][0]["check"]].keys() == KEYS["checks"]
    assert record["targets"][0]["vantages"] == {
        "azure": "lab",
        "guest": "simulated",
        "disk": "constructed",
        "look": "none",
    }


def test_every_key_is_explained_to_users() -> None:
    page = (REPOSITORY / "docs" / "evidence.md").read_text()
    assert [key for keys in KEYS.values() for key in sorted(keys) if f"`{key}`" not in page] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_record_is_read_back_as_it_was(sample: str) -> None:
    evidence = SAMPLES[sample]()
    assert Evidence.from_bytes(evidence.to_bytes()) == evidence
    assert [row.rule for row in Evidence.from_bytes(evidence.to_bytes()).results] == [
        row.rule for row in evidence.results
    ]
    assert Evidence.from_bytes(evidence.to_bytes()).to_bytes() == evidence.to_bytes()


def test_the_file_is_sorted_utf8_with_one_line_end() -> None:
    data = proven().model_copy(update={"run": run(principal="Zoë")}).to_bytes()
    assert data.endswith(b"}\n")
    assert "Zoë".encode() in data
    assert list(json.loads(data)) == sorted(json.loads(data))


@pytest.mark.parametrize(
    ("key", "value"),
    [("verdict", "green"), ("schema", "sealproof.evidence/2"), ("surprise", 1)],
)
def test_another_word_or_key_is_refused_by_name(key: str, value: object) -> None:
    record = json.loads(proven().to_bytes()) | {key: value}
    with pytest.raises(ValidationError, match=key):
        Evidence.from_bytes(json.dumps(record).encode())


def test_a_record_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        proven().verdict = "failed"  # type: ignore[misc]


def test_times_have_a_zone_and_are_kept_in_utc() -> None:
    east = datetime(2026, 11, 22, 21, 15, 3, tzinfo=timezone(timedelta(hours=1)))
    assert run(started=east).started == datetime(2026, 11, 22, 20, 15, 3, tzinfo=UTC)
    assert b'"2026-11-22T20:15:03Z"' in proven().to_bytes()
    with pytest.raises(ValidationError, match="started"):
        run(started=datetime(2026, 11, 22))


def test_guest_text_is_bounded_and_visible_as_it_enters() -> None:
    entered = Target(name="a", id="/a", note=HOSTILE * 5)
    assert entered.note.isprintable()
    assert "\\x1b[2J" in entered.note
    assert len(entered.note) <= 500
    assert entered.note.endswith("characters in all]")


def test_a_row_is_made_of_a_judgement() -> None:
    metadata = Metadata(
        id="LNX-SHADOW-001",
        title="the backup of shadow holds no password hash",
        phase="post",
        platform="linux",
        severity="blocker",
        waivable=False,
        applies=None,
        remedied_by=None,
        proves=None,
        grade="T",
        why="a hash can be cracked",
        fix="clean: [passwd-backups]",
        source="https://example.com",
    )
    check = Check(metadata, lambda disk: (), ("disk",), (), REPOSITORY / "x.py", 1)
    found = Judgement(check, "failed", (Problem("a hash\x1b[0m", "none", "/etc/shadow-"),), "seen")
    row = Result.of(found, "web01")
    assert (row.check, row.target, row.phase, row.outcome) == ("LNX-SHADOW-001", "web01", "post", "failed")
    assert row.problems[0].sentence == "/etc/shadow-: a hash\\x1b[0m (expected: none)"
    assert Result.of(found, "web01", outcome="waived").outcome == "waived"


def test_facts_become_records() -> None:
    receipt = ReceiptRecord.of(Receipt("hung", "no progress for 600 s", "root", ("line",), "restart it"))
    assert receipt.model_dump() == {
        "outcome": "hung",
        "cause": "no progress for 600 s",
        "launched_as": "root",
        "excerpt": ("line",),
        "remedy": "restart it",
    }
    seen = Coverage(100, 10, 3, (DiskVolume("partition 1", "ext4", ""),), ("memory",))
    assert CoverageRecord.of(seen).complete
    with pytest.raises(ValidationError, match="outcome"):
        ReceiptRecord.of(Receipt("fine", "", ""))


@pytest.mark.parametrize(
    ("volume", "complete"),
    [
        (DiskVolume("p1", "ext4", ""), True),
        (DiskVolume("p14", "none", ""), True),
        (DiskVolume("p1", "unreadable", ""), False),
        (DiskVolume("p1", "ext4", "journal damaged"), False),
    ],
)
def test_coverage_is_complete_when_every_volume_was_read(volume: DiskVolume, complete: bool) -> None:
    assert CoverageRecord.of(Coverage(100, 10, 3, (volume,), ())).complete is complete


def test_the_schema_knows_every_word() -> None:
    schema = json.dumps(json_schema())
    words = ("not applicable", "not acted", "undetermined", "constructed", "sealproof.evidence/1")
    assert [word for word in words if f'"{word}"' not in schema] == []
    assert target("a").outcome in schema
