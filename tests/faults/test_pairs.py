"""Sealproof where two things go wrong in one run, drawn by lot from all that goes wrong alone."""

from __future__ import annotations

import pytest

from tests.faults.campaign import Finding, clean, strike
from tests.faults.fleet import LINUX, WINDOWS
from tests.faults.pair import PAIRS, SEED, TITLES, pairs
from tests.faults.table import keep
from tests.faults.truth import MOST_UPDATES


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder, findings = tmp_path_factory.mktemp("pairs"), []
    for number, (title, kind) in enumerate(zip(TITLES, (LINUX, WINDOWS), strict=True)):
        seen = clean(folder / f"unstruck-{number}", kind)
        findings += strike(folder / f"struck-{number}", pairs(seen, title, -(-PAIRS // 2)), kind)
    keep("pairs", findings, seen)
    return findings


def test_no_rule_is_broken_whatever_two_calls_are_struck(found: list[Finding]) -> None:
    assert [str(item) for item in found if item.broken] == [], f"SEALPROOF_PAIRS={PAIRS} SEALPROOF_PAIRS_SEED={SEED}"


def test_in_runs_on_both_platforms_both_faults_struck(found: list[Finding]) -> None:
    assert {item.title for item in found if item.struck} == {*TITLES}


def test_the_platform_s_limit_of_updates_is_kept(found: list[Finding]) -> None:
    assert max(item.updates for item in found) <= MOST_UPDATES
