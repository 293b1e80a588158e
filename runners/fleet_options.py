"""The fleet that options name: VMs, disks and snapshots by `--target`, files by `--file`, with default treatment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from runners.errors import FleetError
from runners.fleet import Fleet, Kind, Target
from runners.resource_id import ResourceId
from runners.selector import Selector
from runners.target_names import free_name, plain_name

_COMPUTE: dict[str, Kind] = {"virtualmachines": "vm", "disks": "disk", "snapshots": "snapshot"}


def target_from_id(arm_id: str) -> Target:
    """Return a target with default treatment for the ARM id of a VM, a managed disk or a snapshot.

    Raises `FleetError` where it is none of them.
    """
    try:
        at = ResourceId.parse(arm_id)
    except ValueError as error:
        raise FleetError(f"--target: {error}.") from None
    kind = _COMPUTE[at.kind]
    return Target.model_validate({"name": plain_name(at.name, kind), "id" if kind == "vm" else kind: arm_id})


def fleet_from_options(arm_ids: Sequence[str], files: Sequence[Path] = (), conditions: Sequence[str] = ()) -> Fleet:
    """Return the fleet of `--target`, `--file` and `--select` options.

    Those of one name are told apart by a number: `web-2`. Raises `FleetError` where an id or a condition is malformed,
    or something is given twice.
    """
    targets: list[Target] = []
    given = [("--target", target_from_id(arm_id)) for arm_id in arm_ids]
    given += [("--file", Target(name=plain_name(path.stem, "file"), file=path)) for path in files]
    for option, target in given:
        if any(_same(target, other) for other in targets):
            raise FleetError(f"{option}: {target.subject} is given twice. Give it once.")
        name = free_name(target.name, {other.name.lower() for other in targets})
        targets.append(target.model_copy(update={"name": name}))
    options = dict.fromkeys([option for option, _ in given] + ["--select"] * bool(conditions))
    return Fleet(targets=tuple(targets), selectors=_selectors(conditions), source=" and ".join(options))


def _selectors(conditions: Sequence[str]) -> tuple[Selector, ...]:
    if not conditions:
        return ()
    try:
        return (Selector(select=tuple(conditions)),)
    except ValidationError as error:
        raise FleetError(f"--select: {error.errors(include_url=False)[0]['ctx']['error']}.") from None


def _same(one: Target, other: Target) -> bool:
    """Return whether both are the same thing. ARM ids are compared without regard to case, paths are not."""
    if "file" in (one.kind, other.kind):
        return one.file == other.file
    return one.subject.lower() == other.subject.lower()
