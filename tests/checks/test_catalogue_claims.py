"""What holds for the whole catalogue of Sealproof's own checks."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import pytest

from checks.catalogue import Phase
from checks.facts import Observation
from checks.healthy import observation, sealed_observation
from checks.judgement import judge
from tests.checks.claims import KINDS, Claim, catalogue

NEVER_FAILS = {
    "DISK-COVERAGE-001": "incomplete coverage is a lack of knowledge, so it is undetermined",
    "DISK-COVERAGE-002": "what was not looked at is no finding",
}
"""Checks whose dirty case is *undetermined* and not *failed*, and why."""
HEALTHY = (observation("linux"), observation("windows"), sealed_observation("linux"), sealed_observation("windows"))
UNSURE = {"R", "X"}


@cache
def claims() -> tuple[Claim, ...]:
    found: list[Claim] = []
    for area in ("azure", "linux", "run", "windows"):
        package = importlib.import_module(f"tests.checks.{area}")
        for info in pkgutil.iter_modules(package.__path__):
            found += getattr(importlib.import_module(f"{package.__name__}.{info.name}"), "CLAIMS", ())
    return tuple(found)


@pytest.mark.parametrize("check", catalogue())
def test_every_check_is_claimed_clean_dirty_absent_and_unknown(check: str) -> None:
    missing = set(KINDS) - {claim.kind for claim in claims() if claim.check == check}

    assert missing == ({"dirty"} if check in NEVER_FAILS else set())


@pytest.mark.parametrize("check", sorted(set(catalogue()) - set(NEVER_FAILS)))
def test_every_check_can_fail(check: str) -> None:
    outcomes = {judge(catalogue()[check], claim.observation).outcome for claim in claims() if claim.check == check}

    assert outcomes & {"failed", "warned"}


@pytest.mark.parametrize("seen", HEALTHY, ids=["linux", "windows", "sealed linux", "sealed windows"])
def test_a_healthy_target_passes_every_check_of_its_phase(seen: Observation) -> None:
    phase: Phase = "post" if isinstance(seen.before, Observation) else "pre"

    outcomes = {check.id: judge(check, seen).outcome for check in catalogue().phase(phase)}

    assert len(outcomes) > 5
    assert set(outcomes.values()) <= {"passed", "not applicable"}, outcomes


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_a_target_that_nobody_observed_passes_nothing(platform: str) -> None:
    blind = Observation(platform=platform)

    outcomes = {judge(check, blind).outcome for check in catalogue().values()}

    assert outcomes == {"undetermined", "not applicable"}


def test_an_unsure_source_makes_no_blocker_but_an_inference_that_says_so() -> None:
    unsure = [item.metadata for item in catalogue().values() if item.metadata.grade in UNSURE]
    blockers = [data for data in unsure if data.severity == "blocker"]

    assert [data.id for data in blockers if data.grade != "X" or "our own inference" not in data.source] == []


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_each_platform_has_an_unwaivable_check_that_proves_the_deprovisioning(platform: str) -> None:
    proofs = [item.metadata for item in catalogue().phase("post") if item.metadata.proves]

    assert any(data.platform == platform and not data.waivable and data.severity == "blocker" for data in proofs)
