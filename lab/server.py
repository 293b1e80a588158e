"""A running lab: HTTPS on loopback with its own certificate authority, in a thread of its own."""

from __future__ import annotations

import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme

from lab.arm.app import build_app
from lab.arm.cloud import Cloud
from lab.arm.requests import LoggedRequest
from lab.fault import Fault
from lab.guests.guest import Guest
from lab.https_server import HttpsServer, LabError
from lab.principal import OWNER, Principal
from lab.scenario import Machine, Scenario, ScenarioError
from lab.scenario_loader import load_scenario

__all__ = ["GuestFactory", "Lab", "LabError", "build_guest", "serve"]

GuestFactory = Callable[[Machine], Guest]
"""Makes the guest behind a machine of the scenario."""

_GUEST_THREADS = 32


def build_guest(machine: Machine) -> Guest:
    """Return the guest that the scenario asks for. Imported only when a scenario uses it."""
    spec = machine.spec
    if spec.guest.real is not None:
        from lab.guests.real import RealGuest

        return RealGuest.from_scenario(name=machine.name, settings=spec.guest.real)
    from lab.guests.simulated import SimulatedGuest, SimulatedGuestError

    try:
        return SimulatedGuest.from_scenario(machine.name, spec.platform, spec.guest.simulated or {})
    except SimulatedGuestError as error:
        raise ScenarioError(f"{machine.where}: {error}") from None


def serve(
    source: str | Path | Scenario,
    *,
    port: int = 0,
    ca_file: Path | None = None,
    request_log: Path | None = None,
    guests: GuestFactory = build_guest,
) -> Lab:
    """Return a lab for a scenario: a name such as `demo`, a file, or one already loaded.

    Use it in a `with` statement, or call `start` and `close`. `port` 0 takes a free one. `ca_file` is where the CA's
    certificate goes (PEM); by default a temporary file that lasts as long as the lab. `request_log` is a file for
    every request as a line of JSON.
    """
    scenario = source if isinstance(source, Scenario) else load_scenario(source)
    return Lab(scenario, port=port, ca_file=ca_file, request_log=request_log, guests=guests)


class Lab:
    """One lab. It has no state outside itself, so several may run at once."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        port: int,
        ca_file: Path | None,
        request_log: Path | None,
        guests: GuestFactory,
    ) -> None:
        self.scenario = scenario
        self.client_secret = secrets.token_urlsafe(24)
        self._port = port
        self._wanted_ca_file = ca_file
        self._request_log = request_log
        self._make_guest = guests
        self._listener: socket.socket | None = None
        self._guests: dict[str, Guest] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._cloud: Cloud | None = None
        self._server: HttpsServer | None = None

    def __enter__(self) -> Lab:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def endpoint(self) -> str:
        """The ARM endpoint, `https://localhost:PORT`."""
        return self._running.endpoint

    @property
    def authority(self) -> str:
        """The token authority for azure-identity; the same host as ARM."""
        return self.endpoint

    @property
    def ca_file(self) -> Path:
        """The certificate of the lab's CA, PEM."""
        if self._wanted_ca_file is not None:
            return self._wanted_ca_file
        if self._folder is None:
            raise LabError("the lab is not running: use it in a `with` statement, or call start() first")
        return Path(self._folder.name) / "ca.pem"

    @property
    def tenant_id(self) -> str:
        """The tenant's id."""
        return str(self.scenario.azure.tenant_id)

    @property
    def subscription_id(self) -> str:
        """The subscription's id."""
        return str(self.scenario.azure.subscription_id)

    @property
    def client_id(self) -> str:
        """The id of the service principal that may ask for tokens."""
        return str(self.scenario.azure.client_id)

    @property
    def identity_endpoint(self) -> str:
        """The managed identity endpoint, for IDENTITY_ENDPOINT."""
        return self._running.sign_in.identity_endpoint

    @property
    def identity_header(self) -> str:
        """The secret of the managed identity endpoint, for IDENTITY_HEADER."""
        return self._running.sign_in.identity_header

    def principal(self, name: str = OWNER) -> Principal:
        """Return a principal of the scenario, or the lab's own. Raises `LabError` where there is none of that name."""
        found = self._running.directory.named(name)
        if found is None:
            known = ", ".join(item.name for item in self._running.directory.principals)
            raise LabError(f"the scenario '{self.scenario.name}' has no principal '{name}'. It has: {known}.")
        return found

    def federated_token(self, principal: str = OWNER, *, seconds: int = 3600) -> str:
        """Return a token of the lab's issuer that `principal` exchanges for access tokens, good for `seconds`.

        As a CI service or Kubernetes hands it out: its place is the file that AZURE_FEDERATED_TOKEN_FILE names.
        """
        subject = self.principal(principal).federated_subject
        if subject is None:
            raise LabError(f"the principal '{principal}' of the scenario has no federated_subject: give it one.")
        return self._running.sign_in.federated_token(subject, seconds)

    @property
    def fleet(self) -> dict[str, Any]:
        """The scenario's fleet section: a Sealproof fleet file for these machines."""
        return self.scenario.fleet

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every request so far."""
        return self._running.log.entries

    @property
    def held(self) -> tuple[str, ...]:
        """The operations whose calls are held just now: what effects `hold` and `late` wait in."""
        return tuple(self._running.faults.held)

    @property
    def unused_faults(self) -> tuple[Fault, ...]:
        """The faults of the scenario that have struck nothing so far."""
        return self._running.faults.unused

    @property
    def guests(self) -> dict[str, Guest]:
        """The guests, by machine name."""
        return {machine.name: self._guests[machine.id] for machine in self.scenario.machines}

    @property
    def _running(self) -> Cloud:
        if self._cloud is None:
            raise LabError("the lab is not running: use it in a `with` statement, or call start() first")
        return self._cloud

    def start(self) -> Lab:
        """Start the guests, then the server, and return when both answer. Raises `LabError`; then nothing runs."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Stop the server, close the guests, remove what was temporary. Closing twice is no error."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        while self._guests:
            self._guests.popitem()[1].close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _start(self) -> None:
        self._listener = listener = self._listen()
        self._threads = ThreadPoolExecutor(max_workers=_GUEST_THREADS, thread_name_prefix="lab-guest")
        self._start_guests(self._threads)
        if self._wanted_ca_file is None:
            self._folder = tempfile.TemporaryDirectory(prefix="sealproof-lab-")
        authority = trustme.CA(organization_name="Sealproof lab")
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._cloud = Cloud(
            self.scenario,
            self._guests,
            endpoint=f"https://localhost:{listener.getsockname()[1]}",
            client_secret=self.client_secret,
            threads=self._threads,
            request_log=self._request_log,
        )
        self._server = HttpsServer(build_app(self._cloud), authority, f"lab-{self.scenario.name}")
        self._server.start(listener)

    def _listen(self) -> socket.socket:
        # asyncio turns Nagle's algorithm off only on sockets that name their protocol; with it every answer takes 40 ms
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
        except OSError as error:
            listener.close()
            raise LabError(
                f"the lab can't listen on 127.0.0.1:{self._port}: {error.strerror}. "
                "Choose another port, or 0 for a free one."
            ) from None
        return listener

    def _start_guests(self, threads: ThreadPoolExecutor) -> None:
        for machine in self.scenario.machines:
            self._guests[machine.id] = self._make_guest(machine)
        for _ in threads.map(self._start_guest, self.scenario.machines):
            pass

    def _start_guest(self, machine: Machine) -> None:
        guest = self._guests[machine.id]
        wanted = "running" if machine.spec.power == "running" else "stopped"
        if guest.power() != wanted:
            (guest.start if wanted == "running" else guest.power_off)()
        deadline = time.monotonic() + machine.spec.ready_within
        pause = threading.Event()
        while wanted == "running" and machine.spec.ready_within and not guest.agent_ready():
            if time.monotonic() >= deadline:
                raise LabError(
                    f"the agent of guest '{machine.name}' did not answer within {machine.spec.ready_within} s. "
                    f"The end of its serial log: {guest.serial_log()[-500:].decode('utf-8', 'replace')!r}"
                )
            pause.wait(0.25)
