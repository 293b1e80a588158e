"""What a target's path found -> its record in the evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from checks.catalogue import Catalogue
from checks.facts import Artifact, AzureFacts, Observation, Receipt, Unobserved, plain
from reports.evidence import (
    ArtifactRecord,
    CoverageRecord,
    ForecastRecord,
    Gate,
    IdentityRecord,
    Mode,
    Reason,
    ReceiptRecord,
    Result,
    Target,
    Vantages,
)
from reports.verdict import proof_of, target_outcome
from runners import fleet
from runners.gate import Decision


@dataclass(frozen=True, slots=True)
class Journey:
    """All that was found on one target's way."""

    mode: Mode
    started: datetime
    ended: datetime
    before: Observation | None
    """None where nobody looked before the step, as in mode *confirm*."""
    after: Observation | None
    """None where nothing was launched."""
    decision: Decision | None
    """None where no gate was to be decided."""
    acted: bool
    note: str
    timings: Mapping[str, float] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> Observation:
        """The first observation: it says which machine the target is."""
        first = self.before or self.after
        assert first is not None
        return first


def target_record(
    target: fleet.Target, journey: Journey, rows: Sequence[Result], catalogue: Catalogue, vantages: Vantages
) -> tuple[Target, CoverageRecord | None]:
    """Return the target's record, and what was read of its disk."""
    first, after = journey.first, journey.after
    receipt = after.receipt if after else Unobserved("nothing was launched")
    coverage = _coverage(after)
    gate = gate_record(journey.decision)
    proof = proof_of(rows, (item.id for item in catalogue.values() if item.metadata.proves))
    record = Target(
        name=target.name,
        id=target.subject,
        kind=target.kind,
        artifact=ArtifactRecord.of(first.artifact) if isinstance(first.artifact, Artifact) else None,
        vm_id=first.azure.vm_id if isinstance(first.azure, AzureFacts) else "",
        identity=IdentityRecord.of(first.azure) if isinstance(first.azure, AzureFacts) else None,
        platform=platform_word(first.platform),
        witness=target.witness,
        vantages=vantages,
        gate=gate,
        forecast=tuple(ForecastRecord.of(item) for item in first.forecast),
        receipt=ReceiptRecord.of(receipt) if isinstance(receipt, Receipt) else None,
        outcome=target_outcome(
            mode=journey.mode,
            gate=gate,
            rows=rows,
            acted=journey.acted,
            witness=target.witness,
            coverage=coverage,
            proof=proof,
            flag_confirmed=_flag_confirmed(after) if target.kind == "vm" else None,
        ),
        proof=proof,
        started=journey.started,
        ended=journey.ended,
        timings=dict(journey.timings),
        digests=dict(journey.digests),
        note=journey.note,
    )
    return record, coverage


def gate_record(decision: Decision | None) -> Gate:
    """Return the record of a gate's decision, or of a gate that was never decided."""
    if decision is None:
        return Gate()
    return Gate(
        open=decision.open,
        reasons=tuple(
            Reason(code=item.code, text=item.text, remedy=item.remedy, check=item.check or None)
            for item in decision.reasons
        ),
    )


def platform_word(platform: str | None) -> Literal["linux", "windows", "unknown"]:
    """Return the platform as evidence writes it."""
    if platform == "linux":
        return "linux"
    return "windows" if platform == "windows" else "unknown"


def facts_document(observations: Iterable[tuple[str, Observation | None]]) -> dict[str, Any]:
    """Return what is kept of a target's facts: by time and vantage, only typed and listed fields."""
    return {time: _facts(seen) for time, seen in observations if seen is not None}


def before_document(before: Observation, rows: Iterable[Result]) -> dict[str, Any]:
    """Return what is kept of a target right before its launch: what was seen of it, and how that was judged."""
    return {
        "platform": before.platform,
        "facts": _facts(before),
        "forecast": [plain(item) for item in before.forecast],
        "rows": [row.model_dump(mode="json") for row in rows],
    }


def _facts(observation: Observation) -> dict[str, Any]:
    names = ["azure", "guest", "disk", "receipt", "policy"]
    if isinstance(observation.artifact, Artifact):
        names.append("artifact")
    if not isinstance(observation.look, Unobserved):
        names.append("look")
    vantages = ((name, getattr(observation, name)) for name in names)
    return {
        name: {"unobserved": seen.reason} if isinstance(seen, Unobserved) else plain(seen) for name, seen in vantages
    }


def _coverage(after: Observation | None) -> CoverageRecord | None:
    if after is None or isinstance(after.disk, Unobserved):
        return None
    return CoverageRecord.of(after.disk.coverage)


def _flag_confirmed(after: Observation | None) -> bool:
    if after is None or isinstance(after.azure, Unobserved) or not after.azure.generalized.known:
        return False
    reads = after.azure.generalized.value_or(())
    return len(reads) >= 2 and all(reads)
