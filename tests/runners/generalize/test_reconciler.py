"""Many runs on one VM, interleaved call by call with crashes, takeovers, outsiders and time: what always holds.

Real parts: the sealer, the claim, and what a journal says of a launch. The world is a small model in memory.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from checks.facts import LinuxDisk, Observation
from checks.healthy import linux_disk, observation
from reports.journal import Entry, Head
from runners.earlier import Earlier, launched_of
from runners.errors import AzureError, RefusedError, StepError
from runners.generalize.claim import Claim
from runners.generalize.claim_tag import ClaimTag, Intent, at_work, foreign_claims, lost_claim, obstacle
from runners.generalize.launch import Launch, Launched
from runners.generalize.sealer import Sealer
from runners.generalize.site import Cleared, Ending, Site
from runners.guest.channel import Output
from tests.runners.generalize.fakes import VM, VM_ID, Clock, FakeArm, FakeGuest

P = ParamSpec("P")
T = TypeVar("T")
FALLIBLE = ("read_tags", "merge_tags", "instance_view", "begin_deallocate", "generalize")
EXAMPLES = int(os.environ.get("SEALPROOF_INTERLEAVINGS", "30"))


def older(entries: list[Entry]) -> tuple[Entry, ...]:
    """Return a journal as somebody copied it before the launch."""
    events = [entry.event for entry in entries]
    return tuple(entries[: events.index("launch.intent")] if "launch.intent" in events else entries)


class Run:
    """One run. It goes on turn by turn, each call being two: before it is sent, and before its answer is heard."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.entries: list[Entry] = []
        self.gate: asyncio.Future[None] | None = None
        self.task: asyncio.Task[Ending]
        self.launches = 0
        self.may_flag = True
        self.refusal = ""

    # A scheduler

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self.turn()
        answer = function(*args, **kwargs)
        await self.turn()
        return answer

    async def pause(self, seconds: float) -> None:
        await self.turn()
        await self.world.clock.pause(seconds)

    def now(self) -> datetime:
        return self.world.clock.now()

    async def turn(self) -> None:
        self.gate = asyncio.get_running_loop().create_future()
        await self.gate

    # A journal

    @property
    def head(self) -> Head:
        return Head(self.entries[-1].hash, len(self.entries)) if self.entries else Head(self.name, 0)

    def append(self, event: str, data: Mapping[str, Any]) -> object:
        number = len(self.entries) + 1
        entry = Entry(number, self.now().isoformat(), event, dict(data), self.head.hash, f"{self.name}-{number}")
        self.entries.append(entry)
        return entry

    # A channel

    async def send(self, script: str) -> Output:
        # What is looked at last and what is sent are one: a host that is suspended just between them is not modelled.
        if script.startswith("# step: launch"):
            self.launches += 1
        answer = await self.world.guest.run(script)
        await self.turn()
        return answer

    # What a path does around the sealer

    async def recheck(self, prepared: bool) -> Cleared:
        looked = self.now()
        tags = await self.call(self.world.arm.read_tags, VM)
        refusal = lost_claim(tags, self.name, claimed=True) or self.world.refusal()
        if refusal:
            raise StepError(refusal)
        return Cleared(self.world.before, {"vm_id": VM_ID}, looked)

    async def read_disk(self) -> LinuxDisk:
        await self.turn()
        return linux_disk()

    async def stranger(self) -> str:
        await self.turn()
        return ""

    async def glance(self, vm: str) -> Mapping[str, Any]:
        return await self.call(self.world.arm.instance_view, vm)

    def verdict(self, after: Observation) -> str:
        return "" if self.world.guest.steps.count("launch") else "the account is still there"


class Channel:
    name, answer_limit = "model", 4096

    def __init__(self, run: Run) -> None:
        self.run = run.send


class World(RuleBasedStateMachine):
    """One VM, and everybody who has to do with it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.arm = FakeArm(self.clock)
        self.guest = FakeGuest(self.arm, self.clock, off_after=30.0)
        self.before = observation("linux")
        self.gate_open = True
        self.wiped = False
        self.runs: list[Run] = []
        self.arm.on_generalize = self.flagged

    def teardown(self) -> None:
        for run in self.alive:
            run.task.cancel()
        self.settle()
        self.loop.close()

    @property
    def alive(self) -> list[Run]:
        return [run for run in self.runs if not run.task.done()]

    def refusal(self) -> str:
        if not self.gate_open:
            return "the gate is closed"
        return "" if self.arm.power == "running" and not self.arm.flagged else "the VM does not run, or is flagged"

    # Runs

    @initialize(seconds=st.sampled_from([30.0, 30.0, 3600.0]))
    def choose_how_long_the_guest_takes(self, seconds: float) -> None:
        self.guest.off_after = seconds

    @precondition(lambda self: len(self.alive) < 3)
    @rule(options=st.sampled_from(["", "take over", *["take over, resume"] * 2, "take over, resume a copy"]))
    def begin(self, options: str) -> None:
        """Begin a run as its path would: by what claims and evidence say."""
        take_over, resume = "take over" in options, "resume" in options
        run = Run(self, f"run-{len(self.runs)}")
        run.append("gate", {"open": True})
        found = foreign_claims(self.arm.tags, run.name)
        claims = [item for item in found if isinstance(item, ClaimTag)]
        earlier = [
            Earlier(other.name, None, entries, launched_of(entries))  # type: ignore[arg-type]
            for other in self.runs
            for entries in [older(other.entries) if "copy" in options else tuple(other.entries)]
            if resume and all(entry.event != "resumed" for entry in other.entries)
        ]
        anchored = [item for item in earlier if any(item.wrote(claim) for claim in claims)]
        harmless = frozenset(item.run for item in anchored if item.launched is None)
        past = [item for item in claims if item.launching and item.run not in harmless]
        finish = take_over and bool(past)
        intent = Intent(VM_ID, take_over, not finish, harmless)
        run.refusal = obstacle(claims, self.clock.now(), intent)
        if not run.refusal and not finish:
            run.refusal = self.refusal() or at_work(found, harmless)
        known = next((item.launched for item in anchored if item.launched), None)
        run.may_flag = not finish or known is not None
        launched = (known or Launched(Launch(past[0].since), flagging=past[0].step == "generalize")) if finish else None
        if finish:
            run.append("resumed", {})
        self.runs.append(run)
        run.task = self.loop.create_task(self.seal(run, intent, launched))
        self.settle()

    async def seal(self, run: Run, intent: Intent, launched: Launched | None) -> Ending:
        if run.refusal:
            raise StepError(run.refusal)
        first = ClaimTag(run.name, "launch" if launched else "claim", run.now(), None, run.head, "model")
        claim = Claim(self.arm, run, VM, first, lambda: run.head, intent)
        site = Site(
            vm=VM,
            deadline_minutes=30,
            stall_minutes=10,
            claim=claim,
            arm=self.arm,
            scheduler=run,
            channel=Channel(run),
            launch_channel=Channel(run),
            looks_on=True,
            machine="",
            journal=run,
            recheck=run.recheck,
            unwanted=lambda: "",
            read_disk=run.read_disk,
            stranger=run.stranger,
            glance=run.glance,
            verdict=run.verdict,
            unflagged="" if run.may_flag else "nobody can tell whether its gate was open",
        )
        return await Sealer(site, self.before, launched).seal()

    @precondition(lambda self: self.alive)
    @rule(which=st.integers(0, 2), turns=st.sampled_from([1, 3, 8, 21, 60, 60]))
    def advance(self, which: int, turns: int) -> None:
        """Let a run go on for some calls."""
        run = self.alive[which % len(self.alive)]
        for _ in range(turns):
            if run.gate is not None and not run.gate.done():
                run.gate.set_result(None)
            self.settle()

    @precondition(lambda self: self.alive)
    @rule(which=st.integers(0, 2), turns=st.integers(0, 70))
    def kill(self, which: int, turns: int) -> None:
        """Let a run go on for some calls, then end it without another word."""
        self.advance(which, turns)
        if not self.alive:
            return
        self.alive[which % len(self.alive)].task.cancel()
        self.settle()

    def settle(self) -> None:
        async def idle() -> None:
            for _ in range(6):
                await asyncio.sleep(0)

        self.loop.run_until_complete(idle())

    # Outsiders

    @rule(minutes=st.sampled_from([1, 11, 45]))
    def pass_time(self, minutes: int) -> None:
        """Let time go by in which no run comes to its turn."""
        self.loop.run_until_complete(self.clock.pause(minutes * 60))

    @rule(what=st.sampled_from(["", "", "", "", "", "stop", "start", "close", "open", "open", "open", "wipe"]))
    def meddle(self, what: str) -> None:
        """Somebody else is at work."""
        if what in ("stop", "start") and not self.arm.flagged:
            self.arm.power = {"stop": "stopped", "start": "running"}[what]
        elif what in ("close", "open"):
            self.gate_open = what == "open"
        elif what == "wipe":
            self.arm.tags.clear()
            self.wiped = True

    @rule(call=st.sampled_from(FALLIBLE), lost=st.booleans())
    def fail(self, call: str, lost: bool) -> None:
        """Let the next such call fail, or be carried out without an answer from now on."""
        if lost:
            self.arm.lost ^= {call} & {"merge_tags", "begin_deallocate", "generalize"}
        else:
            self.arm.faults[call] = [AzureError("HTTP 500", status=500)]

    # What holds

    def flagged(self) -> None:
        if self.arm.power not in ("stopped", "deallocated") or self.arm.flagged:
            raise RefusedError("HTTP 409 OperationNotAllowed", status=409, code="OperationNotAllowed")
        assert self.guest.steps.count("launch"), "flagged without a launch"
        assert any(run.may_flag for run in self.alive), "flagged by a run that may not"

    @invariant()
    def no_run_launches_twice_and_no_vm_is_launched_twice_while_tags_are_left_alone(self) -> None:
        assert all(run.launches <= 1 for run in self.runs)
        assert self.wiped or self.guest.steps.count("launch") <= 1

    @invariant()
    def a_flagged_vm_is_off_and_was_sealed(self) -> None:
        assert not self.arm.flagged or self.arm.power in ("stopped", "deallocated")

    @invariant()
    def every_run_that_ended_says_how(self) -> None:
        for run in self.runs:
            if run.task.done() and not run.task.cancelled():
                error = run.task.exception()
                assert isinstance(error, StepError) or error is None, repr(error)
                assert str(error) if error else (run.task.result().generalized or run.task.result().stopped)


TestReconciler = World.TestCase
TestReconciler.settings = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)
