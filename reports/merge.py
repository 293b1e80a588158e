"""The evidence of shards, joined into that of one run: the same checks by the same policy on other targets.

What does not belong together is refused. The merged record keeps for each target which run it is from, and the folder
holds each run's own record and attestation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports import attestation
from reports.errors import EvidenceError
from reports.evidence import Evidence, MergedRun, Run, Target, Waiver, WaiverState
from reports.folder import EvidenceFolder, before_name, file_name
from reports.selection import DIGEST, told
from reports.verdict import verdict
from reports.verify import inconsistencies

NOT_SELECTED = "not selected"
"""The note of a target that its run was not to act on: another shard was."""
# Of what several shards say of one waiver, the first of these holds.
_STATES: tuple[WaiverState, ...] = (
    "used",
    "refused",
    "unknown check",
    "expired",
    "not yet",
    "unused",
    "unknown target",
)


@dataclass(frozen=True, slots=True)
class Shard:
    """One run's evidence. `signed_by`: the id of the key whose signature was verified; empty where there is none."""

    evidence: Evidence
    files: Mapping[str, bytes]
    signed_by: str = ""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.evidence.run.id


def merge(shards: Sequence[Shard], run_id: str) -> Evidence:
    """Return the record of all of them. Raises `EvidenceError` with every reason against it, one a line."""
    complaints = list(_complaints(shards))
    if complaints:
        raise EvidenceError("\n".join(complaints))
    kept = _kept(shards)
    first = shards[0].evidence
    targets = tuple(target.model_copy(update={"run": shard.id}) for shard, target in kept)
    whose = {target.name: shard.id for shard, target in kept}

    def mine(shard: Shard, name: str | None) -> bool:
        return name is None or whose.get(name) == shard.id

    return Evidence(
        run=_run([shard.evidence.run for shard in shards], run_id),
        verdict=verdict(target.outcome for target in targets),
        planned=first.planned,
        merged=tuple(_merged(shard) for shard in shards),
        targets=targets,
        checks={check: rule for shard in shards for check, rule in shard.evidence.checks.items()},
        results=tuple(row for shard in shards for row in shard.evidence.results if mine(shard, row.target)),
        tests=tuple(
            dict.fromkeys(test for shard in shards for test in shard.evidence.tests if mine(shard, test.target))
        ),
        waivers=tuple(_waivers(waiver for shard in shards for waiver in shard.evidence.waivers)),
        coverage={
            name: read for shard in shards for name, read in shard.evidence.coverage.items() if mine(shard, name)
        },
    )


def write(folder: EvidenceFolder, evidence: Evidence, shards: Sequence[Shard]) -> None:
    """Write the merged record, its facts, journals and what was launched on, and what each run said itself."""
    by_id = {shard.id: shard for shard in shards}
    for target in evidence.targets:
        facts, journal = f"facts/{file_name(target.name)}.json", f"journal/{file_name(target.name)}.jsonl"
        for name in (facts, journal, before_name(target.name)):
            if name in by_id[target.run].files:
                folder.write(name, by_id[target.run].files[name])
    for shard in shards:
        for name in ("evidence.json", attestation.FILE_NAME):
            if name in shard.files:
                folder.write(f"merged/{shard.id}/{name}", shard.files[name])
    folder.write_evidence(evidence)


def _complaints(shards: Sequence[Shard]) -> Iterator[str]:
    if len(shards) < 2:
        yield "there is nothing to merge: give the folders of two runs or more"
        return
    if len({shard.id for shard in shards}) < len(shards):
        yield "a run is given twice"
    for shard in shards:
        if shard.evidence.merged:
            yield f"{shard.id} was merged already: merge the runs that it was made of"
        for text in inconsistencies(shard.evidence, shard.files):
            yield f"{shard.id}: {text}"
    if len({bool(shard.signed_by) for shard in shards}) > 1:
        yield "some of the runs are signed, others are not: what was signed would vouch for what was not"
    for what, of in _SAME.items():
        seen = {of(shard.evidence) for shard in shards}
        if len(seen) > 1:
            yield f"they differ in {what}, so they are no shards of one run: {' | '.join(sorted(map(str, seen)))[:300]}"
    yield from _shares(shards)
    yield from _overlaps(shards)


def _shares(shards: Sequence[Shard]) -> Iterator[str]:
    """Say which shares of the fleet are missing: without them nothing is said of all of it."""
    shares = {shard.evidence.run.shard for shard in shards}
    if shares == {""}:
        return
    of = {share.partition("/")[2] for share in shares}
    if len(of) > 1:
        yield f"they are no shares of one fleet: {', '.join(sorted(share or 'all of it' for share in shares))}"
        return
    number = int(of.pop())
    missing = [share for share in (f"{item}/{number}" for item in range(1, number + 1)) if share not in shares]
    if missing:
        yield f"shares of the fleet are missing: {', '.join(missing)}"


_SAME: Mapping[str, Callable[[Evidence], object]] = {
    "their mode": lambda evidence: evidence.run.mode,
    "the endpoint": lambda evidence: evidence.run.endpoint,
    "being a lab's": lambda evidence: evidence.run.lab,
    "the tenant": lambda evidence: evidence.run.tenant,
    "Sealproof's version": lambda evidence: evidence.run.versions.get("sealproof"),
    "what they were told (catalogue, fleet, waivers, own checks)": lambda evidence: tuple(
        sorted(item for item in evidence.run.digests.items() if item[0] != DIGEST)
    ),
    "what was selected": told,
    "the checks that were planned": lambda evidence: evidence.planned,
}


def _overlaps(shards: Sequence[Shard]) -> Iterator[str]:
    claims: dict[str, list[str]] = {}
    for shard in shards:
        for target in shard.evidence.targets:
            if not _left_to_others(target):
                claims.setdefault(target.name.lower(), []).append(f"{target.name} of {shard.id}")
                claims.setdefault(target.id.lower(), []).append(f"{target.name} of {shard.id}")
    for said in dict.fromkeys(" and ".join(items) for items in claims.values() if len(items) > 1):
        yield f"shards have no target in common, and these are the same: {said}"


def _left_to_others(target: Target) -> bool:
    return target.outcome == "not acted" and target.note == NOT_SELECTED


def _kept(shards: Sequence[Shard]) -> list[tuple[Shard, Target]]:
    """Return every target once, from the run that was to act on it; from the first where none was."""
    found: dict[str, tuple[Shard, Target]] = {}
    for shard in shards:
        for target in shard.evidence.targets:
            there = found.get(target.name)
            if there is None or (_left_to_others(there[1]) and not _left_to_others(target)):
                found[target.name] = (shard, target)
    return list(found.values())


def _run(runs: Sequence[Run], run_id: str) -> Run:
    ends = [run.ended for run in runs if run.ended]
    names = sorted({name for run in runs for name in run.versions})
    principals = {run.principal for run in runs}
    return runs[0].model_copy(
        update={
            "id": run_id,
            "principal": " | ".join(sorted(principals)),
            "versions": {name: " | ".join(sorted({run.versions.get(name, "?") for run in runs})) for name in names},
            "arguments": (),
            "shard": "",
            "started": min(run.started for run in runs),
            "ended": max(ends) if len(ends) == len(runs) else None,
        }
    )


def _merged(shard: Shard) -> MergedRun:
    digest = hashlib.sha256(shard.files["evidence.json"]).hexdigest()
    return MergedRun(run=shard.evidence.run, evidence=digest, signed_by=shard.signed_by)


def _waivers(waivers: Iterable[Waiver]) -> Iterator[Waiver]:
    best: dict[Waiver, Waiver] = {}
    for waiver in waivers:
        same = waiver.model_copy(update={"state": "unused"})
        if same not in best or _STATES.index(waiver.state) < _STATES.index(best[same].state):
            best[same] = waiver
    return iter(best.values())
