"""The path of a target that an earlier run may have left half-way: taken over from it, or finished in its place.

Past the launch nothing is launched again. What is left to do is to stop the VM, to read its disk and to judge it; and,
only where the earlier run's evidence shows that its gate was open and that this is the machine, to flag it.
"""

from __future__ import annotations

from checks.facts import AzureFacts, Observation, UnknownFact, Unobserved
from checks.judgement import Judgement
from reports import evidence
from runners.earlier import Earlier
from runners.errors import ObservationError
from runners.gate import Decision
from runners.generalize.claim_tag import ClaimTag, foreign_claims, moment, obstacle
from runners.generalize.launch import Launch, Launched
from runners.generalize.sealer import Sealer
from runners.generalize.windows_look import unable
from runners.observe.azure import observe_azure
from runners.observe.target import policy_of
from runners.path import Path, dissent
from runners.route import mistaken

NO_EVIDENCE = (
    "an earlier run may have launched the step, and its evidence was not given: nobody can tell whether its gate was "
    "open, so the VM was not flagged, and nothing is proven"
)


class SecondPath(Path):
    """The way of a target of a run that was told to take over, or to resume."""

    async def travel(self) -> tuple[evidence.Target, evidence.CoverageRecord | None]:
        """Take the target to its end. Returns its record, and what was read of its disk."""
        try:
            azure = await observe_azure(self._world.arm, self._world.scheduler, self._target.id)
        except ObservationError:
            return await super().travel()  # which says what is wrong
        claims = [item for item in foreign_claims(azure.tags.value, self._orders.run) if isinstance(item, ClaimTag)]
        earlier = self._orders.earlier.get(self._target.id.lower())
        anchored = earlier is not None and any(earlier.wrote(item) for item in claims)
        if earlier is not None and earlier.launched is None and anchored:
            self._harmless = frozenset({earlier.run})
        asked = azure.vm_id.lower() in self._orders.take_overs
        past = [item for item in claims if item.launching and item.run not in self._harmless]
        # Tags may be wiped; a VM that was built anew under the same name has its own way to go.
        unclaimed = earlier is not None and earlier.launched is not None and not claims
        if (asked and past) or (unclaimed and earlier is not None and earlier.vm_id.lower() == azure.vm_id.lower()):
            return await self._finish(azure, earlier, past, anchored=anchored)
        return await super().travel()

    async def _finish(
        self, azure: AzureFacts, earlier: Earlier | None, claims: list[ClaimTag], *, anchored: bool
    ) -> tuple[evidence.Target, evidence.CoverageRecord | None]:
        started = self._now()
        journal = self._shelf.journal(self._target)
        self._board.observe(self._target.name, azure.platform)
        doubt = self._doubt(azure, earlier, claims, anchored=anchored)
        launched = self._begin(azure, earlier, claims, doubt)
        what = {"run": earlier.run, "journal": earlier.head.hash} if earlier else {}
        journal.append("resumed", what | {"claims": {item.run: item.value for item in claims}, "doubt": doubt})
        intent = self._intent(azure.vm_id, launches=False)
        refusal = (
            "; ".join(mistaken(self._target, azure))
            or unable(self._target, azure.platform)
            or obstacle(claims, self._now(), intent)
            or dissent(self._target, azure.vm_id, self._orders)
            or "; ".join(await self._missing_rights())
            or self._may_launch()
        )
        if refusal:
            self._post(self._untried(refusal))
            return self._record(started, self._before, None, self._gate, acted=False, note=refusal)
        site = self._site(journal, intent, doubt)
        ending = await self._timed("seal", Sealer(site, self._before, launched).seal())
        after = await self._timed("confirm", self._confirm(ending))
        self._post(self._judge_after(after, ending))
        note = ending.stopped or doubt or f"what run {launched_by(earlier, claims)} launched was finished by this run"
        return self._record(started, self._before, after, self._gate, acted=True, note=note)

    def _doubt(self, azure: AzureFacts, earlier: Earlier | None, claims: list[ClaimTag], *, anchored: bool) -> str:
        """Return why the earlier run's evidence does not allow to flag this VM; empty where it does."""
        if earlier is None or earlier.launched is None:
            run = launched_by(None, claims)
            return f"{NO_EVIDENCE}. To prove it, run again with --resume DIR, the evidence folder of run {run}"
        if not anchored:
            return (
                f"no claim on the VM names the journal in {earlier.folder}, so nobody can tell whether it was changed; "
                "the VM was not flagged, and nothing is proven"
            )
        try:
            disk = azure.os_disk.value.unique_id
        except UnknownFact as error:
            return f"nobody can tell whether this is the machine that was launched on: {error}"
        if (azure.vm_id.lower(), disk) != (earlier.vm_id.lower(), earlier.os_disk):
            return (
                f"run {earlier.run} launched on the VM {earlier.vm_id} with OS disk {earlier.os_disk}, and this is "
                f"{azure.vm_id} with {disk}: it is another machine, or has another disk"
            )
        return ""

    def _begin(self, azure: AzureFacts, earlier: Earlier | None, claims: list[ClaimTag], doubt: str) -> Launched:
        """Set what the step rested on; return what is known of the launch."""
        self._gate: Decision | None = None
        if earlier is not None and earlier.launched is not None and earlier.before is not None and not doubt:
            self._before = earlier.before
            self._gate = self._decision = Decision((), ())
            self._digests["resumed journal"] = earlier.head.hash
            self._board.post(row.model_copy(update={"target": self._target.name}) for row in earlier.rows)
            self._post(self._unjudged(f"run {earlier.run} did not judge it"))
            return earlier.launched
        unseen = f"the earlier run's view of it was not used: {doubt}"
        self._before = Observation(
            platform=azure.platform, azure=azure, guest=Unobserved(unseen), policy=policy_of(self._target)
        )
        self._decision = Decision((), ())
        self._post(self._unjudged(doubt))
        if earlier is not None and earlier.launched is not None:
            return earlier.launched
        last = max(claims, key=lambda item: item.since)
        return Launched(Launch(last.since), flagging=any(item.step == "generalize" for item in claims))

    def _unjudged(self, reason: str) -> list[Judgement]:
        known = {row.check for row in self._board.rows_of(self._target.name)}
        return [
            Judgement(check, "undetermined", reason=reason)
            for check in self._catalogue.phase("pre")
            if check.metadata.id not in known
        ]


def launched_by(earlier: Earlier | None, claims: list[ClaimTag]) -> str:
    """Return the id of the run that launched, as a person may look for it."""
    if earlier is not None:
        return earlier.run
    return ", ".join(f"{item.run} (on {item.by}, since {moment(item.since)})" for item in claims)
