"""Labs with many copies of one healthy VM, each in a resource group of its own, and runs against them."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from lab.principal import OWNER
from lab.server import Lab, serve
from tests.runners.runs import MIXED

POLL_SECONDS = 0.02
BUILDER, BUILDER_PASSWORD, PASSWORD_VARIABLE = "builder", "correct-horse", "SEALPROOF_BUILDER_PASSWORD"
"""The account that launches Sysprep where the fleet file names one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of healthy VM, and how it is treated."""

    machine: str
    """The machine of `mixed` that is copied."""
    seconds: float
    """From the launch to its end. Short: where waiting is hurried, minutes pass meanwhile."""
    treated: Mapping[str, Any] = field(default_factory=dict)
    """What its entry in the fleet file says besides."""


LINUX = Kind("debian01", 0.05)
WINDOWS = Kind("win01", 0.2)
QUITTING = Kind("win01", 0.2, {"sysprep": {"end": "quit", "run_as": BUILDER, "password_env": PASSWORD_VARIABLE}})
"""Windows, whose Sysprep quits, and is launched as an account of the guest, through managed Run Command."""


def fleet(folder: Path, names: Sequence[str], kind: Kind = LINUX, **more: Any) -> Path:
    """Write a scenario with a copy of the healthy VM for each name; `more` are further keys of the scenario."""
    data = yaml.safe_load(MIXED.read_text(encoding="utf-8"))
    machine = next(item for item in data["machines"] if item["name"] == kind.machine)
    target = next(item for item in data["fleet"]["targets"] if item["name"] == kind.machine) | kind.treated
    machine["guest"]["simulated"]["on_launch"]["seconds"] = kind.seconds
    machine["guest"]["simulated"]["accounts"] = {BUILDER: BUILDER_PASSWORD}
    data["pace"] = {"operation_seconds": 0, "retry_after": None}
    data["machines"], data["fleet"]["targets"] = [], []
    for name in names:
        vm_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        data["machines"].append(copy.deepcopy(machine) | {"name": name, "vm_id": vm_id, "resource_group": f"rg-{name}"})
        arm_id = target["id"].replace("rg-mixed", f"rg-{name}").replace(kind.machine, name)
        data["fleet"]["targets"].append(copy.deepcopy(target) | {"name": name, "id": arm_id, "vm_id": vm_id})
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(data | more, sort_keys=False), encoding="utf-8")
    return path


def fleet_file(running: Lab, folder: Path, names: Sequence[str] = (), **more: Any) -> Path:
    """Write a fleet file for these machines of a lab, or for all; `more` is said of each target."""
    targets = [item | more for item in running.fleet["targets"] if not names or item["name"] in names]
    path = folder / "fleet.yaml"
    path.write_text(yaml.safe_dump(dict(running.fleet) | {"targets": targets}, sort_keys=False), encoding="utf-8")
    return path


def environment(running: Lab, principal: str = OWNER) -> Mapping[str, str]:
    """What signs a principal in by azure-identity, and the password of the account that may launch Sysprep."""
    who = running.principal(principal)
    return {
        "AZURE_TENANT_ID": running.tenant_id,
        "AZURE_CLIENT_ID": str(who.client_id),
        "AZURE_CLIENT_SECRET": who.secret or running.client_secret,
        PASSWORD_VARIABLE: BUILDER_PASSWORD,
    }


def way(running: Lab) -> list[str]:
    """The options that lead to a lab."""
    return [f"--arm-endpoint={running.endpoint}", f"--authority={running.authority}", f"--ca={running.ca_file}"]


@contextmanager
def signed_in(running: Lab, principal: str = OWNER) -> Iterator[list[str]]:
    """Sign a principal in for runs in this process, which then wait hardly at all. Gives the options of the way."""
    with (
        mock.patch.dict("os.environ", environment(running, principal)),
        mock.patch("runners.cloud._NEAR_POLL_SECONDS", POLL_SECONDS),
    ):
        yield way(running)


@contextmanager
def lab(scenario: Path) -> Iterator[Lab]:
    """Run a lab for a scenario."""
    with serve(scenario) as running:
        yield running


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
