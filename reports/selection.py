"""What a run's queries found: one digest over it, and whether the record holds all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from reports.evidence import Evidence, Selected, canonical_json

DIGEST = "selection"
"""The key in `run.digests`."""


def digest(selected: Sequence[Selected]) -> str:
    """Return the SHA-256, in hex, over the queries and the VMs that they found; not over when that was."""
    said = [
        {"query": item.query, "subscription": item.subscription.lower(), "ids": sorted(map(str.lower, item.ids))}
        for item in selected
    ]
    return hashlib.sha256(canonical_json({"selected": said})).hexdigest()


def told(evidence: Evidence) -> str:
    """Return in one line what was selected: the same for shards of one run."""
    run = evidence.run
    texts = [f"{item.query}: {len(item.ids)} VM(s) of subscription {item.subscription}" for item in run.selected]
    return f"{'; '.join(texts)} (SHA-256 {run.digests.get(DIGEST, 'none')[:12]})" if texts else "nothing"


def incomplete(evidence: Evidence) -> Iterator[str]:
    """Find where the record is not about what was selected. Of a share of the fleet, other shares hold the rest."""
    run = evidence.run
    if run.digests.get(DIGEST, "") != (digest(run.selected) if run.selected else ""):
        yield "run.selected is not what run.digests.selection was taken of"
    yield from (
        f"select {item.query} counts {item.count} VM(s) and names {len(item.ids)}"
        for item in run.selected
        if item.count != len(item.ids)
    )
    if run.shard:
        return
    targets = {target.id.lower() for target in evidence.targets}
    for vm in dict.fromkeys(vm for item in run.selected for vm in item.ids):
        if vm.lower() not in targets:
            yield f"{vm} was selected, and the record has no such target"
