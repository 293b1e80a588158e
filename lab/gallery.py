"""A gallery: a folder of scenarios, each usable alone, merged into one lab with the machines of all.

All of them must be the same Azure (`azure`, `pace`, `behaviour`, `throttling`), and what has a name in one must not
have it in another. A fault that names no VM strikes those of its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lab.fault import Fault
from lab.scenario import Scenario, ScenarioError
from runners.errors import FleetError
from runners.fleet import fleet_from_mapping

_SHARED = ("azure", "pace", "behaviour", "throttling")
"""What can't differ between scenarios that are played together."""
_NAMED: tuple[tuple[str, Callable[[Scenario], list[str]]], ...] = (
    ("machine name", lambda scenario: [machine.name for machine in scenario.machines]),
    ("vm_id", lambda scenario: [str(machine.spec.vm_id) for machine in scenario.machines]),
    ("principal", lambda scenario: [principal.name for principal in scenario.principals]),
    ("client_id", lambda scenario: [str(principal.client_id) for principal in scenario.principals]),
    ("target name", lambda scenario: [str(target.get("name")) for target in scenario.fleet["targets"]]),
)
"""What may be there once: what it is called, and where it stands."""


def scenario_files(folder: Path) -> list[Path]:
    """Return the scenario files of a folder, in the order of their names; those in folders below it are not meant."""
    return sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml") and path.is_file())


def merged(folder: Path, scenarios: Sequence[Scenario]) -> Scenario:
    """Return one scenario with the machines, locks, principals, faults and targets of all.

    Raises `ScenarioError` that lists what does not go together, each with its file.
    """
    fleets = [_own_targets(scenario) for scenario in scenarios]
    mistakes = [*_differing(scenarios), *_repeated(scenarios)]
    if mistakes:
        raise ScenarioError("\n".join(mistakes))
    first = scenarios[0]
    return first.model_copy(
        update={
            "name": folder.name,
            "path": folder,
            "description": f"{len(scenarios)} scenarios with {sum(len(item.machines) for item in scenarios)} machines.",
            "machines": tuple(machine for scenario in scenarios for machine in scenario.machines),
            "locks": tuple(lock for scenario in scenarios for lock in scenario.locks),
            "principals": tuple(principal for scenario in scenarios for principal in scenario.principals),
            "faults": tuple(fault for scenario in scenarios for fault in _own_faults(scenario)),
            "fleet": {"version": 1, "targets": [target for targets in fleets for target in targets]},
        }
    )


def _own_targets(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the targets of a scenario's fleet with its defaults in them; whoever reads it alone sees the same."""
    try:
        fleet_from_mapping(scenario.fleet, f"{scenario.path}: the fleet section")
    except FleetError as error:
        raise ScenarioError(str(error)) from None
    if "cloud" in scenario.fleet:
        raise ScenarioError(f"{scenario.path}: the fleet section names a cloud, and the lab is one. Remove `cloud`.")
    defaults = scenario.fleet.get("defaults") or {}
    return [{**defaults, **target} for target in scenario.fleet["targets"]]


def _own_faults(scenario: Scenario) -> Iterator[Fault]:
    for fault in scenario.faults:
        if fault.target:
            yield fault
        else:
            yield from (fault.model_copy(update={"target": machine.name}) for machine in scenario.machines)


def _differing(scenarios: Sequence[Scenario]) -> Iterator[str]:
    first = scenarios[0]
    for other in scenarios[1:]:
        for key in _SHARED:
            if getattr(other, key) != getattr(first, key):
                yield (
                    f"{other.path}: `{key}` is another one than in {first.path}, and scenarios of one folder are one "
                    "Azure. Make them the same, or move one of the files."
                )


def _repeated(scenarios: Sequence[Scenario]) -> Iterator[str]:
    for what, names in _NAMED:
        taken: dict[str, Scenario] = {}
        for scenario in scenarios:
            for name in names(scenario):
                other = taken.setdefault(name.lower(), scenario)
                if other is not scenario:
                    yield f"{scenario.path}: the {what} '{name}' is taken by {other.path}. Choose another one."
