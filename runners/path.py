"""The path of one target: observe, judge, gate, generalize, observe again, judge, record."""

from __future__ import annotations

import platform
from dataclasses import replace
from datetime import datetime
from functools import partial

from checks.catalogue import Check
from checks.facts import AzureFacts, Observation, UnknownFact, Unobserved
from checks.judgement import Judgement, judge
from reports import evidence
from runners.errors import ObservationError, StepError
from runners.fleet import Target
from runners.gate import Decision, evaluate
from runners.generalize.claim import Claim
from runners.generalize.claim_tag import ClaimTag, Intent, at_work, foreign_claims, lost_claim, obstacle
from runners.generalize.elsewhere import elsewhere, launches_by_uuid
from runners.generalize.sealer import Sealer
from runners.generalize.site import Cleared, Disk, Ending, Log, Site
from runners.generalize.windows_look import unable
from runners.observe.azure import observe_azure, observe_machine
from runners.observe.identity import altered, exchanged, replaced, same_machine
from runners.observe.target import observe_target
from runners.record import before_document
from runners.rehearsal import unheard
from runners.rights import missing_rights
from runners.route import Orders, Route, misplaced, mistaken
from runners.sysprep_options import read_password

GATE_CLOSED = "the gate is closed"
UNCLAIMED = (
    "claim: none: nothing kept another run off this VM while it was generalized. The pipeline must see to it that no "
    "two runs act on one VM at once"
)


class Path(Route):
    """The way of a target that is observed, and generalized where that is asked for and its gate is open."""

    _harmless: frozenset[str] = frozenset()
    """Runs of which their own journal shows that they launched nothing."""

    async def travel(self) -> tuple[evidence.Target, evidence.CoverageRecord | None]:
        """Take the target to its end. Returns its record, and what was read of its disk."""
        started = self._world.scheduler.now()
        journal = self._shelf.journal(self._target)
        self._before, self._observed_at = (
            await self._timed("observe", observe_target(self._world, self._target, self._stay_away)),
            started,
        )
        self._board.observe(self._target.name, self._before.platform)
        self._missing = await self._missing_rights()
        # What is judged is shown at once; who shows it may still have to vote.
        self._post(self._decide(prepared=False).judgements)
        await self._orders.votes(self._target)
        self._decision = self._decide(prepared=False)
        reasons = [{"code": item.code, "check": item.check, "text": item.text} for item in self._decision.reasons]
        journal.append("gate", {"open": self._decision.open, "reasons": reasons})
        note, after, acted = self._refusal(), None, False
        if note or self._orders.mode == "observe":
            self._post(self._untried(note))
        else:
            ending = await self._timed("seal", self._seal(journal))
            note, acted = ending.stopped or self._unclaimed(), ending.launched
            after = await self._timed("confirm", self._confirm(ending))
            self._post(self._judge_after(after, ending) if acted else self._untried(note))
        return self._record(started, self._before, after, self._decision, acted=acted, note=note)

    # Before the step

    def _decide(self, *, prepared: bool) -> Decision:
        return evaluate(
            self._catalogue,
            self._before,
            self._waive,
            (*self._contradictions(), *self._missing, *self._orders.vetoes(self._target)),
            self._before.forecast,
            prepared=prepared,
        )

    async def _missing_rights(self) -> tuple[str, ...]:
        azure = self._before.azure
        if self._orders.mode == "observe" or isinstance(azure, Unobserved) or mistaken(self._target, azure):
            return ()
        world = self._world
        missing = await missing_rights(world.arm, world.scheduler, self._orders.mode, self._target, azure)
        return missing or await unheard(world.arm, world.scheduler, azure)

    def _contradictions(self) -> tuple[str, ...]:
        """Return what speaks against this being the machine that was meant, and free for this run."""
        azure, target = self._before.azure, self._target
        if isinstance(azure, Unobserved):
            return ()
        found = mistaken(target, azure)
        speechless = unable(target, azure.platform)
        found += [speechless] if speechless else []
        guest = self._before.guest
        if target.channel != "run-command" and not isinstance(guest, Unobserved):
            stranger = same_machine(guest, azure.vm_id)
            found += [f"{stranger}. Its `channel` in the fleet file must lead to the VM itself"] if stranger else []
        claimed = obstacle(foreign_claims(azure.tags.value, self._orders.run), self._now(), self._intent(azure.vm_id))
        found += [claimed] if claimed else []
        return tuple(found)

    def _stay_away(self, azure: AzureFacts) -> str:
        """Return why not even a question is sent into this guest; empty where nothing speaks against it."""
        wrong = misplaced(self._target, azure)
        if wrong:
            return wrong
        return at_work(foreign_claims(azure.tags.value, self._orders.run), self._harmless)

    def _intent(self, vm_id: str, *, launches: bool = True) -> Intent:
        return Intent(vm_id, vm_id.lower() in self._orders.take_overs, launches, self._harmless)

    def _now(self) -> datetime:
        return self._world.scheduler.now()

    def _refusal(self) -> str:
        """Return why the target is not acted on now; empty when it may be."""
        if self._orders.mode == "observe":
            return ""
        if not self._decision.open:
            return GATE_CLOSED
        system = self._before.platform
        elsewise = elsewhere(self._target, system) or passwordless(self._target, system)
        return elsewise or dissent(self._target, self._vm_id(), self._orders) or self._may_launch()

    def _unclaimed(self) -> str:
        return UNCLAIMED if self._target.claim == "none" else ""

    def _vm_id(self) -> str:
        azure = self._before.azure
        return azure.vm_id if isinstance(azure, AzureFacts) else ""

    def _location(self) -> str:
        azure = self._before.azure
        return azure.location if isinstance(azure, AzureFacts) else ""

    def _may_launch(self) -> str:
        return self._orders.may_launch(self._target, self._before.platform)

    def _untried(self, refusal: str) -> list[Judgement]:
        """Return the post rows of a target that was not acted on."""
        rows = []
        for check in self._catalogue.phase("post"):
            if check.metadata.platform not in ("any", self._before.platform) or "artifact" in check.needs:
                rows.append(judge(check, self._before))
            elif self._orders.mode == "observe":
                rows.append(Judgement(check, "not applicable", reason="nothing is generalized in mode observe"))
            else:
                rows.append(Judgement(check, "undetermined" if self._decision.open else "blocked", reason=refusal))
        return rows

    # The step

    async def _seal(self, journal: Log) -> Ending:
        return await Sealer(self._site(journal, self._intent(self._vm_id())), self._before).seal()

    def _site(self, journal: Log, intent: Intent, unflagged: str = "") -> Site:
        world, target = self._world, self._target
        return Site(
            vm=target.id,
            deadline_minutes=target.deadline_minutes,
            stall_minutes=target.stall_minutes,
            claim=self._claim(journal, intent) if target.claim == "tags" else None,
            arm=world.arm,
            scheduler=world.scheduler,
            channel=world.acting_channel(target, self._before.platform),
            launch_channel=world.launching_channel(target, self._before.platform, self._location()),
            looks_on=target.channel == "run-command",
            machine=self._vm_id() if launches_by_uuid(target) else "",
            journal=journal,
            recheck=self._recheck,
            unwanted=self._may_launch,
            read_disk=partial(self._read_disk, journal),
            stranger=self._stranger,
            glance=world.glance,
            verdict=self._verdict,
            unflagged=unflagged,
        )

    def _claim(self, journal: Log, intent: Intent) -> Claim:
        # What takes over what another launched must not look as if nothing had been launched, should it die as well.
        step = "claim" if intent.launches else "launch"
        first = ClaimTag(self._orders.run, step, self._now(), None, journal.head, platform.node()[:64])
        return Claim(self._world.arm, self._world.scheduler, self._target.id, first, lambda: journal.head, intent)

    async def _recheck(self, prepared: bool) -> Cleared:
        """Return what to launch on. Raises `StepError` where the target changed, or nobody wants it any more."""
        checked, now = self._before.azure, self._world.scheduler.now()
        aged = (now - self._observed_at).total_seconds() > self._target.max_age_minutes * 60
        remedied = prepared and any(item.check.metadata.remedied_by for item in self._failed())
        if aged or remedied:
            self._before, self._observed_at = await observe_target(self._world, self._target, self._stay_away), now
            self._decision = self._decide(prepared=prepared)
            self._post(self._decision.judgements, revise=True)
            if not self._decision.open:
                reasons = "; ".join(item.text for item in self._decision.reasons)
                ran = "; the preparation had already run, see the journal" if prepared else ""
                raise StepError(f"the gate closed right before the launch: {reasons}{ran}")
        looked = self._now()
        seen = await observe_azure(self._world.arm, self._world.scheduler, self._target.id)
        claimed = self._target.claim == "tags"
        lost = lost_claim(seen.tags.value, self._orders.run, claimed=claimed)
        refusal = changed(checked, seen) or lost or self._may_launch()
        if refusal:
            raise StepError(refusal)
        return Cleared(self._before, self._kept(seen), looked)

    def _kept(self, seen: AzureFacts) -> dict[str, str]:
        """Keep on what the target is launched, so that another run can go on where this one may die."""
        rows = [row for row in self._board.rows_of(self._target.name) if row.phase == "pre"]
        digest = self._shelf.before(self._target, before_document(self._before, rows))
        return {"vm_id": seen.vm_id, "os_disk": seen.os_disk.value.unique_id, "before": digest}

    def _failed(self) -> list[Judgement]:
        return [item for item in self._decision.judgements if item.outcome == "failed"]

    async def _read_disk(self, journal: Log) -> Disk:
        azure = self._before.azure
        if isinstance(azure, Unobserved):
            raise ObservationError(azure.reason)
        disk = azure.os_disk.value.id
        return await self._world.read_disk(disk, self._before.platform, journal, deallocated_by_us=True)

    async def _stranger(self) -> str:
        azure = self._before.azure
        if isinstance(azure, Unobserved):
            return azure.reason
        return replaced(azure, *await observe_machine(self._world.arm, self._world.scheduler, self._target.id))

    def _verdict(self, after: Observation) -> str:
        """Return what blockers say against flagging the VM, judging all that needs no further look at Azure."""
        checks = [check for check in self._catalogue.phase("post") if "azure" not in check.needs + check.applies_needs]
        judgements = [self._judge(check, after) for check in checks]
        self._post(judgements)
        return ", ".join(f"{item.check.id} {item.outcome}" for item in judgements if item.blocks)

    # After the step

    async def _confirm(self, ending: Ending) -> Observation:
        """Look at the platform once more, twice in a row, since it may answer from an old view."""
        azure: AzureFacts | Unobserved = Unobserved(f"not looked at again: {ending.stopped}")
        if not ending.stopped:
            try:
                azure = await observe_azure(self._world.arm, self._world.scheduler, self._target.id, reads=2)
            except ObservationError as error:
                azure = Unobserved(str(error))
        return replace(
            self._before,
            azure=azure,
            guest=Unobserved("a generalized VM must not run, so it can't be asked"),
            disk=ending.disk,
            look=ending.look,
            receipt=ending.receipt,
            before=self._before,
        )

    def _judge_after(self, after: Observation, ending: Ending) -> list[Judgement]:
        """Judge what was reached; what was not is *blocked* by whatever stopped the target."""
        judgements = [self._judge(check, after) for check in self._catalogue.phase("post")]
        if not ending.stopped:
            return judgements
        return [
            replace(item, outcome="blocked", reason=ending.stopped) if item.outcome == "undetermined" else item
            for item in judgements
        ]

    def _judge(self, check: Check, after: Observation) -> Judgement:
        return self._waive(judge(check, after))

    def _waive(self, item: Judgement) -> Judgement:
        return self._world.waive(item, self._target, self._vm_id())


def passwordless(target: Target, platform: str) -> str:
    """Return why Sysprep can't be launched as the account that the fleet file names; empty when it can."""
    if platform != "windows" or target.sysprep.run_as is None:
        return ""
    try:
        read_password(target.sysprep)
    except StepError as error:
        return str(error)
    return ""


def dissent(target: Target, vm_id: str, orders: Orders) -> str:
    """Return how to consent that the VM with this observed vmId is generalized; empty where somebody has consented."""
    observed, pinned = vm_id.lower(), (target.vm_id or "").lower()
    if observed and (observed in {pinned, *orders.consents} or (orders.consent_implied and not pinned)):
        return ""
    return f"no consent: pin `vm_id: {observed}` in the fleet file, or give --consent {observed}"


def changed(checked: AzureFacts | Unobserved, now: AzureFacts) -> str:
    """Return how the VM differs from the one that was checked; empty when it is the same and still runs."""
    try:
        return _difference(checked, now)
    except UnknownFact as error:
        return f"the VM could not be compared with the one that was checked: {error}"


def _difference(checked: AzureFacts | Unobserved, now: AzureFacts) -> str:
    if isinstance(checked, Unobserved):
        return checked.reason
    another = exchanged(checked, now) or altered(checked, now)
    if another:
        return another
    if now.power_state.value != "running":
        return f"the VM was running when it was checked, and is {now.power_state.value} now"
    return "the VM was flagged as generalized after it was checked" if any(now.generalized.value) else ""
