"""The waivers' file: failures that somebody answers for, for a while. docs/waivers.md describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from reports.document import read_document
from reports.errors import DocumentError
from reports.mistakes import Mistake, mistakes_of

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


def _day(value: object) -> object:
    # YAML reads 2026-12-01 as a date and 20261201 as a number, which pydantic would take for seconds since 1970.
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"it is {str(value)[:60]!r}, and must be a day (UTC) such as 2026-12-01")
    return value


_Text = Annotated[str, AfterValidator(_written)]
_One = Annotated[str, AfterValidator(_exact)]
_Day = Annotated[date, BeforeValidator(_day)]


class Waiver(BaseModel):
    """One waiver: this check may fail on this target until this day, since somebody answers for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: _One = Field(description="the check's id")
    target: _One = Field(description="the VM's ARM id, or the target's name in the fleet file together with vm_id")
    vm_id: _One | None = None
    reason: _Text = Field(description="why the failure may stand")
    approver: _Text = Field(description="who answers for it")
    approved_on: _Day = Field(description="the first day (UTC) on which it holds")
    expires: _Day = Field(
        description="the first day (UTC) on which it holds no more, at most 90 days after approved_on"
    )

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


@dataclass(frozen=True, slots=True)
class WaiverFile:
    """All waivers of one file, in its order, each with its line. `digest` is the SHA-256 of the file's bytes."""

    path: Path
    waivers: tuple[Waiver, ...]
    lines: tuple[int, ...]
    digest: str


class _File(BaseModel):
    """The top of a file; its waivers are validated one by one, so that every mistake is found."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: int = Field(description="the version of this format: 1")
    waivers: list[dict[str, Any]] = Field(description="the waivers, as a list")


def load_waivers(path: Path) -> WaiverFile:
    """Read and validate a waivers' file. Raises `DocumentError` that lists every mistake with `file:line`."""
    document = read_document(path, "waivers file")
    if not isinstance(document.data, dict):
        raise DocumentError(f"{path}: waivers are a mapping with the keys version and waivers. See docs/waivers.md.")
    waivers: dict[int, Waiver] = {}
    mistakes = list(_mistakes(document.data, waivers))
    if mistakes:
        found = sorted((document.line(item.place), item.text) for item in mistakes)
        raise DocumentError("\n".join(f"{path}:{line}: {text}" for line, text in found))
    lines = tuple(document.line(("waivers", index)) for index in waivers)
    return WaiverFile(path, tuple(waivers.values()), lines, document.digest)


def _mistakes(data: Mapping[str, Any], waivers: dict[int, Waiver]) -> Iterator[Mistake]:
    """Find what is wrong, and put what is right into `waivers`, by its index."""
    try:
        _File.model_validate(data)
    except ValidationError as error:
        yield from mistakes_of(error, (), _File)
    else:
        if data["version"] != 1:
            text = f"version: it is {data['version']}, and this Sealproof reads version 1."
            yield Mistake(("version",), text)
    entries = data.get("waivers")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            continue
        try:
            waivers[index] = Waiver.model_validate(entry)
        except ValidationError as error:
            yield from mistakes_of(error, ("waivers", index), Waiver)
    yield from _repeated(waivers)


def _repeated(waivers: Mapping[int, Waiver]) -> Iterator[Mistake]:
    """Find waivers for one check on one target that hold on the same day: nobody could tell which one counts."""
    seen = list(waivers.items())
    for place, (index, one) in enumerate(seen):
        for first, other in seen[:place]:
            same = (one.check, one.target.lower()) == (other.check, other.target.lower())
            if same and one.approved_on < other.expires and other.approved_on < one.expires:
                text = f"waivers[{index}]: waivers[{first}] holds for {one.check} on this target at the same time."
                yield Mistake(("waivers", index), f"{text} Keep one of them.")


def expiring(file: WaiverFile, today: date, within: int) -> str:
    """Return what a person reads of a file: every waiver by the day on which it ends; loud where it ends soon."""
    lines = [f"{file.path}: {len(file.waivers)} waivers, SHA-256 {file.digest}"]
    for waiver, line in sorted(zip(file.waivers, file.lines, strict=True), key=lambda pair: pair[0].expires):
        days = (waiver.expires - today).days
        when = f"EXPIRED on {waiver.expires}" if days <= 0 else f"expires on {waiver.expires}, in {days} days"
        mark = "!" if days <= within else " "
        later = f", holds from {waiver.approved_on}" if waiver.approved_on > today else ""
        lines.append(f"{mark} line {line}: {waiver.check} on {waiver.target}: {when}{later} ({waiver.approver})")
    return "\n".join(lines)


def ends_soon(file: WaiverFile, today: date, within: int) -> bool:
    """Return whether a waiver has expired, or expires within that many days."""
    return any((waiver.expires - today).days <= within for waiver in file.waivers)
