"""A fleet of simulated VMs for the lab, and a lab for it in a process of its own."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from runners.cli import ROOT
from tests.faults.truth import UPDATES

OPERATION_SECONDS, LAUNCH_SECONDS, RETRY_AFTER = 20, 120, 10
"""Azure's own: a Run Command or a deallocation, Sysprep or waagent with the shutdown, and how long it asks to wait."""
_REFILL_SECONDS = 180
_HOME = ROOT / "lab" / "scenarios" / "demo.yaml"
# such as "  export AZURE_TENANT_ID=0e9d8c7b-..." in what `python -m lab serve` prints
_EXPORT = re.compile(r"^  export ([A-Z_]+)=(\S+)$", re.MULTILINE)
_ENDPOINT = re.compile(r"^  ARM endpoint +(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Served:
    """A lab that runs."""

    endpoint: str
    environment: dict[str, str]
    ca: Path
    log: Path

    def calls(self) -> Counter[tuple[str, str, int]]:
        """Return what was asked so far: how often, by target, by method and operation, and by HTTP status."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        requests = map(json.loads, lines)
        return Counter((item["target"], f"{item['method']} {item['operation']}", item["status"]) for item in requests)

    def most_updates(self) -> int:
        """Return the most updates of one VM in any three minutes, by the lab's clock: those that Azure would count."""
        times: dict[str, list[datetime]] = defaultdict(list)
        for item in map(json.loads, self.log.read_text(encoding="utf-8").splitlines()):
            if item["operation"] in UPDATES and item["status"] < 400:
                times[item["target"]].append(datetime.fromisoformat(item["time"]))
        window = timedelta(seconds=_REFILL_SECONDS)
        return max(
            (sum(begin <= time < begin + window for time in of) for of in times.values() for begin in of), default=0
        )

    def run_commands(self) -> int:
        """Return how many Run Commands there were so far, without those that were refused."""
        wanted = ("POST virtualMachines/runCommand", 202)
        return sum(number for (_, *asked), number in self.calls().items() if tuple(asked) == wanted)


def write(folder: Path, count: int, scale: int, *, observed: bool = False) -> tuple[Path, Path]:
    """Write a scenario of `count` VMs, Linux and Windows in turn, and its fleet file; return both paths.

    The first is the slowest; the others take between half as long and as long. What Azure takes is shortened `scale`
    times. With `observed` all are Linux, and the limits of throttling are shortened too: Azure's 12 updates of a VM in
    three minutes, which Run Commands are, would else be too few for what it lets through at its own time.
    """
    demo = yaml.safe_load(_HOME.read_text(encoding="utf-8"))
    machines, targets = [], []
    for number in range(count):
        kind = 0 if observed else number % 2
        machine, target = (copy.deepcopy(items[kind]) for items in (demo["machines"], demo["fleet"]["targets"]))
        name = f"vm{number:04d}"
        _rename(machine, target, name)
        share = 1 - 0.5 * (number * 7 % 100) / 100
        machine["guest"]["simulated"]["on_launch"]["seconds"] = LAUNCH_SECONDS / scale * share
        machines.append(machine)
        targets.append(target)
    throttling = {"enforced": True, "refill_seconds": _REFILL_SECONDS / (scale if observed else 1)}
    demo |= {"machines": machines, "throttling": throttling}
    demo["fleet"]["targets"] = targets
    demo["pace"] = {"operation_seconds": OPERATION_SECONDS / scale, "retry_after": max(1, RETRY_AFTER // scale)}
    scenario, fleet = folder / f"lab{count}.yaml", folder / f"fleet{count}.yaml"
    scenario.write_text(yaml.safe_dump(demo, sort_keys=False), encoding="utf-8")
    fleet.write_text(yaml.safe_dump(demo["fleet"], sort_keys=False), encoding="utf-8")
    return scenario, fleet


def _rename(machine: dict[str, Any], target: dict[str, Any], name: str) -> None:
    target["id"] = target["id"].replace(machine["name"], name)
    machine["name"] = target["name"] = name
    machine["vm_id"] = target["vm_id"] = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


@contextmanager
def served(scenario: Path, folder: Path) -> Iterator[Served]:
    """Run a lab in a process of its own, and stop it."""
    log, ca = folder / f"{scenario.stem}.requests.jsonl", folder / f"{scenario.stem}.pem"
    command = [sys.executable, "-m", "lab", "serve", "--scenario", str(scenario), "--request-log", str(log)]
    command += ["--ca-file", str(ca)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "In Python" not in said:
                line = process.stdout.readline()
                assert line, f"the lab did not start: {process.stderr.read() if process.stderr else ''}"
                said += line
            endpoint = _ENDPOINT.search(said)
            assert endpoint is not None
            yield Served(endpoint[1], dict(_EXPORT.findall(said)), ca, log)
        finally:
            process.terminate()
