"""The engine: takes every target along its path, once, in one scheduler of its own thread."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import traceback
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from checks.catalogue import Catalogue
from checks.judgement import Judgement
from reports import evidence as record
from reports.errors import ReportError
from reports.folder import EvidenceFolder
from reports.journal import Journal
from reports.merge import NOT_SELECTED
from reports.verdict import verdict
from runners.activity import Activities
from runners.board import Board
from runners.commands import Commands
from runners.confirm_disk import confirming
from runners.confirm_path import ConfirmPath
from runners.earlier import Earlier
from runners.errors import SealproofError
from runners.fleet import Target
from runners.generalize.site import Log
from runners.path import Path
from runners.record import platform_word
from runners.route import Orders
from runners.second_path import SecondPath
from runners.story import Story
from runners.votes import Votes
from runners.waivers import accounts
from runners.world import World

Selection = frozenset[tuple[str, str]]
"""What the selected items that depend on the step are about: target name, and the platform of their check. An item that
can't apply to the target that was found there asks for nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do: always the whole catalogue on all targets."""

    targets: tuple[Target, ...]
    catalogue: Catalogue
    mode: record.Mode
    consents: frozenset[str]
    consent_implied: bool
    take_overs: frozenset[str] = frozenset()
    """vm_ids given by --take-over, in lower case."""
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    """What earlier runs left of targets (--resume), by ARM id in lower case."""

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Every (check id, target name) that must have a row in the end."""
        return tuple((check, target.name) for target in self.targets for check in self.catalogue)


class Engine:
    """One run. `start` it, read from its `board`, then `finish` it; nothing is done twice.

    `votes` is what plain tests say; it must know them before the start. `commands` are for them.
    """

    def __init__(self, plan: Plan, world: World, run: record.Run, folder: EvidenceFolder, votes: Votes) -> None:
        self.plan = plan
        self.board = Board(Activities(item.name for item in plan.targets))
        self.votes = votes
        self.commands = Commands(world, {item.name: item for item in plan.targets}, votes, lambda: self._loop)
        self._world = world
        self._run = run
        self._folder = folder
        self._selected: Selection = frozenset()
        self._closing = ""
        self._coverage: dict[str, record.CoverageRecord] = {}
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._shelf = _FolderShelf(folder, run.id, self.board.activities)
        self._loop: asyncio.AbstractEventLoop

    def start(self, selected: Selection) -> None:
        """Write a first, undetermined record, then start. Only what `selected` holds may be acted on."""
        self._selected = selected
        self._folder.write_evidence(self._evidence(ended=None))
        self._thread = threading.Thread(target=self._work, name="sealproof-engine", daemon=True)
        self._thread.start()

    def launch_no_more(self, reason: str) -> None:
        """Let nothing new be launched from now on. What was launched is finished and recorded."""
        self._closing = self._closing or reason
        self.votes.close(self._closing)

    @property
    def under_way(self) -> tuple[str, ...]:
        """The names of the targets that are not through yet."""
        return tuple(item.name for item in self.plan.targets if not self.board.finished(item.name))

    def wait(self) -> bool:
        """Wait until every target is through; True. May be interrupted, and called again."""
        self.votes.close("the session ended before it ran")
        return self._thread is None or self._over.wait()

    def abandon(self, reason: str) -> None:
        """Give up what is under way: its targets are recorded as they are known now. The process has to end then."""
        for target in self.plan.targets:
            if not self.board.finished(target.name):
                # One that can't even be recorded keeps no other from it; `_evidence` has a place for it.
                with suppress(Exception):
                    self._broken(target, reason)

    def finish(self) -> record.Evidence:
        """Wait until every target is through, or given up; write and return the final record."""
        if self.under_way:
            self.wait()
        evidence = self._evidence(ended=datetime.now(UTC))
        self._folder.write_evidence(evidence)
        return evidence

    def _work(self) -> None:
        try:
            asyncio.run(self._travel_all())
        finally:
            # Whatever ended the loop: nobody may wait for ever for a target that no longer travels.
            try:
                self.abandon("the engine stopped before this target was through, which is a defect")
            finally:
                self._over.set()

    async def _travel_all(self) -> None:
        self._loop = asyncio.get_running_loop()
        # What one raises all the same must not cancel the others: steps were launched there.
        await asyncio.gather(*(self._travel(target) for target in self.plan.targets), return_exceptions=True)

    async def _travel(self, target: Target) -> None:
        """Take one target to its end. Whatever breaks on the way is its own."""
        orders = Orders(
            run=self._run.id,
            mode=self.plan.mode,
            consents=self.plan.consents,
            consent_implied=self.plan.consent_implied,
            may_launch=self._may_launch,
            vetoes=lambda target: self.votes.vetoes(target.name),
            votes=self._voted,
            take_overs=self.plan.take_overs,
            earlier=self.plan.earlier,
        )
        try:
            path = way_of(target, orders)(target, self._world, self.plan.catalogue, orders, self.board, self._shelf)
            record_, coverage = await path.travel()
            if coverage is not None:
                self._coverage[target.name] = coverage
            self.board.finish(record_)
        except (SealproofError, ReportError) as error:
            self._broken(target, str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a defect; its target must not vanish or pass
            where = traceback.extract_tb(error.__traceback__)[-1]
            # The text of a stranger's exception may hold anything, a secret included: its type and place must do.
            self._broken(
                target,
                f"Sealproof itself broke ({type(error).__name__} in {where.name}, line {where.lineno}). Its journal "
                "says whether the step was launched; if it was, look at the VM before anything else",
            )

    async def _voted(self, target: Target) -> None:
        over = asyncio.Event()

        def listener() -> None:
            # Votes come from other threads, and also when the loop is closed (RuntimeError) and nobody listens.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(over.set)

        self.votes.when_over(target.name, listener)
        await over.wait()

    def _may_launch(self, target: Target, platform: str) -> str:
        if not self._selected & {(target.name, "any"), (target.name, platform)}:
            return NOT_SELECTED
        return self._closing

    def _broken(self, target: Target, reason: str) -> None:
        """Record a target whose path ended in an error: undetermined, with every row that is still missing."""
        try:
            self._fill_gaps(target, reason)
        finally:
            self.board.finish(self._unproven(target, reason))

    def _unproven(self, target: Target, note: str) -> record.Target:
        story = self._shelf.stories.get(target.name)
        return record.Target(
            name=target.name,
            id=target.subject,
            vm_id=story.launched_on if story else "",
            kind=target.kind,
            platform=platform_word(target.platform),
            witness=target.witness,
            note=note,
        )

    def _evidence(self, *, ended: datetime | None) -> record.Evidence:
        if ended is None:
            targets = tuple(self._unproven(item, "the run is not over") for item in self.plan.targets)
            planned = tuple(self.plan.catalogue)
            return record.Evidence(run=self._run, verdict="undetermined", planned=planned, targets=targets)
        targets = tuple(self._ended(item) for item in self.plan.targets)
        for target in self.plan.targets:
            self._fill_gaps(target, "it was never judged, which is a defect of Sealproof")
        rows = self.board.rows()
        return record.Evidence(
            run=self._run.model_copy(update={"ended": ended}),
            verdict=verdict(item.outcome for item in targets),
            planned=tuple(self.plan.catalogue),
            targets=tuple(self._with_journal(item) for item in targets),
            checks={check.metadata.id: record.Rule.of(check.metadata) for check in self.plan.catalogue.values()},
            results=rows,
            tests=self.votes.records(),
            waivers=accounts(self._world.waivers, self.plan.catalogue, targets, rows, self._run.started.date()),
            coverage=self._coverage,
        )

    def _ended(self, target: Target) -> record.Target:
        if self.board.finished(target.name):
            return self.board.target(target.name)
        return self._unproven(
            target, "its end could not be recorded, which is a defect of Sealproof; its journal has more"
        )

    def _fill_gaps(self, target: Target, reason: str) -> None:
        """Give every planned row that nobody judged a place in the record: absence must not look like a pass."""
        missing = [Judgement(check, "undetermined", reason=reason) for check in self.plan.catalogue.values()]
        self.board.post(record.Result.of(item, target.name) for item in missing)

    def _with_journal(self, target: record.Target) -> record.Target:
        story = self._shelf.stories.get(target.name)
        if story is None:
            return target
        digests = {**target.digests, "journal": story.journal.head.hash}
        return target.model_copy(update={"digests": digests, "story": story.steps})


class _FolderShelf:
    """Facts and journals of a run's targets, in its evidence folder."""

    def __init__(self, folder: EvidenceFolder, run: str, activities: Activities) -> None:
        self._folder = folder
        self._run = run
        self._activities = activities
        self.stories: dict[str, Story] = {}

    def journal(self, target: Target) -> Log:
        """Create the target's journal."""
        journal = Journal.create(self._folder.journal_path(target.name), self._run, lambda: datetime.now(UTC))
        story = self.stories[target.name] = Story(journal, partial(self._activities.tell, target.name))
        return story

    def before(self, target: Target, document: Mapping[str, Any]) -> str:
        """Write on what the target is launched, and return its SHA-256 in hex."""
        return self._folder.write_before(target.name, document)

    def facts(self, target: Target, facts: Mapping[str, Any]) -> str:
        """Write the target's facts and return their SHA-256 in hex."""
        return self._folder.write_facts(target.name, facts)


def way_of(target: Target, orders: Orders) -> type[ConfirmPath] | type[Path]:
    """Return which way a target takes in a run with these orders."""
    if orders.mode == "confirm":
        return confirming(target)
    return SecondPath if orders.take_overs or orders.earlier else Path


def files_digest(files: Iterable[FilePath]) -> str:
    """Return one SHA-256 in hex over files, by name and content, in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda path: (path.name, str(path))):
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
