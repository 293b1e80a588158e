"""What changed between two runs: of two releases of an image, say. Pure; it reads neither signature nor clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reports.evidence import Evidence, Result, Target
from reports.folder import file_name
from reports.text import line

Facts = Mapping[str, Any]

# What differs between any two machines, or between any two looks at one, says nothing about an image.
_ALWAYS_DIFFERENT = frozenset(
    {
        *("azure.id", "azure.name", "azure.vm_id", "azure.etag", "azure.agent.time", "azure.tags"),
        *("azure.os_disk.id", "azure.os_disk.name", "azure.os_disk.unique_id"),
    }
)
_MOST = 40
"""How many changed facts of a target are printed; --json has all."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was. `old` or `new` is empty where there was, or is, none."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TargetChanges:
    """What changed of one target."""

    old: str
    new: str
    """Its name in each run; empty where it has none."""
    outcome: tuple[Change, ...] = ()
    checks: tuple[Change, ...] = ()
    facts: tuple[Change, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.outcome or self.checks or self.facts) or not (self.old and self.new)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two runs."""

    run: tuple[Change, ...]
    targets: tuple[TargetChanges, ...]

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.run) or any(target.any for target in self.targets)

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: its record, and its targets' facts by file name without .json."""

    evidence: Evidence
    facts: Mapping[str, Facts]

    def facts_of(self, target: Target) -> Facts:
        """Return the facts of a target; none where they are not there."""
        return self.facts.get(file_name(target.name), {})


def difference(old: Side, new: Side) -> Difference:
    """Return what changed from the old run to the new one.

    Targets are the same where their names are; where one is left on each side, they are taken for the same as well.
    """
    return Difference(
        tuple(_of_runs(old.evidence, new.evidence)),
        tuple(_of_targets(old, new, before, after) for before, after in _pairs(old.evidence, new.evidence)),
    )


def render(found: Difference) -> str:
    """Return what a person reads."""
    if not found.any:
        return "nothing changed\n"
    lines = [*_listed("run", found.run)] if found.run else []
    for target in found.targets:
        if not target.old or not target.new:
            lines.append(f"target {target.new or target.old}: {'is new' if target.new else 'is gone'}")
            continue
        name = target.new if target.new == target.old else f"{target.old} -> {target.new}"
        parts = [*target.outcome, *target.checks]
        lines += _listed(f"target {name}", parts) if parts or target.facts else []
        lines += _listed("  facts", target.facts[:_MOST]) if target.facts else []
        if len(target.facts) > _MOST:
            lines.append(f"    and {len(target.facts) - _MOST} more: see --json")
    return "\n".join(line(text, 300) for text in lines) + "\n"


def _listed(title: str, changes: Iterable[Change]) -> Iterator[str]:
    indent = " " * (len(title) - len(title.lstrip()))
    yield f"{title}:"
    for change in changes:
        yield f"{indent}  {change.what}: {change.old or 'none'} -> {change.new or 'none'}"


def _of_runs(old: Evidence, new: Evidence) -> Iterator[Change]:
    yield from _compared({"mode": old.run.mode, "verdict": old.verdict}, {"mode": new.run.mode, "verdict": new.verdict})
    yield from _compared(_named("version of", old.run.versions), _named("version of", new.run.versions))
    yield from _compared(_named("SHA-256 of", old.run.digests), _named("SHA-256 of", new.run.digests))
    checks = [dict.fromkeys(item.planned or (), "planned") for item in (old, new)]
    yield from _compared(_named("check", checks[0]), _named("check", checks[1]))


def _pairs(old: Evidence, new: Evidence) -> Iterator[tuple[Target | None, Target | None]]:
    before = {target.name: target for target in old.targets}
    after = {target.name: target for target in new.targets}
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    renamed = dict(zip(come, gone, strict=True)) if len(gone) == len(come) == 1 else {}
    for name, target in after.items():
        yield before.get(renamed.get(name, name)), target
    yield from ((before[name], None) for name in gone if not renamed)


def _of_targets(old: Side, new: Side, before: Target | None, after: Target | None) -> TargetChanges:
    if before is None or after is None:
        return TargetChanges(before.name if before else "", after.name if after else "")
    rows = [
        {f"{row.check} {row.rule.title}": _said(row) for row in side.evidence.rows()[target.name]}
        for side, target in ((old, before), (new, after))
    ]
    both = [{key: row[key] for key in row if key in rows[0] and key in rows[1]} for row in rows]
    facts = [dict(_leaves(side.facts_of(target), ())) for side, target in ((old, before), (new, after))]
    return TargetChanges(
        before.name,
        after.name,
        tuple(_compared({"outcome": before.outcome}, {"outcome": after.outcome})),
        tuple(_compared(both[0], both[1])),
        tuple(_compared(facts[0], facts[1])),
    )


def _said(row: Result) -> str:
    problems = "; ".join(item.sentence for item in row.problems)
    return f"{row.outcome} ({problems})" if problems else row.outcome


def _compared(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for what in sorted(old.keys() | new.keys()):
        if old.get(what) != new.get(what):
            yield Change(what, old.get(what, ""), new.get(what, ""))


def _named(what: str, values: Mapping[str, str]) -> dict[str, str]:
    return {f"{what} {name}": value for name, value in values.items()}


def _leaves(value: Any, place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Return every fact by its place: a list's items by themselves, so that one more or less is one change."""
    name = ".".join(place)
    if name.partition(".")[2] in _ALWAYS_DIFFERENT:
        return
    if isinstance(value, dict) and value.keys() in ({"value"}, {"absent"}, {"unknown"}):
        (kind, inner), *_ = value.items()
        if kind == "value":
            yield from _leaves(inner, place)
        else:
            yield name, kind if kind == "absent" else f"{kind}: {inner}"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*place, str(key)))
    elif isinstance(value, list):
        for item in value:
            text = item if isinstance(item, str) else json.dumps(item, sort_keys=True, ensure_ascii=False)
            yield f"{name} has {text}", "yes"
    else:
        yield name, str(value)
