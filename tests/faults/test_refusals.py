"""Sealproof where Azure refuses, at every call of a run."""

from __future__ import annotations

import pytest

from tests.faults.campaign import Finding, clean, strike
from tests.faults.cell import REFUSALS, cells
from tests.faults.table import keep
from tests.faults.truth import MOST_UPDATES


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("refusals")
    seen = clean(folder / "unstruck")
    findings = strike(folder / "struck", cells(REFUSALS, seen.calls))
    keep("refusals", findings, seen)
    return findings


def test_no_rule_is_broken_whatever_call_is_struck(found: list[Finding]) -> None:
    assert [str(item) for item in found if item.broken] == []


def test_every_kind_of_fault_struck(found: list[Finding]) -> None:
    assert {item.title for item in found if item.struck} == {family.title for family in REFUSALS}


def test_the_platform_s_limit_of_updates_is_kept(found: list[Finding]) -> None:
    assert max(item.updates for item in found) <= MOST_UPDATES
