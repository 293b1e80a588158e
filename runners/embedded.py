"""The embedded lab as a run sees it. The one place outside the lab that starts it.

What starts it, and the Azure SDK with it, is imported only then: --collect-only needs no more than the fleet.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runners.cloud import Cloud
from runners.errors import UsageError
from runners.fleet import Fleet, fleet_from_mapping
from runners.own_probes import OwnProbe

if TYPE_CHECKING:
    from runners.surroundings import Surroundings
    from runners.world import Provenance


class LabScenario:
    """A scenario of the lab: its fleet is known before anything is started."""

    def __init__(self, name: str, own_probes: Sequence[OwnProbe] = ()) -> None:
        self.name = name
        self._scenario = _with_own_answers(_lab("scenario_loader").load_scenario(name), own_probes)

    def fleet(self) -> Fleet:
        """Return the scenario's own fleet. Raises `FleetError`."""
        return fleet_from_mapping(self._scenario.fleet, f"the fleet of scenario {self._scenario.path}")

    @contextmanager
    def surroundings(self) -> Iterator[Surroundings]:
        """Start the lab, give it, and stop it."""
        from azure.identity import ClientSecretCredential

        from runners.surroundings import Surroundings, identified

        with _lab("server").serve(self._scenario) as running:
            cloud = Cloud(
                endpoint=running.endpoint,
                scope=f"{running.endpoint}/.default",
                ca_file=running.ca_file,
                lab=True,
                poll_seconds=0.2,
                authority=running.authority,
            )
            credential = ClientSecretCredential(
                running.tenant_id,
                running.client_id,
                running.client_secret,
                authority=cloud.authority,
                disable_instance_discovery=True,
                connection_verify=cloud.trusted,
            )
            with credential:
                identity = identified(credential, cloud, f"Its faults are those of {self._scenario.path}.")
                yield Surroundings(cloud, credential, identity, self._provenance, lambda: _lines(running.requests))

    def _provenance(self, vm: str) -> Provenance:
        from runners.world import Provenance

        real = {machine.id.lower() for machine in self._scenario.machines if machine.spec.guest.real is not None}
        return Provenance("real", "real") if vm.lower() in real else Provenance("simulated", "constructed")


def _with_own_answers(scenario: Any, own_probes: Sequence[OwnProbe]) -> Any:
    """Return the scenario with what own probes print there. Simulated guests run nothing; real ones run them."""
    lab = _lab("own_answers")
    answers: dict[str, dict[str, str]] = {"linux": {}, "windows": {}}
    for probe in own_probes:
        text, silent = probe.lab_answer(), lab.silent_machines(scenario, probe.platform, probe.name)
        if text is None and silent:
            raise UsageError(
                f"{probe.file}: the simulated guests of {scenario.path} ({', '.join(silent)}) run no probe. Write what "
                f"it prints on them into {probe.lab_file}, or below `raw: {{{probe.name}: ...}}` of each."
            )
        if text is not None:
            answers[probe.platform][probe.name] = text
    return lab.answering(scenario, answers)


def _lines(requests: Iterable[Any]) -> bytes:
    return "".join(f"{json.dumps(asdict(request))}\n" for request in requests).encode()


def open_scenario(name: str, own_probes: Sequence[OwnProbe] = ()) -> LabScenario:
    """Load a scenario by name or path, with answers of `own_probes` where its guests are simulated.

    Raises `UsageError` where there is none, it is malformed, or an answer is missing.
    """
    try:
        return LabScenario(name, own_probes)
    except _lab("scenario").ScenarioError as error:
        raise UsageError(str(error)) from None


def _lab(module: str) -> Any:
    missing = [name for name in ("starlette", "uvicorn", "trustme") if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(f"--lab needs {', '.join(missing)}: pip install -e '.[lab,disk]' in the Sealproof folder.")
    return importlib.import_module(f"lab.{module}")
