"""A guest held in memory, and a lab with a few of them, for tests of the lab's ARM."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal

import requests
from azure.core.credentials import TokenCredential
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient

from lab.guests.frozen_disk import FrozenBytes
from lab.guests.guest import ScriptResult
from lab.principal import Principal
from lab.scenario import Machine
from lab.server import Lab

Script = Callable[[str], ScriptResult]


def echo(script: str) -> ScriptResult:
    return ScriptResult(stdout=script.encode() + b"\n", stderr=b"", exit_code=0)


class MemoryGuest:
    """A guest whose every part the test sets."""

    provenance: Literal["real", "simulated"] = "simulated"

    def __init__(self, platform: Literal["linux", "windows"], disk: bytes = b"") -> None:
        self.platform = platform
        self.state: Literal["running", "stopped"] = "running"
        self.ready = True
        self.script: Script = echo
        self.serial = b"booting\n"
        self.disk = disk
        self.power_offs = 0
        self.may_power_off = threading.Event()
        self.may_power_off.set()
        self.closed = threading.Event()

    def power(self) -> Literal["running", "stopped"]:
        return self.state

    def start(self) -> None:
        self.state = "running"

    def power_off(self) -> None:
        self.power_offs += 1
        assert self.may_power_off.wait(20)
        self.state = "stopped"

    def agent_ready(self) -> bool:
        return self.ready and self.state == "running"

    def run(self, script: str) -> ScriptResult:
        return self.script(script)

    def serial_log(self) -> bytes:
        return self.serial

    def disk_size(self) -> int:
        return len(self.disk)

    def read_disk(self, offset: int, length: int) -> bytes:
        return self.disk[offset : offset + length]

    def freeze_disk(self) -> FrozenBytes:
        return FrozenBytes(self.disk)

    def close(self) -> None:
        self.closed.set()


# 1 MiB in which every 4-byte word tells its own place
DISK = b"".join(number.to_bytes(4, "big") for number in range(256 * 1024))


def memory_guest(machine: Machine) -> MemoryGuest:
    return MemoryGuest(machine.spec.platform, DISK)


def credential(
    running: Lab, secret: str | None = None, *, principal: Principal | None = None
) -> ClientSecretCredential:
    who = principal or running.principal()
    return ClientSecretCredential(
        running.tenant_id,
        str(who.client_id),
        secret or who.secret or "none",
        authority=running.authority,
        disable_instance_discovery=True,
        connection_verify=str(running.ca_file),
    )


def guest(running: Lab, name: str) -> MemoryGuest:
    found = running.guests[name]
    assert isinstance(found, MemoryGuest)
    return found


def _version(path: str) -> str:
    """Return an api-version that the type of resource in `path` has."""
    kind = path.lower().rpartition("/providers/")[2]
    if kind.startswith("microsoft.authorization/permissions"):
        return "2022-04-01"
    if kind.startswith("microsoft.authorization"):
        return "2016-09-01"
    if not kind.startswith("microsoft.compute"):
        return "2022-12-01"
    return "2026-03-02" if kind.startswith(("microsoft.compute/disks", "microsoft.compute/snap")) else "2026-04-01"


class Arm:
    """Raw ARM requests, for what the SDK hides."""

    def __init__(
        self, running: Lab, session: requests.Session | None = None, *, signed_in: TokenCredential | None = None
    ) -> None:
        self.running = running
        self.group = f"/subscriptions/{running.subscription_id}/resourceGroups/rg-Test"
        self.machine = f"{self.group}/providers/Microsoft.Compute/virtualMachines/Linux01"
        self._session = session or requests.Session()
        self._session.verify = str(running.ca_file)
        self._session.trust_env = False  # else REQUESTS_CA_BUNDLE of the environment goes before `verify`
        token = (signed_in or credential(running)).get_token(f"{running.endpoint}/.default").token
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("https:") else f"{self.running.endpoint}{path}"
        if "api-version" not in url:
            url += f"?api-version={_version(path)}"
        return self._session.request(method, url, timeout=20, **options)

    def settle(self, response: requests.Response) -> dict[str, Any]:
        """Poll an accepted operation and return its last body."""
        assert response.status_code in (200, 201, 202), response.text
        while True:
            body: dict[str, Any] = self("GET", response.headers["azure-asyncoperation"]).json()
            if body["status"] != "InProgress":
                return body

    def close(self) -> None:
        self._session.close()


def compute(running: Lab, *, signed_in: TokenCredential | None = None, **options: Any) -> ComputeManagementClient:
    options = {"polling_interval": 0, "retry_total": 0} | options
    return ComputeManagementClient(
        signed_in or credential(running),
        running.subscription_id,
        base_url=running.endpoint,
        credential_scopes=[f"{running.endpoint}/.default"],
        connection_verify=str(running.ca_file),
        **options,
    )
