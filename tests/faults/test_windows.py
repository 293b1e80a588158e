"""Sealproof on Windows, where anything goes wrong at the calls that only it needs."""

from __future__ import annotations

import pytest

from tests.faults.campaign import Finding, clean, strike
from tests.faults.fleet import WINDOWS
from tests.faults.table import keep
from tests.faults.truth import MOST_UPDATES
from tests.faults.windows import TELLING, TITLES, struck


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("windows")
    seen = clean(folder / "unstruck", WINDOWS)
    findings = strike(folder / "struck", struck(seen), WINDOWS)
    keep("windows", findings, seen)
    return findings


def test_no_rule_is_broken_whatever_call_is_struck(found: list[Finding]) -> None:
    assert [str(item) for item in found if item.broken] == []


def test_every_kind_of_fault_struck(found: list[Finding]) -> None:
    assert {item.title for item in found if item.struck} == {*TITLES, *TELLING}


def test_the_platform_s_limit_of_updates_is_kept(found: list[Finding]) -> None:
    assert max(item.updates for item in found) <= MOST_UPDATES
