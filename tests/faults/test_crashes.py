"""Sealproof killed at every moment of a run, and what the next run makes of it."""

from __future__ import annotations

import pytest

from tests.faults.campaign import GOOD, Finding, clean, kill
from tests.faults.crash import AFTER, BEFORE, CRASHES, crashes
from tests.faults.table import keep
from tests.faults.truth import MOST_UPDATES


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("crashes")
    seen = clean(folder / "unstruck")
    findings = kill(folder / "killed", crashes(seen.calls, seen.events))
    keep("crashes", findings, seen)
    return findings


def test_no_rule_is_broken_whenever_a_run_is_killed(found: list[Finding]) -> None:
    assert [str(item) for item in found if item.broken] == []


def test_a_run_was_killed_in_every_way(found: list[Finding]) -> None:
    assert {item.title for item in found if item.struck} == {*(family.title for family in CRASHES), BEFORE, AFTER}


def test_what_was_killed_before_its_claim_is_proven_by_the_next_run(found: list[Finding]) -> None:
    early = [item for item in found if item.struck and ("entry 1 of gate" in item.what or "disks/get" in item.what)]
    assert {item.outcomes[1] in GOOD for item in early if "call 1 " in item.what or "gate" in item.what} == {True}


def test_the_platform_s_limit_of_updates_is_kept(found: list[Finding]) -> None:
    assert max(item.updates for item in found) <= MOST_UPDATES
