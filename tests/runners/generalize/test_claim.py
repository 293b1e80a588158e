"""A claim excludes other runs, and never authorises one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.journal import Head
from runners.errors import AzureError, StepError
from runners.generalize.claim import Claim
from runners.generalize.claim_tag import LEASE, PREFIX, ClaimTag, Intent
from tests.runners.generalize.fakes import NOON, VM, VM_ID, Clock, FakeArm

P = ParamSpec("P")
T = TypeVar("T")
HEAD = Head("9c" * 32, 7)
OLD = ClaimTag("run-0", "claim", NOON - timedelta(hours=3), NOON - timedelta(hours=2), HEAD, "ci-7")
LIVE = replace(OLD, until=NOON + LEASE)
TAKING_OVER = Intent(VM_ID, take_over=True)


@pytest.fixture
def arm() -> FakeArm:
    return FakeArm(Clock())


def claim(arm: FakeArm, run: str = "run-1", intent: Intent = TAKING_OVER, step: str = "claim") -> Claim:
    return Claim(arm, arm.clock, VM, ClaimTag(run, step, arm.clock.now(), None, HEAD, "here"), lambda: HEAD, intent)


def take(claim: Claim) -> None:
    asyncio.run(claim.take())


def test_a_claim_keeps_the_vm_s_other_tags_and_is_released_alone(arm: FakeArm) -> None:
    arm.tags = {"team": "images"}
    mine = claim(arm)

    assert not mine.taken
    take(mine)

    assert mine.taken
    assert arm.tags["team"] == "images"
    assert arm.tags[f"{PREFIX}-run-1"].startswith("step=claim since=2026-11-22T12:00:00Z until=2026-11-22T12:30:00Z")

    asyncio.run(mine.release())

    assert arm.tags == {"team": "images"}


def test_a_vm_that_another_run_holds_is_not_even_tagged(arm: FakeArm) -> None:
    arm.tags = {LIVE.name: LIVE.value}

    with pytest.raises(StepError, match=r"run run-0 on ci-7 .* has claimed it and holds it until"):
        take(claim(arm))

    assert "merge_tags" not in arm.calls


def test_a_stale_claim_is_taken_over_and_removed(arm: FakeArm) -> None:
    arm.tags = {OLD.name: OLD.value}

    with pytest.raises(StepError, match=f"To go on in its place: --take-over {VM_ID}"):
        take(claim(arm, intent=Intent(VM_ID)))
    take(claim(arm))

    assert list(arm.tags) == [f"{PREFIX}-run-1"]


def test_what_another_run_launched_is_finished_and_its_claim_stays(arm: FakeArm) -> None:
    launched = replace(OLD, step="launch")
    arm.tags = {launched.name: launched.value}

    with pytest.raises(StepError, match="may have launched the step"):
        take(claim(arm))
    take(claim(arm, intent=replace(TAKING_OVER, launches=False), step="launch"))

    assert arm.tags.keys() == {launched.name, f"{PREFIX}-run-1"}


def test_a_run_that_comes_back_to_life_stops_who_took_over_and_is_stopped(arm: FakeArm) -> None:
    first = claim(arm, "run-0")
    take(first)
    asyncio.run(first.hold("launch"))
    arm.clock.time += timedelta(hours=3)
    second = claim(arm, intent=replace(TAKING_OVER, launches=False), step="launch")
    take(second)

    assert asyncio.run(second.hold("generalize")) == "", "what it overcame is no surprise"
    assert "run run-1" in asyncio.run(first.renew())
    asyncio.run(first.hold("generalize"))
    assert "run run-0" in asyncio.run(second.hold("generalize"))


def test_the_later_of_two_candidates_takes_its_claim_back(arm: FakeArm) -> None:
    rival = replace(LIVE, since=NOON - timedelta(seconds=1), run="run-9")
    arm.on_tagged = once(lambda: arm.tags.update({rival.name: rival.value}))

    with pytest.raises(StepError, match="run run-9 on ci-7"):
        take(claim(arm))


def test_the_earlier_of_two_candidates_waits_for_the_other_to_give_way(arm: FakeArm) -> None:
    rival = replace(LIVE, since=NOON + timedelta(seconds=1), run="run-9")

    def appear() -> None:
        arm.tags[rival.name] = rival.value
        arm.clock.after(20, lambda: arm.delete_tags(VM, {rival.name: rival.value}))

    arm.on_tagged = once(appear)
    take(claim(arm))

    assert list(arm.tags) == [f"{PREFIX}-run-1"]


def test_a_candidate_that_never_gives_way_has_the_vm(arm: FakeArm) -> None:
    rival = replace(LIVE, since=NOON + timedelta(seconds=1), run="run-9")
    arm.on_tagged = once(lambda: arm.tags.update({rival.name: rival.value}))

    with pytest.raises(StepError, match="run run-9"):
        take(claim(arm))


def test_a_claim_that_somebody_removes_at_once_is_none(arm: FakeArm) -> None:
    arm.on_tagged = once(lambda: arm.tags.clear())

    with pytest.raises(StepError, match="removed from the VM's tags right after it was written"):
        take(claim(arm))


@pytest.mark.parametrize("call", ["merge_tags", "read_tags"])
def test_a_refusal_says_which_permission_is_needed(arm: FakeArm, call: str) -> None:
    arm.faults[call] = [AzureError("HTTP 403 AuthorizationFailed", status=403)]

    with pytest.raises(StepError, match=r"HTTP 403.*Microsoft.Resources/tags/read and .../write.*`claim: none`"):
        take(claim(arm))


def test_a_claim_whose_answer_is_lost_counts_when_it_is_there(arm: FakeArm) -> None:
    arm.lost = {"merge_tags"}

    take(claim(arm))

    assert list(arm.tags) == [f"{PREFIX}-run-1"]


def test_a_claim_is_renewed_when_it_is_old_and_only_then(arm: FakeArm) -> None:
    mine = claim(arm)
    assert asyncio.run(mine.renew()) == "", "what was never written is not renewed"
    take(mine)
    written = arm.calls.count("merge_tags")

    arm.clock.time += timedelta(minutes=5)
    asyncio.run(mine.renew())
    assert arm.calls.count("merge_tags") == written

    arm.clock.time += timedelta(minutes=6)
    asyncio.run(mine.renew())
    assert arm.calls.count("merge_tags") == written + 1
    assert "until=2026-11-22T12:41" in arm.tags[f"{PREFIX}-run-1"]


def test_a_run_that_is_over_says_so_where_its_claim_still_is(arm: FakeArm) -> None:
    mine = claim(arm)
    take(mine)
    asyncio.run(mine.end())
    assert "until=over" in arm.tags[f"{PREFIX}-run-1"]

    arm.tags.clear()
    asyncio.run(mine.end())
    asyncio.run(mine.release())
    assert arm.tags == {}


class Script:
    """A scheduler that lets a test decide which of several runs makes the next step."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.gates: list[asyncio.Future[None]] = []

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self._turn()
        return function(*args, **kwargs)

    async def pause(self, seconds: float) -> None:
        await self._turn()
        self.clock.time += timedelta(seconds=seconds)

    def now(self) -> Any:
        return self.clock.time

    async def _turn(self) -> None:
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        await gate


async def race(order: list[int], arm: FakeArm, intents: list[Intent]) -> list[str]:
    """Let runs claim, then announce their launch, in the given order of turns; return what each ended with."""

    async def run(number: int, scheduler: Script) -> str:
        first = ClaimTag(f"run-{number}", "claim", scheduler.now(), None, HEAD, "here")
        mine = Claim(arm, scheduler, VM, first, lambda: HEAD, intents[number])
        try:
            await mine.take()
            return await mine.hold("launch") or "acts"
        except StepError as error:
            await mine.release()
            return str(error)

    clock = Clock()
    scripts = [Script(clock) for _ in intents]
    jobs: list[Coroutine[Any, Any, str]] = [run(number, script) for number, script in enumerate(scripts)]
    tasks = [asyncio.create_task(job) for job in jobs]
    turns = itertools.chain(order, itertools.cycle(range(len(intents))))
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        script = scripts[next(turns) % len(scripts)]
        if script.gates:
            script.gates.pop(0).set_result(None)
    return [task.result() for task in tasks]


@given(st.lists(st.integers(0, 2), max_size=40), st.integers(2, 3))
@settings(max_examples=150, deadline=None)
def test_of_runs_that_claim_at_once_exactly_one_acts_in_whatever_order(order: list[int], runs: int) -> None:
    arm = FakeArm(Clock())

    ends = asyncio.run(race(order, arm, [Intent(VM_ID)] * runs))

    assert ends.count("acts") == 1
    assert all("has claimed it" in end for end in ends if end != "acts")
    assert len(arm.tags) == 1, "who lost has taken its claim back"


@given(st.lists(st.integers(0, 2), max_size=60))
@settings(max_examples=150, deadline=None)
def test_of_runs_that_take_over_at_once_at_most_one_acts(order: list[int]) -> None:
    arm = FakeArm(Clock())
    arm.tags = {OLD.name: OLD.value}

    ends = asyncio.run(race(order, arm, [TAKING_OVER, TAKING_OVER, Intent(VM_ID)]))

    assert ends.count("acts") <= 1
    assert all(end for end in ends)


def once(act: Callable[[], object]) -> Callable[[], None]:
    done: list[object] = []

    def first() -> None:
        if not done:
            done.append(act())

    return first
