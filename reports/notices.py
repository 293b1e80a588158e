"""What every rendering says of a record, in the same words: what its verdict means, and what nobody may overlook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.evidence import Evidence, Result, Target
from reports.verdict import WORST_FIRST, contradictions, hinders

_MEANING = {
    "proven": "every target was generalized, and its stopped disk shows it",
    "sealed": "every target was generalized; not proven, since its stopped disk was not to be read",
    "ready": "every target may be generalized; nothing was done to any",
    "not acted": "nothing failed, but not every target was acted on",
    "undetermined": "nothing failed, but what must be known could not be observed",
    "failed": "a rule is broken",
}


def meaning(evidence: Evidence) -> str:
    """Return what the verdict means, as half a sentence."""
    return _MEANING[evidence.verdict]


def notices(evidence: Evidence) -> tuple[str, ...]:
    """Return what nobody may overlook, one or two sentences each, the part in capitals first. Not escaped."""
    found = []
    if evidence.run.lab or any(target.vantages.azure == "lab" for target in evidence.targets):
        found.append("LAB RUN. Nothing here was shown to come from Azure: it proves nothing about a VM there.")
    if evidence.run.mode == "confirm":
        found.append("CONFIRM RUN. Others did the sealing, unseen: what only that could show was not judged.")
    simulated = [target.name for target in evidence.targets if target.vantages.guest == "simulated"]
    if simulated:
        found.append(f"SIMULATED GUEST: {some(simulated)}. The answers were prepared, not observed.")
    constructed = [target.name for target in evidence.targets if target.vantages.disk == "constructed"]
    if constructed:
        found.append(f"CONSTRUCTED DISK: {some(constructed)}. The disk was made for the lab, not left by a guest.")
    sealed = [target.name for target in evidence.targets if target.outcome == "sealed"]
    if sealed:
        found.append(f"NOT PROVEN: {some(sealed)}. Nobody read the stopped disk.")
    if evidence.run.ended is None:
        found.append("UNFINISHED. The run has not ended, or it was killed.")
    against = contradictions(evidence)
    if against:
        found.append(f"THE RECORD CONTRADICTS ITSELF: {some(against)}.")
    return tuple(found)


def obstacles(target: Target, rows: Iterable[Result]) -> tuple[Result, ...]:
    """Return the rows that explain why a target is not where it should be.

    Rows that are *blocked* only follow from others, so they are left out where there are others, or a closed gate.
    """
    hindering = [row for row in rows if hinders(row, target)]
    causes = [row for row in hindering if row.outcome != "blocked"]
    return tuple(causes if causes or target.gate.reasons else hindering)


def order_of_interest(targets: Iterable[Target]) -> list[Target]:
    """Return the targets, worst first, otherwise in their order."""
    return sorted(targets, key=lambda target: WORST_FIRST.index(target.outcome))


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the names, joined; when there are more than `most`, the first of them and how many more."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
