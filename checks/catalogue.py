"""The contract of a check, and the frozen catalogue of all of them.

A check is one small function in a file named for its noun. The decorator carries what a reader, an auditor and
a report need, and only attaches it: nothing is registered by importing. `Catalogue.from_modules` scans, lints
and freezes.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar

from checks.facts import VANTAGES

Phase = Literal["pre", "post", "boot"]
Platform = Literal["any", "linux", "windows"]
Severity = Literal["blocker", "warning", "info"]

ATTRIBUTE = "__sealproof_check__"
_F = TypeVar("_F", bound=Callable[..., Any])

# AREA-NOUN-NNN, such as WIN-DISK-001
_ID = re.compile(r"[A-Z]{2,5}-[A-Z]{2,12}-[0-9]{3}")
_GRADES = {
    "D": "read in a vendor's document",
    "E": "read in an excerpt of a vendor's document",
    "I": "stated in a maintainer's thread",
    "C": "seen in community code or blogs",
    "R": "recalled, not verified",
    "S": "read in the source of the program",
    "T": "seen in a real run",
    "X": "our own inference",
}


class CatalogueError(Exception):
    """The catalogue can't be used: a check is malformed, repeated or undecorated. The text says which and where."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a target breaks a rule."""

    observed: str
    expected: str
    where: str


def problem(*, observed: object, expected: object, where: str) -> Problem:
    """Return a problem. `where` names the thing in the target: a path, a volume, an ARM property."""
    return Problem(observed=str(observed), expected=str(expected), where=where)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the decorator of a check says about it. See `check` for each field."""

    id: str
    title: str
    phase: Phase
    platform: Platform
    severity: Severity
    waivable: bool
    applies: Callable[..., bool] | None
    remedied_by: Literal["prepare"] | None
    proves: Literal["deprovisioned"] | None
    grade: str
    why: str
    fix: str
    source: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the catalogue: its metadata and its function."""

    metadata: Metadata
    function: Callable[..., Iterable[Problem]]
    needs: tuple[str, ...]
    """The vantages that the function takes as arguments."""
    applies_needs: tuple[str, ...]
    """The vantages that the `applies` predicate takes as arguments."""
    file: Path
    line: int

    @property
    def id(self) -> str:
        """The id, such as `WIN-DISK-001`."""
        return self.metadata.id

    @property
    def where(self) -> str:
        """`file:line` for messages."""
        return f"{self.file}:{self.line}"


def check(
    id: str,  # noqa: A002 - the field's own word
    title: str,
    *,
    phase: Phase,
    platform: Platform = "any",
    severity: Severity,
    why: str,
    fix: str,
    source: str,
    grade: str,
    waivable: bool = True,
    applies: Callable[..., bool] | None = None,
    remedied_by: Literal["prepare"] | None = None,
    proves: Literal["deprovisioned"] | None = None,
) -> Callable[[_F], _F]:
    """Attach a check's metadata to its function.

    - `id`: AREA-NOUN-NNN, never reused. `title`: the desired fact, at most 80 characters, without a full stop.
    - `phase`: `pre` (before) or `post` (after); `boot` is reserved, and refused by this version.
    - `platform`: `linux`, `windows` or `any`.
    - `severity`: `blocker`, `warning` or `info`.
    - `why`: the consequence of breaking the rule. `fix`: what to do, best as a command. `source`: a link or a record.
    - `grade`: how sure the source is, one of the letters in `grades()`.
    - `waivable`: whether a waiver may excuse a failure.
    - `applies`: a pure predicate on facts, named as arguments; false is *not applicable*, unknown is *undetermined*.
    - `remedied_by="prepare"`: a failure that our own preparation step removes; it does not close the gate.
    - `proves="deprovisioned"`: passing shows that the guest was deprovisioned; a proven target needs at least one.
    """
    metadata = Metadata(
        id=id,
        title=title,
        phase=phase,
        platform=platform,
        severity=severity,
        waivable=waivable,
        applies=applies,
        remedied_by=remedied_by,
        proves=proves,
        grade=grade,
        why=why,
        fix=fix,
        source=source,
    )

    def attach(function: _F) -> _F:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach


def grades() -> Mapping[str, str]:
    """Return the letters a `grade` may have, with their meaning."""
    return dict(_GRADES)


class Catalogue(Mapping[str, Check]):
    """All checks of a run, by id, sorted and frozen."""

    def __init__(self, checks: Iterable[Check]) -> None:
        by_id: dict[str, Check] = {}
        for candidate in checks:
            _lint(candidate)
            if candidate.id in by_id:
                first = by_id[candidate.id]
                raise CatalogueError(
                    f"check id {candidate.id} is used twice: {first.where} and {candidate.where}. "
                    "Ids are never reused: give the newer check the next free number."
                )
            by_id[candidate.id] = candidate
        self._checks = {key: by_id[key] for key in sorted(by_id)}
        self.files = frozenset(item.file for item in self._checks.values())
        """The files that hold a check."""

    def __getitem__(self, key: str) -> Check:
        return self._checks[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)

    def phase(self, phase: Phase) -> tuple[Check, ...]:
        """Return the checks of one phase, sorted by id."""
        return tuple(item for item in self._checks.values() if item.metadata.phase == phase)

    @classmethod
    def from_modules(cls, modules: Iterable[ModuleType]) -> Catalogue:
        """Scan `modules` for checks and freeze them.

        Raises `CatalogueError`, naming file and line, for a `check_*` function without the decorator, for a
        repeated id and for malformed metadata. Checks that a module only imports are left to their own module.
        """
        found: list[Check] = []
        for module in modules:
            found += _scan(module)
        return cls(found)


def builtin_modules() -> tuple[ModuleType, ...]:
    """Import and return the modules of Sealproof's own checks, found by walking the packages."""
    names: list[str] = []
    for area in ("azure", "linux", "run", "windows"):
        package = importlib.import_module(f"checks.{area}")
        names += [f"checks.{area}.{info.name}" for info in pkgutil.iter_modules(package.__path__)]
    return tuple(importlib.import_module(name) for name in sorted(names))


def _scan(module: ModuleType) -> Iterator[Check]:
    for name, value in sorted(vars(module).items()):
        if not inspect.isfunction(value) or value.__module__ != module.__name__:
            continue
        metadata = getattr(value, ATTRIBUTE, None)
        file = Path(inspect.getsourcefile(value) or "?").resolve()
        line = value.__code__.co_firstlineno
        if metadata is None:
            if name.startswith("check_"):
                raise CatalogueError(
                    f"{file}:{line}: {name} has no @check decorator, so it would never be judged. "
                    "Decorate it, or give a helper another name (helpers do not start with check_)."
                )
            continue
        if not name.startswith("check_"):
            raise CatalogueError(f"{file}:{line}: {metadata.id} is on {name}; name it check_<noun>_<state>.")
        where = f"{file}:{line}: {name}"
        yield Check(
            metadata=metadata,
            function=value,
            needs=_arguments(value, where),
            applies_needs=_arguments(metadata.applies, f"{where}: applies=") if metadata.applies else (),
            file=file,
            line=line,
        )


def _arguments(function: Callable[..., Any], where: str) -> tuple[str, ...]:
    names = tuple(inspect.signature(function).parameters)
    unknown = [name for name in names if name not in VANTAGES]
    if unknown or not names:
        raise CatalogueError(f"{where} takes ({', '.join(names)}); a check takes facts by name: {', '.join(VANTAGES)}.")
    return names


def _lint(candidate: Check) -> None:
    data = candidate.metadata
    complaints: list[str] = []
    if not _ID.fullmatch(data.id):
        complaints.append("its id is not AREA-NOUN-NNN, such as WIN-DISK-001")
    if not 0 < len(data.title) <= 80 or data.title.endswith(".") or data.title.lower().startswith("ensure"):
        complaints.append('its title must state the desired fact in at most 80 characters, no "Ensure", no full stop')
    for field in ("why", "fix", "source"):
        if not getattr(data, field).strip():
            complaints.append(f"its {field} is empty")
    for field, allowed in (
        ("phase", ("pre", "post")),
        ("platform", ("any", "linux", "windows")),
        ("severity", ("blocker", "warning", "info")),
        ("remedied_by", (None, "prepare")),
        ("proves", (None, "deprovisioned")),
        ("grade", tuple(_GRADES)),
    ):
        if getattr(data, field) not in allowed:
            complaints.append(f"its {field} is {getattr(data, field)!r}, not one of {', '.join(map(str, allowed))}")
    if data.phase == "boot":
        complaints.append("this version makes no VM from the image, so nothing could be judged at boot")
    if data.proves and data.phase != "post":
        complaints.append("only a post check can prove that the guest was deprovisioned")
    if complaints:
        raise CatalogueError(f"{candidate.where}: check {data.id}: {'; '.join(complaints)}.")
