"""What a run acts in: one of Azure's clouds, or the embedded lab. The one place outside the lab that starts it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    ChainedTokenCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    EnvironmentCredential,
    WorkloadIdentityCredential,
)

from runners.cloud import PUBLIC, Cloud, Identity, cloud_of, identify
from runners.denied import not_signed_in
from runners.errors import UsageError
from runners.fleet import Fleet, fleet_from_mapping
from runners.own_probes import OwnProbe
from runners.way_in import WayIn
from runners.world import Provenance

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_FEDERATED = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"}
"""The variables of workload identity federation."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An Azure, real or embedded, and as whom it is asked."""

    cloud: Cloud
    credential: TokenCredential
    identity: Identity
    provenance: Callable[[str], Provenance]
    requests: Callable[[], bytes]
    """Every request that the lab answered so far, as lines of JSON; nothing for Azure, which keeps its own record."""


@contextmanager
def azure(way: WayIn) -> Iterator[Surroundings]:
    """Give the cloud that `way` leads to, as whoever the environment or `az login` says. Raises `UsageError`."""
    cloud = cloud_of(way)
    with _credential(cloud) as credential:
        identity = _identified(credential, cloud, "To see the whole path without Azure: --lab.")
        # Whoever runs a cloud of his own may have made up its guests and disks: the least is claimed.
        provenance = Provenance("simulated", "constructed") if cloud.lab else Provenance()
        yield Surroundings(cloud, credential, identity, lambda _vm: provenance, lambda: b"")


@contextmanager
def nowhere() -> Iterator[Surroundings]:
    """Give what a run needs that looks at files alone: no Azure is asked, and nobody signs in."""
    cloud = replace(PUBLIC, endpoint="", authority="")
    yield Surroundings(cloud, _Nobody(), Identity("", ""), lambda _file: Provenance(), lambda: b"")


class _Nobody:
    """Stands in for a credential where none is needed."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise ClientAuthenticationError("this run looks at files alone, and asks no Azure")


def _credential(cloud: Cloud) -> DefaultAzureCredential | ChainedTokenCredential:
    options: dict[str, Any] = {
        "authority": cloud.authority,
        "connection_verify": cloud.trusted,
        # The discovery asks login.microsoftonline.com whether an authority is known, and no foreign one is.
        "disable_instance_discovery": cloud.lab,
    }
    if not os.environ.keys() >= _FEDERATED:
        return DefaultAzureCredential(**options)
    # DefaultAzureCredential keeps the authority from its workload identity, which would ask the public cloud's.
    others = DefaultAzureCredential(
        exclude_environment_credential=True, exclude_workload_identity_credential=True, **options
    )
    return ChainedTokenCredential(EnvironmentCredential(**options), WorkloadIdentityCredential(**options), others)


def _identified(credential: TokenCredential, cloud: Cloud, hint: str) -> Identity:
    try:
        return identify(credential, cloud)
    except ClientAuthenticationError as error:
        raise UsageError(f"not signed in at {cloud.authority}: {not_signed_in(str(error))} {hint}") from None


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
                identity = _identified(credential, cloud, f"Its faults are those of {self._scenario.path}.")
                yield Surroundings(cloud, credential, identity, self._provenance, lambda: _lines(running.requests))

    def _provenance(self, vm: str) -> Provenance:
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
