"""What a run acts in: one of Azure's clouds, or the embedded lab. The one place outside the lab that starts it."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, DefaultAzureCredential

from runners.cloud import PUBLIC, Cloud, Identity, identify
from runners.errors import UsageError
from runners.fleet import Fleet, fleet_from_mapping
from runners.world import Provenance

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


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
def azure() -> Iterator[Surroundings]:
    """Give Azure's public cloud, as whoever the environment or `az login` says."""
    with DefaultAzureCredential() as credential:
        try:
            identity = identify(credential, PUBLIC)
        except ClientAuthenticationError as error:
            raise UsageError(
                f"not signed in to Azure: {_why(error)}\nSign in with `az login`, or set AZURE_TENANT_ID, "
                "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. To see the whole path without Azure: --lab."
            ) from None
        yield Surroundings(PUBLIC, credential, identity, lambda _vm: Provenance(), lambda: b"")


def _why(error: ClientAuthenticationError) -> str:
    """Return what the credentials that could have worked say; those that are not set up say `unavailable`."""
    first, *others = str(error).splitlines() or ["no reason was given"]
    said = [line.strip() for line in others if line.strip() and "unavailable" not in line.lower()]
    return " ".join([first, *said])[:1000]


class LabScenario:
    """A scenario of the lab: its fleet is known before anything is started."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._scenario = _lab("scenario_loader").load_scenario(name)

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
            )
            credential = ClientSecretCredential(
                running.tenant_id,
                running.client_id,
                running.client_secret,
                authority=running.authority,
                disable_instance_discovery=True,
                connection_verify=str(running.ca_file),
            )
            with credential:
                identity = identify(credential, cloud)
                yield Surroundings(cloud, credential, identity, self._provenance, lambda: _lines(running.requests))

    def _provenance(self, vm: str) -> Provenance:
        real = {machine.id.lower() for machine in self._scenario.machines if machine.spec.guest.real is not None}
        return Provenance("real", "real") if vm.lower() in real else Provenance("simulated", "constructed")


def _lines(requests: Iterable[Any]) -> bytes:
    return "".join(f"{json.dumps(asdict(request))}\n" for request in requests).encode()


def open_scenario(name: str) -> LabScenario:
    """Load a scenario by name or path. Raises `UsageError` where there is none, or it is malformed."""
    try:
        return LabScenario(name)
    except _lab("scenario").ScenarioError as error:
        raise UsageError(str(error)) from None


def _lab(module: str) -> Any:
    missing = [name for name in ("starlette", "uvicorn", "trustme") if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(f"--lab needs {', '.join(missing)}: pip install -e '.[lab,disk]' in the Sealproof folder.")
    return importlib.import_module(f"lab.{module}")
