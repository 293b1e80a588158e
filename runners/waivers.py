"""What waivers do to judgements, and what became of each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from checks.catalogue import Check
from checks.judgement import Judgement
from reports import evidence as record
from reports.waivers import Waiver
from runners.fleet import Target


@dataclass(frozen=True, slots=True)
class Waived(Judgement):
    """A failure that `waiver` excuses."""

    waiver: Waiver | None = None


def applies(waiver: Waiver, check_id: str, target: Target, today: date) -> bool:
    """Return whether `waiver` holds for this check on this target on `today` (UTC).

    Where the waiver gives a `vm_id`, the target must carry the same one: pinned in the fleet file, or put there
    by the caller from what it observed. A target without one matches no such waiver.
    """
    if waiver.check != check_id or not _names(waiver, target.name, target.subject):
        return False
    if waiver.vm_id is not None and waiver.vm_id.lower() != (target.vm_id or "").lower():
        return False
    return waiver.approved_on <= today < waiver.expires


def waive(judgement: Judgement, waivers: Iterable[Waiver], target: Target, today: date) -> Judgement:
    """Return `judgement`, as *waived* where it failed and a waiver holds for it.

    Only a failure is waived: never *undetermined*, since nobody can answer for what nobody saw, and never a check
    that is declared `waivable=False`. The problems stay with the judgement.
    """
    if judgement.outcome != "failed" or not judgement.check.metadata.waivable:
        return judgement
    for waiver in waivers:
        if applies(waiver, judgement.check.id, target, today):
            reason = f"waived by {waiver.approver} until {waiver.expires}: {waiver.reason}"
            return Waived(judgement.check, "waived", judgement.problems, reason, waiver)
    return judgement


def row(judgement: Judgement, target: str) -> record.Result:
    """Return the row of a judgement on the target of that name, with the waiver that excuses it."""
    waiver = judgement.waiver if isinstance(judgement, Waived) else None
    return record.Result.of(judgement, target, waiver=_record(waiver, "used") if waiver else None)


def accounts(
    waivers: Iterable[Waiver],
    catalogue: Mapping[str, Check],
    targets: Iterable[record.Target],
    rows: Iterable[record.Result],
    today: date,
) -> tuple[record.Waiver, ...]:
    """Return every waiver that was given, and what became of it in a run: used, or why not."""
    seen, used = tuple(targets), {item.waiver for item in rows if item.waiver}

    def became(waiver: Waiver) -> record.WaiverState:
        if _record(waiver, "used") in used:
            return "used"
        return _standing(waiver, catalogue.get(waiver.check), seen, today)

    return tuple(_record(waiver, became(waiver)) for waiver in waivers)


def _standing(waiver: Waiver, check: Check | None, targets: Iterable[record.Target], today: date) -> record.WaiverState:
    """Return why a waiver was not used."""
    if check is None:
        return "unknown check"
    if not check.metadata.waivable or check.metadata.severity != "blocker":
        return "refused"
    if not any(_names(waiver, item.name, item.id) and _may_be(waiver, item.vm_id) for item in targets):
        return "unknown target"
    if waiver.expires <= today:
        return "expired"
    return "unused" if waiver.approved_on <= today else "not yet"


def _names(waiver: Waiver, name: str, arm_id: str) -> bool:
    return waiver.target.lower() == (arm_id if waiver.target.startswith("/") else name).lower()


def _may_be(waiver: Waiver, vm_id: str) -> bool:
    # A VM that could not be observed may still be the one that is meant.
    return waiver.vm_id is None or vm_id.lower() in ("", waiver.vm_id.lower())


def _record(waiver: Waiver, state: record.WaiverState) -> record.Waiver:
    return record.Waiver(
        check=waiver.check,
        target=waiver.target,
        vm_id=waiver.vm_id or "",
        reason=waiver.reason,
        approver=waiver.approver,
        approved_on=waiver.approved_on,
        expires=waiver.expires,
        state=state,
    )
