"""What a claim says: a tag of its own for each run, so that no run's write can undo another's. Pure.

Sample: `sealproof-claim-20261122T120000Z-6f1c0d` =
`step=launch since=2026-11-22T12:00:00Z until=2026-11-22T12:34:00Z journal=7:9c1e... by=ci-runner-7`. Azure takes 256
characters for a value. It holds nothing secret; whoever may read the VM may read it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from reports.journal import Head

PREFIX = "sealproof-claim"
LEASE = timedelta(minutes=30)
"""How long a claim holds without being renewed."""
RENEWED_AFTER = timedelta(minutes=10)
"""How old a claim may become while its run only waits."""
SKEW = timedelta(minutes=2)
"""How far the clocks of two hosts may be apart."""
OVER = "over"
_CLAIM = "claim"
_STEPS = (_CLAIM, "launch", "generalize")
_VALUE = re.compile(
    r"step=(?P<step>[a-z]+) since=(?P<since>\S+) until=(?P<until>\S+) "
    r"journal=(?P<count>\d+):(?P<hash>\S+) by=(?P<by>.*)"
)


@dataclass(frozen=True, slots=True)
class ClaimTag:
    """One run's claim on a VM."""

    run: str
    step: str
    """What is about to happen: `claim` (nothing yet), `launch` (and all up to the flag), `generalize`."""
    since: datetime
    until: datetime | None
    """Until when it holds; None where its run is over."""
    journal: Head
    """The end of the run's journal when this was written: by it the run's evidence is known again."""
    by: str
    """The host that the run was on."""

    @property
    def name(self) -> str:
        """The tag's name."""
        return f"{PREFIX}-{self.run}"

    @property
    def value(self) -> str:
        """The tag's value."""
        until = _text(self.until) if self.until else OVER
        head = f"{self.journal.count}:{self.journal.hash}"
        return f"step={self.step} since={_text(self.since)} until={until} journal={head} by={self.by}"[:256]

    @property
    def launching(self) -> bool:
        """True when its run may have launched the step."""
        return self.step != _CLAIM

    @property
    def turn(self) -> tuple[bool, datetime, str]:
        """Where it stands among claims that were written at the same time: the lowest has precedence."""
        return not self.launching, self.since.replace(microsecond=0), self.run.lower()

    def stale(self, now: datetime) -> bool:
        """Return whether its run is over, or did not renew it as it would have."""
        return self.until is None or now > self.until + SKEW


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A tag with a claim's name that this version can't read."""

    name: str
    value: str


def claims(tags: Mapping[str, str]) -> tuple[ClaimTag | Unreadable, ...]:
    """Return the claims in a VM's tags, in the order of their names. ARM ignores the case of names."""
    found = sorted((name, value) for name, value in tags.items() if name.lower().startswith(PREFIX))
    return tuple(_read(name, value) for name, value in found)


def foreign_claims(tags: Mapping[str, str], run: str) -> tuple[ClaimTag | Unreadable, ...]:
    """Return the claims of other runs than `run`."""
    return tuple(item for item in claims(tags) if isinstance(item, Unreadable) or item.run.lower() != run.lower())


def own_claim(tags: Mapping[str, str], run: str) -> ClaimTag | None:
    """Return the claim of `run`, where it is there."""
    return next((item for item in claims(tags) if isinstance(item, ClaimTag) and item.run.lower() == run.lower()), None)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run means to do with a VM that others may have claimed."""

    vm_id: str
    take_over: bool = False
    """Whether it was asked to take this VM over from runs that are gone."""
    launches: bool = True
    """False for a run that finishes what another launched."""
    harmless: frozenset[str] = frozenset()
    """Runs of which their own journal shows that they launched nothing."""


def obstacle(found: Collection[ClaimTag | Unreadable], now: datetime, intent: Intent) -> str:
    """Return why these claims of others keep a run from acting, and what to do; empty where they don't."""
    return next(filter(None, (_obstacle(item, now, intent) for item in found)), "")


def overtaken(found: Collection[ClaimTag | Unreadable]) -> str:
    """Return which of these other runs is past its own claim, and so may act; empty where none is."""
    for item in found:
        if isinstance(item, Unreadable) or (item.launching and item.until is not None):
            return f"another run has claimed the VM meanwhile: {_who(item)}"
    return ""


def at_work(found: Collection[ClaimTag | Unreadable], harmless: Collection[str]) -> str:
    """Return which of these other runs may have launched the step, so that the guest is left alone; empty for none.

    `harmless`: runs of which it is known that they launched nothing.
    """
    for item in found:
        if isinstance(item, ClaimTag) and item.launching and item.run not in harmless:
            return f"{_who(item)} has claimed the VM and may have launched the step, so its guest is left alone"
    return ""


def lost_claim(tags: Mapping[str, str], run: str, *, claimed: bool) -> str:
    """Return why a VM is not `run`'s any more, by its tags; empty where it still is.

    `claimed`: whether the run has written its claim, so that it must be there.
    """
    taken = overtaken(foreign_claims(tags, run))
    if not taken and claimed and own_claim(tags, run) is None:
        return "this run's claim is gone from the VM's tags: somebody else is at work on it"
    return taken


def moment(time: datetime) -> str:
    """Return a time for people: `2026-11-22 12:00 UTC`."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _obstacle(item: ClaimTag | Unreadable, now: datetime, intent: Intent) -> str:
    if isinstance(item, Unreadable):
        return (
            f"its tag {item.name} is a claim that this version can't read ({item.value[:100]!r}), so nobody can tell "
            "whether that run is over. If it is, look at what it left, then remove the tag"
        )
    take_over = f"--take-over {intent.vm_id}"
    if item.until is not None and not item.stale(now):
        return (
            f"{_who(item)} has claimed it and holds it until {moment(item.until)}. Wait for that run's end; if it "
            f"died, run again after that time with {take_over}"
        )
    launched = item.launching and item.run not in intent.harmless
    if launched and (intent.launches or not intent.take_over):
        return (
            f"{_gone(item, now)} It may have launched the step, so nothing is launched again. To finish what it began: "
            f"{take_over} --resume DIR, where DIR is the evidence folder of run {item.run}. Without that folder, "
            f"{take_over} alone stops the VM, reads its disk and says what it shows, and proves nothing"
        )
    if not intent.take_over:
        return f"{_gone(item, now)} It launched nothing. To go on in its place: {take_over}"
    return ""


def _who(item: ClaimTag | Unreadable) -> str:
    if isinstance(item, Unreadable):
        return f"tag {item.name}"
    doing = {_CLAIM: "before its launch", "launch": "at its launch or after it"}.get(
        item.step, "at the flag or after it"
    )
    return f"run {item.run} on {item.by or 'an unnamed host'} ({doing}, since {moment(item.since)})"


def _gone(item: ClaimTag, now: datetime) -> str:
    if item.until is None:
        return f"{_who(item)} claimed it, and that run is over."
    minutes = int((now - item.until).total_seconds() // 60)
    return f"{_who(item)} claimed it and gave no sign of life since; its claim ended {minutes} minutes ago."


def _read(name: str, value: str) -> ClaimTag | Unreadable:
    match = _VALUE.fullmatch(value)
    if match is None or match["step"] not in _STEPS or name.lower() == PREFIX:
        return Unreadable(name, value)
    try:
        since = _time(match["since"])
        until = None if match["until"] == OVER else _time(match["until"])
    except ValueError:
        return Unreadable(name, value)
    head = Head(match["hash"], int(match["count"]))
    return ClaimTag(name[len(PREFIX) + 1 :], match["step"], since, until, head, match["by"])


def _text(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _time(text: str) -> datetime:
    time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return time.replace(tzinfo=UTC)
