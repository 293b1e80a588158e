"""A VM in memory, a clock that nobody waits for, and a guest behind a channel: what a sealer is tried on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from checks.facts import LinuxDisk, Observation, WindowsDisk, plain
from checks.healthy import GROUP, linux_disk, observation, windows_disk
from lab.arm.tags import merged, without
from lab.guests.answer_frame import AnswerFrames, SentScript
from reports.journal import Head
from runners.azure import Arm
from runners.cloud import Cloud
from runners.errors import AzureError, StepError
from runners.generalize.claim import Claim
from runners.generalize.claim_tag import PREFIX, ClaimTag, Intent
from runners.generalize.launch import Launched
from runners.generalize.sealer import Sealer
from runners.generalize.site import Cleared, Ending, Site
from runners.guest.channel import Output
from runners.operation import Operation
from tests.runners.generalize.transcripts import HEALTHY_AGENT, transcript

P = ParamSpec("P")
T = TypeVar("T")

VM = f"{GROUP}/virtualMachines/golden"
VM_ID = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0d01"
RUN = "run-1"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POLL = 5.0
MOST_LOOKS = 5_000
CLOUD = Cloud(endpoint="https://localhost:1", scope="", ca_file=None, lab=True, poll_seconds=POLL)


def nothing() -> None:
    """Do nothing."""


class Clock:
    """A scheduler whose pauses take no time and move its clock; whatever is due by then happens."""

    def __init__(self) -> None:
        self.time = NOON
        self.pauses: list[float] = []
        self._due: list[tuple[datetime, Callable[[], None]]] = []
        self._calls = 0

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(0)
        self._calls += 1
        assert self._calls < MOST_LOOKS, "this never ends"
        return function(*args, **kwargs)

    read = call

    def reading(self) -> nullcontext[None]:
        return nullcontext()

    async def pause(self, seconds: float) -> None:
        assert seconds > 0, "a pause of no time is a busy loop"
        await asyncio.sleep(0)  # whoever else is at work goes on meanwhile
        self.pauses.append(seconds)
        self.time += timedelta(seconds=seconds)
        due = [act for time, act in self._due if time <= self.time]
        self._due = [(time, act) for time, act in self._due if time > self.time]
        for act in due:
            act()

    def now(self) -> datetime:
        return self.time

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self._due.append((self.time + timedelta(seconds=seconds), act))


@dataclass(frozen=True)
class Answer:
    """One HTTP response, as an operation reads it."""

    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def content(self) -> bytes:
        return b"" if self.body is None else b"{}"

    def json(self) -> Any:
        if self.body is None:
            raise ValueError("no JSON")
        return self.body


class FakeArm(Arm):
    """One VM: power, flag, tags, serial log. `faults` are raised by the call they are named for."""

    def __init__(self, clock: Clock) -> None:
        self.cloud = CLOUD
        self.clock = clock
        self.power = "running"
        self.flagged = False
        self.flags = 0
        """How often generalize was carried out."""
        self.tags: dict[str, str] = {}
        self.serial = b""
        self.calls: list[str] = []
        self.faults: dict[str, list[AzureError | None]] = {}
        self.lost: set[str] = set()
        """Calls that are carried out although their answer is lost."""
        self.view_lag = 0.0
        """Seconds until the instance view shows a change that ARM made."""
        self.on_tagged: Callable[[], None] = nothing
        self.on_generalize: Callable[[], None] = nothing
        self._shown: dict[str, Any] = {}

    def instance_view(self, vm: str) -> dict[str, Any]:
        self._called("instance_view")
        shown = {"power": self.power, "flagged": self.flagged} | self._shown
        flag = [{"code": "OSState/generalized"}] if shown["flagged"] else []
        return {"statuses": [*flag, {"code": f"PowerState/{shown['power']}"}]}

    def read_tags(self, vm: str) -> dict[str, str]:
        self._called("read_tags")
        return dict(self.tags)

    def merge_tags(self, vm: str, tags: Mapping[str, str]) -> None:
        lost = self._called("merge_tags")
        self.tags = merged(self.tags, tags)
        self.on_tagged()
        if lost:
            raise AzureError("tagging VM golden: no answer from Azure")

    def delete_tags(self, vm: str, tags: Mapping[str, str]) -> None:
        lost = self._called("delete_tags")
        self.tags = without(self.tags, tags)
        self.on_tagged()
        if lost:
            raise AzureError("tagging VM golden: no answer from Azure")

    def begin_deallocate(self, vm: str) -> Operation:
        lost = self._called("begin_deallocate")
        self._lag("power", self.power)
        self.power = "deallocated"
        if lost:
            raise AzureError("deallocating VM golden: no answer from Azure")
        return Operation("deallocating", Answer(), lambda url: None, POLL)

    def serial_log(self, vm: str) -> bytes:
        self._called("serial_log")
        return self.serial

    def generalize(self, vm: str) -> None:
        lost = self._called("generalize")
        self.on_generalize()
        assert self.power in ("stopped", "deallocated"), "Azure refuses this on a running VM"
        self._lag("flagged", self.flagged)
        self.flagged = True
        self.flags += 1
        if lost:
            raise AzureError("flagging VM golden: no answer from Azure")

    def _called(self, name: str) -> bool:
        self.calls.append(name)
        waiting = self.faults.get(name, [])
        fault = waiting.pop(0) if waiting else None
        if fault is not None:
            raise fault
        return name in self.lost

    def _lag(self, name: str, was: Any) -> None:
        if self.view_lag:
            self._shown[name] = was
            self.clock.after(self.view_lag, lambda: self._shown.pop(name, None))


@dataclass
class FakeGuest:
    """A guest behind a channel. It answers our step scripts by their header lines, and powers itself off."""

    arm: FakeArm
    clock: Clock
    name: str = "fake"
    answer_limit: int = 4096
    agent: str = HEALTHY_AGENT
    exit_code: int = 0
    off_after: float | None = 30.0
    """Seconds from the launch to the power-off; None for a guest that never stops."""
    serial_after: float = 0.0
    """Seconds from the launch until the serial log holds the transcript."""
    answer: str | None = None
    """What the launch prints instead of our mark."""
    fault: AzureError | Exception | None = None
    """Raised by the launch after it was carried out: its answer is lost."""
    damage: Callable[[str], str] = str
    """What becomes of the launch's answer on its way."""
    prepares: bool = True
    started: str = ""
    """When the guest says that Sysprep started."""
    looks: list[dict[str, Any] | Exception] = field(default_factory=list)
    """What watch scripts see, one after another: facts that differ from a Sysprep at work, or what they raise."""
    watches: list[datetime] = field(default_factory=list)
    """When watch scripts were sent."""
    watched_scripts: list[str] = field(default_factory=list)
    answer_after: float = 0.0
    """Seconds until a watch script is answered."""
    answers_never: bool = False
    """Whether watch scripts are never answered."""
    sees: list[Callable[[str], str] | Exception] = field(default_factory=list)
    """What comes back where it is asked what it sees of itself: made of the script that asks, or raised."""
    asked: list[str] = field(default_factory=list)
    """The scripts that asked it so."""
    on_run: Callable[[], None] = nothing
    scripts: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        return [script.splitlines()[0].removeprefix("# step: ") for script in self.scripts]

    async def run(self, script: str) -> Output:
        self.on_run()
        if script.startswith("# sealproof: observe"):
            self.asked.append(script)
            return self._own_look(script)
        if not script.startswith("# step: watch"):
            self.scripts.append(script)
        head = dict(line.removeprefix("# ").split(":", 1) for line in script.splitlines()[:3])
        nonce, clean = head["nonce"].strip(), head["clean"].split()
        if head["step"].strip() == "watch":
            return await self._seen(script)
        if head["step"].strip() == "prepare":
            return Output(f"sealproof[{nonce}]: prepared" if self.prepares else "", "Remove-Item: access denied")
        if self.answer is not None:
            return Output("", self.answer)
        log = transcript(nonce, self.agent, self.exit_code, clean)
        if self.off_after is not None:
            self.clock.after(self.off_after, lambda: setattr(self.arm, "power", "stopped"))
        self.clock.after(self.serial_after, lambda: setattr(self.arm, "serial", b"[ 0.0] booting\r\n" + log))
        if self.fault is not None:
            raise self.fault
        started = f"sealproof[{nonce}]: started {self.started}\n" if self.started else ""
        return Output(self.damage(f"{started}sealproof[{nonce}]: launched as root\n"))

    def _own_look(self, script: str) -> Output:
        answer = self.sees.pop(0) if len(self.sees) > 1 else self.sees[0]
        if isinstance(answer, Exception):
            raise answer
        return Output(answer(script))

    async def _seen(self, script: str) -> Output:
        self.watches.append(self.clock.now())
        self.watched_scripts.append(script)
        if self.answers_never:
            await asyncio.Event().wait()
        answered = self.clock.now() + timedelta(seconds=self.answer_after)
        while self.clock.now() < answered:
            await asyncio.sleep(0)  # somebody else's pause moves the clock
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0] if self.looks else {}
        if isinstance(look, Exception):
            raise look
        return Output(watched(script, **look))


def watched(script: str, **facts: Any) -> str:
    """Return what a watch script prints that sees a Sysprep at work, but for these facts. None is absent."""
    at_work: dict[str, Any] = {
        "sysprep_processes": ["sysprep.exe"],
        "image_state": "IMAGE_STATE_UNDEPLOYABLE",
        "success_tag": None,
        "error_lines": [],
        "log_bytes": 20_000,
        "quiet_seconds": 0,
    }
    raw = {
        name: {"unknown": str(value)} if isinstance(value, Exception) else fact(value)
        for name, value in (at_work | facts).items()
    }
    return AnswerFrames().first_page(SentScript.read(script), [("watch", json.dumps(raw))])


def own_look(disk: WindowsDisk, script: str) -> str:
    """Return what the scripts of a look print in a guest with such a disk."""
    facts = {name: value for name, value in plain(disk).items() if name != "coverage"}
    topics = {name: value for name, value in facts.items() if not {"value", "absent", "unknown"} & set(value)}
    topics["seal"] = {name: value for name, value in facts.items() if name not in topics}
    sent = SentScript.read(script)
    raw = [(name, json.dumps(topics[name.removeprefix("look_")])) for name in sent.probes]
    return AnswerFrames().first_page(sent, raw)


def fact(value: Any) -> dict[str, Any]:
    return {"absent": True} if value is None else {"value": value}


class Journal:
    """A journal that remembers."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Mapping[str, Any]]] = []

    @property
    def head(self) -> Head:
        return Head(f"hash-{len(self.entries)}", len(self.entries))

    def append(self, event: str, data: Mapping[str, Any]) -> object:
        self.entries.append((event, data))
        return None

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.entries]


class Bench:
    """Everything around one sealer, healthy until a test says otherwise."""

    def __init__(self, platform: str = "linux") -> None:
        self.clock = Clock()
        self.arm = FakeArm(self.clock)
        self.guest = FakeGuest(self.arm, self.clock)
        self.journal = Journal()
        self.before = observation(platform)
        self.refusal = ""
        self.rechecks: list[bool] = []
        self.on_recheck: Callable[[], None] = nothing
        self.verdict = ""
        self.judged: list[Observation] = []
        self.disk: LinuxDisk | WindowsDisk | Exception = (
            linux_disk() if platform == "linux" else windows_disk(success_tag="2026-11-22T12:00:20+00:00")
        )
        self.claim = True
        self.stall_minutes = 10.0
        self.looks_on = True
        self.machine = ""
        self.after_disk: Callable[[], None] = nothing
        self.intent = Intent(VM_ID)
        self.step = "claim"
        self.earlier: Launched | None = None
        self.unflagged = ""
        self.stranger = ""
        self.unwanted = ""

    @property
    def name(self) -> str:
        """The name of the tag that this run writes."""
        return f"{PREFIX}-{RUN}"

    async def _stranger(self) -> str:
        return self.stranger

    def seal(self) -> Ending:
        first = ClaimTag(RUN, self.step, self.clock.now(), None, self.journal.head, "bench")
        claim = Claim(self.arm, self.clock, VM, first, lambda: self.journal.head, self.intent)
        site = Site(
            vm=VM,
            deadline_minutes=30,
            stall_minutes=self.stall_minutes,
            claim=claim if self.claim else None,
            arm=self.arm,
            scheduler=self.clock,
            channel=self.guest,
            launch_channel=self.guest,
            looks_on=self.looks_on,
            machine=self.machine,
            journal=self.journal,
            recheck=self._recheck,
            unwanted=lambda: self.unwanted,
            read_disk=self._read_disk,
            stranger=self._stranger,
            glance=self._glance,
            verdict=self._verdict,
            unflagged=self.unflagged,
        )
        return asyncio.run(Sealer(site, self.before, self.earlier).seal())

    @property
    def acts(self) -> list[str]:
        """The steps that were begun, in order."""
        return [event.removesuffix(".begin") for event in self.journal.events if event.endswith(".begin")]

    async def _glance(self, vm: str) -> Mapping[str, Any]:
        return self.arm.instance_view(vm)

    async def _recheck(self, prepared: bool) -> Cleared:
        looked = self.clock.now()
        self.rechecks.append(prepared)
        self.on_recheck()
        if self.refusal:
            raise StepError(self.refusal)
        return Cleared(self.before, {"vm_id": VM_ID}, looked)

    async def _read_disk(self) -> LinuxDisk | WindowsDisk:
        assert self.arm.power == "deallocated", "a disk is read when its VM is off"
        if isinstance(self.disk, Exception):
            raise self.disk
        self.after_disk()
        return self.disk

    def _verdict(self, after: Observation) -> str:
        self.judged.append(after)
        return self.verdict
