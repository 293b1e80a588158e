"""What changed between two runs, and renderings that are made later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.diff import Side, difference, render
from reports.evidence import Evidence
from reports.render import RENDERINGS
from reports.verify import read_folder
from tests.reports.folders import left_by, whole
from tests.reports.samples import failed_gate, linux_rows, proven, run, target

FACTS: dict[str, Any] = {
    "before": {
        "azure": {"vm_id": "1", "etag": "2", "os_disk": {"value": {"unique_id": "3", "size_bytes": 4}}},
        "guest": {
            "agent": {"value": {"version": "2.7.3.0"}},
            "accounts": {"value": ["root", "azureuser"]},
            "swap": {"absent": True},
            "kernel": {"unknown": "no such file"},
        },
    }
}


def side(evidence: Evidence, **guest: Any) -> Side:
    facts = {"before": {"azure": FACTS["before"]["azure"], "guest": FACTS["before"]["guest"] | guest}}
    return Side(whole(evidence), {item.name: facts for item in evidence.targets})


def one(name: str = "debian", **changes: Any) -> Evidence:
    return proven().model_copy(
        update={"targets": (target(name, **changes),), "results": linux_rows(name), "coverage": {}, "verdict": "proven"}
    )


def test_a_run_differs_from_itself_in_nothing() -> None:
    found = difference(side(proven()), side(proven()))
    assert not found.any
    assert render(found) == "nothing changed\n"


def test_what_any_two_machines_differ_in_is_passed_over() -> None:
    other = side(one())
    other.facts["debian"]["before"]["azure"] |= {"vm_id": "9", "etag": "9"}
    assert not difference(side(one()), other).any


@pytest.mark.parametrize(
    ("guest", "change"),
    [
        ({"agent": {"value": {"version": "2.9.1.1"}}}, ("guest.agent.version", "2.7.3.0", "2.9.1.1")),
        ({"accounts": {"value": ["root"]}}, ("guest.accounts has azureuser", "yes", "")),
        ({"swap": {"value": 3}}, ("guest.swap", "absent", "3")),
        ({"kernel": {"value": "6.1"}}, ("guest.kernel", "unknown: no such file", "6.1")),
        ({"nics": {"value": [{"b": 1, "a": 2}]}}, ('guest.nics has {"a": 2, "b": 1}', "", "yes")),
    ],
)
def test_a_fact_that_changed_is_told_by_its_place(guest: dict[str, Any], change: tuple[str, str, str]) -> None:
    (found,) = difference(side(one()), side(one(), **guest)).targets[0].facts
    assert (found.what, found.old, found.new) == (f"before.{change[0]}", *change[1:])


def test_outcomes_and_problems_and_versions_are_told() -> None:
    text = render(difference(side(proven()), side(failed_gate())))
    assert "verdict: proven -> failed" in text
    assert "target server:\n  outcome: proven -> failed" in text
    assert "WIN-DISK-001 every volume is fully decrypted: passed -> failed (C: C: is fully encrypted" in text
    newer = proven().model_copy(update={"run": run(versions={"sealproof": "0.2.0"}, digests={"catalogue": "d" * 64})})
    text = render(difference(side(proven()), side(newer)))
    assert "version of sealproof: 0.1.0 -> 0.2.0" in text
    assert f"SHA-256 of catalogue: {'c' * 64} -> {'d' * 64}" in text


def test_checks_that_came_and_went_are_told_once() -> None:
    old, new = side(one()), side(one())
    rows = tuple(row for row in new.evidence.results if row.check != "LNX-ADE-001")
    planned = tuple(check for check in new.evidence.planned or () if check != "LNX-ADE-001")
    less = Side(new.evidence.model_copy(update={"results": rows, "planned": planned}), new.facts)
    assert render(difference(old, less)) == "run:\n  check LNX-ADE-001: planned -> none\n"


def test_targets_are_paired_by_name_and_a_single_one_that_was_renamed_by_itself() -> None:
    assert "target v1 -> v2:\n  outcome: proven -> failed" in render(
        difference(side(one("v1")), side(one("v2", outcome="failed")))
    )
    text = render(difference(side(proven()), side(one("third"))))
    assert [line for line in text.splitlines() if line.startswith("target")] == [
        *("target third: is new", "target debian: is gone", "target server: is gone")
    ]


def test_the_screen_shows_the_first_facts_alone() -> None:
    many = {"accounts": {"value": [f"user{number}" for number in range(60)]}}
    found = difference(side(one()), side(one(), **many))
    assert "    and 22 more: see --json" in render(found)
    assert len(json.loads(found.to_json())["targets"][0]["facts"]) == 62


def test_the_command_compares_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = left_by(tmp_path / "a", proven()), left_by(tmp_path / "b", failed_gate())
    assert main(["diff", str(old), str(old)]) == 0
    assert main(["diff", str(old), str(new)]) == 1
    assert "verdict: proven -> failed" in capsys.readouterr().out
    assert main(["diff", str(old), str(new), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["run"]
    assert main(["diff", str(old), str(tmp_path / "none")]) == 2


def test_renderings_are_made_outside_the_evidence_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = left_by(tmp_path / "a", proven())
    before = read_folder(folder)
    assert main(["render", str(folder), "--out", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(RENDERINGS)
    for out in (folder, folder / "more", folder.parent / "latest" / "more"):
        assert main(["render", str(folder), "--out", str(out)]) == 2
        assert "whose files are signed as they are" in capsys.readouterr().err
    assert read_folder(folder) == before
