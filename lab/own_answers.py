"""What a team's own probes print on simulated guests: given from outside, since a simulated guest runs nothing."""

from __future__ import annotations

from collections.abc import Mapping

from lab.scenario import Machine, Scenario


def silent_machines(scenario: Scenario, platform: str, probe: str) -> tuple[str, ...]:
    """Return the names of the simulated machines of a platform whose scenario says nothing of `probe`."""
    machines = (machine for machine in scenario.machines if machine.spec.platform == platform)
    return tuple(machine.name for machine in machines if _simulated(machine) and probe not in _raw(machine))


def answering(scenario: Scenario, answers: Mapping[str, Mapping[str, str]]) -> Scenario:
    """Return the scenario with `answers` (by platform, then probe) below `raw` of its simulated machines.

    What the scenario itself says of a probe is kept.
    """
    machines = tuple(_answering(machine, answers.get(machine.spec.platform, {})) for machine in scenario.machines)
    return scenario.model_copy(update={"machines": machines})


def _answering(machine: Machine, answers: Mapping[str, str]) -> Machine:
    if not _simulated(machine) or not answers:
        return machine
    settings = {**(machine.spec.guest.simulated or {}), "raw": {**answers, **_raw(machine)}}
    guest = machine.spec.guest.model_copy(update={"simulated": settings})
    return machine.model_copy(update={"spec": machine.spec.model_copy(update={"guest": guest})})


def _simulated(machine: Machine) -> bool:
    """Return whether the machine is simulated, by settings that the guest itself will not refuse for their `raw`."""
    settings = machine.spec.guest.simulated
    return settings is not None and isinstance(settings.get("raw", {}), dict)


def _raw(machine: Machine) -> dict[str, str]:
    return dict((machine.spec.guest.simulated or {}).get("raw", {}))
