"""The names in a scenario that must be those of something else: operations, VMs, throttling buckets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from lab.scenario import ScenarioFile
from reports.document import Place
from reports.mistakes import Mistake, named


def scenario_mistakes(file: ScenarioFile) -> list[Mistake]:
    """Return what a scenario names that does not exist, each with the names that come near."""
    if not file.faults and not file.throttling.buckets:
        return []
    # All of the lab's ARM, which a scenario that names nothing of it need not wait for.
    from lab.arm.app import operation_names
    from lab.arm.throttle import bucket_labels

    operations = operation_names()
    machines = [machine.name for machine in file.machines]
    names: list[tuple[Place, str, Sequence[str], str]] = []
    for index, fault in enumerate(file.faults):
        place: Place = ("faults", index)
        names.append(((*place, "operation"), fault.operation, operations, "operation"))
        names += [((*place, "after"), fault.after, operations, "operation")] if fault.after else []
        names += [((*place, "target"), fault.target, machines, "VM in this scenario")] if fault.target else []
    for label in file.throttling.buckets:
        names.append((("throttling", "buckets", label), label, bucket_labels(), "throttling bucket"))
    return list(_unknown(names))


def _unknown(names: Iterable[tuple[Place, str, Sequence[str], str]]) -> Iterable[Mistake]:
    for place, name, known, what in names:
        by_lower = {item.lower(): item for item in known}
        if name in known or (what.startswith("VM") and name.lower() in by_lower):
            continue
        near = [by_lower[item] for item in difflib.get_close_matches(name.lower(), list(by_lower), n=3)]
        there_is = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(sorted(known))}."
        yield Mistake(place, f"{named(place)}: there is no {what} '{name[:80]}'. {there_is}")
