"""Sealproof killed on Windows at what only it does, and what the next run makes of it."""

from __future__ import annotations

import pytest

from tests.faults.campaign import Finding, clean, kill
from tests.faults.crash import AFTER, BEFORE, CRASHES
from tests.faults.fleet import QUITTING, WINDOWS
from tests.faults.table import keep
from tests.faults.truth import MOST_UPDATES
from tests.faults.windows import killed, killed_quitting


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("windows-crashes")
    seen = clean(folder / "unstruck", WINDOWS)
    findings = kill(folder / "killed", killed(seen), WINDOWS)
    findings += kill(folder / "quitting", killed_quitting(clean(folder / "quits", QUITTING)), QUITTING)
    keep("windows-crashes", findings, seen)
    return findings


def test_no_rule_is_broken_whenever_a_run_is_killed(found: list[Finding]) -> None:
    assert [str(item) for item in found if item.broken] == []


def test_a_run_was_killed_in_every_way(found: list[Finding]) -> None:
    assert {item.title for item in found if item.struck} == {*(family.title for family in CRASHES), BEFORE, AFTER}


def test_the_platform_s_limit_of_updates_is_kept(found: list[Finding]) -> None:
    assert max(item.updates for item in found) <= MOST_UPDATES
