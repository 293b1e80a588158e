"""What Azure has no time for is tried again, for a while, and no earlier than it asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from runners.errors import AgainError, AzureError, RefusedError
from runners.generalize.claim_tag import ClaimTag
from runners.generalize.claim_tag import claims as claims_of
from tests.runners.generalize.fakes import POLL, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("fault", [RefusedError("busy", status=409, code="Conflict"), RefusedError("slow", status=429)])
def test_a_launch_that_azure_had_no_time_for_is_checked_again_before_it_is_asked_for_again(
    bench: Bench, fault: RefusedError
) -> None:
    bench.guest.off_after = None
    bench.guest.fault = fault

    def relent() -> None:
        if len(bench.guest.scripts) == 2:
            bench.guest.fault, bench.guest.off_after = None, 30.0

    bench.guest.on_run = relent
    ending = bench.seal()

    assert ending.generalized
    assert bench.journal.events.count("busy") == 2
    assert len(bench.rechecks) == 3


def test_a_vm_that_stays_busy_is_left_alone_after_a_while(bench: Bench) -> None:
    bench.guest.off_after = None
    bench.guest.fault = RefusedError("another Run Command is in progress", status=409, code="Conflict")

    ending = bench.seal()

    assert not ending.launched
    assert "another Run Command is in progress" in ending.stopped
    assert bench.arm.tags == {}


def test_a_deallocation_that_is_throttled_is_asked_for_again(bench: Bench) -> None:
    bench.arm.faults["begin_deallocate"] = [AzureError("HTTP 429", status=429)]

    assert bench.seal().generalized
    assert bench.arm.calls.count("begin_deallocate") == 2
    assert bench.journal.events.count("busy") == 1


def test_what_stays_throttled_is_asked_for_less_and_less_often(bench: Bench) -> None:
    bench.arm.faults["begin_deallocate"] = [AzureError("HTTP 429", status=429)] * 7

    assert bench.seal().generalized
    waits = [min(POLL * 2**times, 60.0) for times in range(7)]
    pauses = bench.clock.pauses
    assert waits in [pauses[start : start + len(waits)] for start in range(len(pauses))]


def test_azure_is_asked_no_earlier_than_it_said(bench: Bench) -> None:
    bench.arm.faults["generalize"] = [RefusedError("HTTP 429", status=429, seconds=180)]

    assert bench.seal().generalized
    assert 180 in bench.clock.pauses


@pytest.mark.parametrize("seconds", [601, 1e300])
def test_nobody_waits_longer_for_quota_than_for_anything_else(bench: Bench, seconds: float) -> None:
    bench.guest.fault = RefusedError("HTTP 429", status=429, seconds=seconds)
    ending = bench.seal()

    assert (ending.launched, ending.stopped) == (False, "HTTP 429")
    assert sum(bench.clock.pauses) < 60


def test_what_was_launched_is_not_given_up_for_want_of_quota_as_soon(bench: Bench) -> None:
    bench.arm.faults["generalize"] = [RefusedError("HTTP 429", status=429, seconds=300)] * 4

    assert bench.seal().generalized


def test_a_deallocation_is_asked_for_no_earlier_than_azure_said(bench: Bench) -> None:
    bench.arm.faults["begin_deallocate"] = [AgainError("HTTP 429", status=429, seconds=240)]

    assert bench.seal().generalized
    assert 240 in bench.clock.pauses


def slowly_tagged(bench: Bench, seconds: float, times: int) -> None:
    """Let the tag that announces the launch take so long, so many times."""
    tag, left = bench.arm.merge_tags, times

    def merge(vm: str, tags: Mapping[str, str]) -> None:
        nonlocal left
        tag(vm, tags)
        if left and any("step=launch" in value for value in tags.values()):
            left -= 1
            bench.clock.time += timedelta(seconds=seconds)

    bench.arm.merge_tags = merge  # type: ignore[method-assign]  # of this one object


def test_a_vm_is_looked_at_again_where_announcing_its_launch_took_long(bench: Bench) -> None:
    slowly_tagged(bench, 90.0, 2)

    assert bench.seal().generalized
    assert len(bench.rechecks) == 3
    assert bench.journal.events.count("launch.intent") == 3
    assert bench.journal.events.count("launch.refused") == 2
    assert bench.guest.steps == ["launch"]


def test_a_vm_is_looked_at_again_where_the_look_itself_took_long(bench: Bench) -> None:
    def slowly() -> None:
        if len(bench.rechecks) < 3:
            bench.clock.time += timedelta(seconds=90)

    bench.on_recheck = slowly

    assert bench.seal().generalized
    assert (len(bench.rechecks), bench.guest.steps) == (3, ["launch"])


def test_a_launch_that_nobody_wants_any_more_once_it_is_announced_does_not_come(bench: Bench) -> None:
    def stop() -> None:
        bench.unwanted = "the run was interrupted"

    bench.on_recheck = stop
    ending = bench.seal()

    assert (ending.launched, ending.stopped, bench.guest.steps) == (False, "the run was interrupted", [])
    assert bench.journal.events[-2:] == ["stopped", "claim.released"]
    assert bench.arm.tags == {}


def test_a_claim_does_not_go_stale_while_azure_asks_to_wait(bench: Bench) -> None:
    bench.arm.faults["generalize"] = [RefusedError("HTTP 429", status=429, seconds=55 * 60)]
    claims: list[bool] = []

    def look() -> None:
        found = [item for item in claims_of(bench.arm.tags) if isinstance(item, ClaimTag)]
        claims.append(bool(found) and not any(item.stale(bench.clock.now()) for item in found))

    for minute in range(5, 55, 5):
        bench.clock.after(minute * 60, look)

    assert bench.seal().generalized
    assert claims == [True] * 10


def test_a_busy_spell_before_the_launch_is_not_held_against_one_after_it(bench: Bench) -> None:
    bench.guest.off_after = None
    bench.guest.fault = RefusedError("slow", status=429)

    def relent() -> None:
        if len(bench.guest.scripts) == 2:
            bench.guest.fault, bench.guest.off_after = None, 20 * 60.0

    bench.guest.on_run = relent
    bench.arm.faults["begin_deallocate"] = [AzureError("HTTP 429", status=429)]

    assert bench.seal().generalized
    assert bench.journal.events.count("busy") == 3
