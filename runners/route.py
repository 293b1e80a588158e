"""What every way of a target through a run shares: its orders, where its findings go, and how its record is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from checks.catalogue import Catalogue
from checks.facts import AzureFacts, Observation, Unobserved
from checks.judgement import Judgement
from reports import evidence
from runners import waivers
from runners.board import Board
from runners.earlier import Earlier
from runners.fleet import Target
from runners.gate import Decision
from runners.generalize.site import Log
from runners.record import Journey, facts_document, target_record
from runners.world import World

T = TypeVar("T")


_DOING = {
    "observe": "asks Azure and the guest",
    "read": "reads the disk",
    "confirm": "asks Azure once more",
}
"""What is shown of a part of the way that is no step of the journal."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a run wants with its targets."""

    run: str
    mode: evidence.Mode
    consents: frozenset[str]
    """vm_ids given by --consent, in lower case."""
    consent_implied: bool
    """Whether a target without a pinned vm_id may be acted on all the same: in the lab. A wrong pin still refuses."""
    may_launch: Callable[[Target, str], str]
    """Returns why this target, of this observed platform, may not be acted on (not selected, the run is ending); empty
    when it may. Asked right before the launch as well."""
    vetoes: Callable[[Target], tuple[str, ...]]
    """Returns what others say against the target, as sentences."""
    votes: Callable[[Target], Awaitable[None]]
    """Returns when nobody can vote on the target any more."""
    take_overs: frozenset[str] = frozenset()
    """vm_ids given by --take-over, in lower case."""
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    """What earlier runs left of targets (--resume), by ARM id in lower case."""


class Shelf(Protocol):
    """Where a target's facts and journal go."""

    def journal(self, target: Target) -> Log:
        """Create the target's journal."""
        ...

    def before(self, target: Target, document: Mapping[str, Any]) -> str:
        """Write on what the target is launched, and return its SHA-256 in hex."""
        ...

    def facts(self, target: Target, facts: Mapping[str, Any]) -> str:
        """Write the target's facts and return their SHA-256 in hex."""
        ...


def mistaken(target: Target, azure: AzureFacts) -> list[str]:
    """Return what the fleet file and Azure disagree on: then this may not be the machine that was meant."""
    found = []
    if azure.platform not in ("linux", "windows"):
        found.append("Azure names no operating system for its OS disk, so no rule for guests can be judged")
    if target.platform and target.platform != azure.platform:
        found.append(f"the fleet file says {target.platform}; its OS disk is {azure.platform or 'neither'}")
    other = misplaced(target, azure)
    return [*found, other] if other else found


def misplaced(target: Target, azure: AzureFacts) -> str:
    """Return that this is another machine than the fleet file pins, with its id; empty where it is not."""
    if not target.vm_id or target.vm_id.lower() == azure.vm_id.lower():
        return ""
    return (
        f"the fleet file pins vm_id {target.vm_id}, and this VM's is {azure.vm_id}: it is another machine. If it is "
        f"the one you mean, pin that id: vm_id: {azure.vm_id}"
    )


class Route:
    """One target on its way. A subclass's `travel` takes it to its end; rows appear on the board as they are judged."""

    def __init__(
        self, target: Target, world: World, catalogue: Catalogue, orders: Orders, board: Board, shelf: Shelf
    ) -> None:
        self._target = target
        self._world = world
        self._catalogue = catalogue
        self._orders = orders
        self._board = board
        self._shelf = shelf
        self._timings: dict[str, float] = {}
        self._digests: dict[str, str] = {}
        """Of what this run rests on besides what it observed itself."""

    def _post(self, judgements: Iterable[Judgement], *, revise: bool = False) -> None:
        self._board.post((waivers.row(item, self._target.name) for item in judgements), revise=revise)

    async def _timed(self, step: str, work: Awaitable[T]) -> T:
        started = self._world.scheduler.now()
        self._board.activities.tell(self._target.name, step, _DOING.get(step, ""))
        result = await work
        self._timings[step] = round((self._world.scheduler.now() - started).total_seconds(), 3)
        return result

    def _record(
        self,
        started: datetime,
        before: Observation | None,
        after: Observation | None,
        decision: Decision | None,
        *,
        acted: bool,
        note: str,
    ) -> tuple[evidence.Target, evidence.CoverageRecord | None]:
        """Write the target's facts; return its record, and what was read of its disk. All its rows must be posted."""
        facts = facts_document([("before", before), ("after", after)])
        journey = Journey(
            mode=self._orders.mode,
            started=started,
            ended=self._world.scheduler.now(),
            before=before,
            after=after,
            decision=decision,
            acted=acted,
            note=note,
            timings=self._timings,
            digests={"facts": self._shelf.facts(self._target, facts), **self._digests},
        )
        disk = after.disk if after else Unobserved("nothing was launched")
        look = after.look if after else Unobserved("nothing was launched")
        vantages = self._world.vantages(self._target, journey.first.azure, journey.first.guest, disk, look)
        return target_record(self._target, journey, self._board.rows_of(self._target.name), self._catalogue, vantages)
