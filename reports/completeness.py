"""Whether all that was planned was reported: one row for each planned check on each target, and no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from reports.evidence import Evidence, Result


def gaps(evidence: Evidence) -> tuple[str, ...]:
    """Return what is missing, there twice or not planned, one sentence a target; none where no plan is stated.

    The first record of a run, which has not ended, has no rows yet.
    """
    if evidence.planned is None or evidence.run.ended is None:
        return ()
    planned = frozenset(evidence.planned)
    rows = evidence.rows()
    found = (_gap(planned, target.name, rows[target.name]) for target in evidence.targets)
    return tuple(filter(None, found))


def _gap(planned: frozenset[str], target: str, rows: Sequence[Result]) -> str:
    counts = Counter(row.check for row in rows)
    kinds = {
        "lacks a row of": sorted(planned - counts.keys()),
        "has more than one row of": sorted(check for check, count in counts.items() if count > 1),
        "has rows that nobody planned of": sorted(counts.keys() - planned),
    }
    said = [f"{what} {_some(checks)}" for what, checks in kinds.items() if checks]
    return f"{target} {' and '.join(said)}" if said else ""


def _some(checks: Iterable[str], most: int = 5) -> str:
    names = list(checks)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
