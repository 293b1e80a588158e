"""A claim excludes other runs, and never authorises one."""

from __future__ import annotations

import asyncio

import pytest

from runners.errors import AzureError, StepError
from runners.generalize.claim import TAG, Claim, foreign_claim, lost_claim
from tests.runners.generalize.fakes import VM, Clock, FakeArm


@pytest.fixture
def arm() -> FakeArm:
    return FakeArm(Clock())


def claim(arm: FakeArm, run: str = "run-1") -> Claim:
    return Claim(arm, arm.clock, VM, run)


@pytest.mark.parametrize(
    ("tags", "foreign"),
    [
        ({}, ""),
        ({"team": "run-2 generalize"}, ""),
        ({TAG: "run-1 generalize 2026-11-22T12:00:00Z"}, ""),
        ({TAG: "run-2 generalize 2026-11-22T12:00:00Z"}, "run-2 generalize 2026-11-22T12:00:00Z"),
        ({TAG.title(): "run-2 x"}, "run-2 x"),
        ({TAG: "run-10 generalize"}, "run-10 generalize"),
        ({TAG: "anything else"}, "anything else"),
    ],
)
def test_a_claim_is_foreign_unless_it_begins_with_our_run(tags: dict[str, str], foreign: str) -> None:
    assert foreign_claim(tags, "run-1") == foreign


@pytest.mark.parametrize(
    ("tags", "claimed", "why"),
    [
        ({TAG: "run-1 generalize 2026-11-22T12:00:00Z"}, True, ""),
        ({}, False, ""),
        ({}, True, "is gone"),
        ({TAG: "run-2 generalize 2026-11-22T12:00:00Z"}, True, "another run has claimed the VM meanwhile: run-2"),
        ({TAG: "run-2 generalize 2026-11-22T12:00:00Z"}, False, "another run has claimed"),
    ],
)
def test_right_before_the_launch_the_claim_must_be_ours(tags: dict[str, str], claimed: bool, why: str) -> None:
    lost = lost_claim(tags, "run-1", claimed=claimed)
    assert why in lost
    assert bool(why) == bool(lost)


def test_without_an_etag_a_claim_could_not_exclude_anybody(arm: FakeArm) -> None:
    arm.virtual_machine = lambda vm: {"id": vm, "tags": {}}  # type: ignore[method-assign]

    with pytest.raises(StepError, match="no ETag"):
        asyncio.run(claim(arm).take())

    assert arm.tags == {}


def test_taking_keeps_the_vm_s_other_tags(arm: FakeArm) -> None:
    arm.tags = {"team": "images"}
    asyncio.run(claim(arm).take())

    assert arm.tags == {"team": "images", TAG: "run-1 generalize 2026-11-22T12:00:00Z"}


def test_of_two_runs_that_look_at_once_one_is_refused(arm: FakeArm) -> None:
    first, second = claim(arm), claim(arm, "run-2")
    model = arm.virtual_machine(VM)
    asyncio.run(first.take())
    arm.virtual_machine = lambda vm: model  # type: ignore[method-assign]

    with pytest.raises(StepError, match="changed by somebody else while this run claimed it"):
        asyncio.run(second.take())

    assert arm.tags[TAG].startswith("run-1 ")


def test_a_vm_that_another_run_holds_is_not_taken(arm: FakeArm) -> None:
    asyncio.run(claim(arm).take())

    with pytest.raises(StepError, match="another run has claimed this VM: run-1 generalize"):
        asyncio.run(claim(arm, "run-2").take())


def test_a_refusal_says_which_permission_is_needed(arm: FakeArm) -> None:
    arm.faults["set_tags"] = [AzureError("HTTP 403 AuthorizationFailed", status=403)]

    with pytest.raises(StepError, match=r"virtualMachines/write, or set `claim: none`"):
        asyncio.run(claim(arm).take())


def test_releasing_removes_our_claim_alone(arm: FakeArm) -> None:
    arm.tags = {"team": "images"}
    asyncio.run(claim(arm).take())
    asyncio.run(claim(arm).release())

    assert arm.tags == {"team": "images"}


@pytest.mark.parametrize("tags", [{}, {TAG: "run-2 generalize"}])
def test_releasing_what_is_not_ours_changes_nothing(arm: FakeArm, tags: dict[str, str]) -> None:
    arm.tags = dict(tags)
    asyncio.run(claim(arm).release())

    assert arm.tags == tags
    assert "set_tags" not in arm.calls
