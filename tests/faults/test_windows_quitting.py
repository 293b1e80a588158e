"""Sealproof on Windows whose Sysprep quits, launched as an account of the guest through managed Run Command."""

from __future__ import annotations

import pytest

from tests.faults.campaign import Finding, clean, strike
from tests.faults.fleet import QUITTING
from tests.faults.table import keep
from tests.faults.truth import MOST_UPDATES
from tests.faults.windows import TITLES, struck_quitting


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("quitting")
    seen = clean(folder / "unstruck", QUITTING)
    findings = strike(folder / "struck", struck_quitting(seen), QUITTING)
    keep("quitting", findings, seen)
    return findings


def test_no_rule_is_broken_whatever_call_is_struck(found: list[Finding]) -> None:
    assert [str(item) for item in found if item.broken] == []


def test_every_kind_of_fault_struck(found: list[Finding]) -> None:
    assert {item.title for item in found if item.struck} == {*TITLES}


def test_the_platform_s_limit_of_updates_is_kept(found: list[Finding]) -> None:
    assert max(item.updates for item in found) <= MOST_UPDATES
