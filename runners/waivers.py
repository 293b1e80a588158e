"""Waivers: failures that somebody answers for, for a while. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from checks.judgement import Judgement
from runners.fleet import Target

LONGEST = timedelta(days=90)
"""How long a waiver may hold, from its approval."""

# Wildcards of shells and of SQL, and regex's alternatives. An ARM id, a target's name and a check's id hold none.
_WILDCARD = re.compile(r"[*?\[\]%|]")


def _written(value: str) -> str:
    if not value.strip():
        raise ValueError("it is blank; every field of a waiver says something")
    return value


def _exact(value: str) -> str:
    if _WILDCARD.search(value):
        raise ValueError(f"{value[:80]!r} is no single thing; a waiver has no wildcards, so write one for each")
    return _written(value)


_Text = Annotated[str, AfterValidator(_written)]
_One = Annotated[str, AfterValidator(_exact)]


class Waiver(BaseModel):
    """One waiver: this check may fail on this target until this day, since somebody answers for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: _One
    """The check's id."""
    target: _One
    """The VM's ARM id, or the target's name in the fleet file together with `vm_id`."""
    vm_id: _One | None = None
    reason: _Text
    approver: _Text
    approved_on: date
    """First day (UTC) on which it holds."""
    expires: date
    """First day (UTC) on which it holds no more; at most 90 days after `approved_on`."""

    @model_validator(mode="after")
    def _is_bounded(self) -> Waiver:
        if self.expires <= self.approved_on:
            raise ValueError(f"it expires on {self.expires}, which is not after its approval on {self.approved_on}")
        if self.expires - self.approved_on > LONGEST:
            latest = self.approved_on + LONGEST
            raise ValueError(f"it expires on {self.expires}; at most {LONGEST.days} days are allowed: until {latest}")
        if not self.target.startswith("/") and self.vm_id is None:
            raise ValueError("its target is a name, and a name can pass to another VM; add vm_id, or use the ARM id")
        return self


def applies(waiver: Waiver, check_id: str, target: Target, today: date) -> bool:
    """Return whether `waiver` holds for this check on this target on `today` (UTC).

    Where the waiver gives a `vm_id`, the target must carry the same one: pinned in the fleet file, or put there
    by the caller from what it observed. A target without one matches no such waiver.
    """
    names = target.id if waiver.target.startswith("/") else target.name
    if waiver.check != check_id or waiver.target.lower() != names.lower():
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
            return dataclasses.replace(judgement, outcome="waived", reason=reason)
    return judgement
