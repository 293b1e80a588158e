"""What happened to a VM, by the lab's own log and state, and which rules that must always hold it breaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lab.arm.requests import LoggedRequest
from lab.arm.routes import OPERATIONS
from lab.server import Lab
from reports.evidence import Evidence, Target
from tests.faults.watched import WatchedGuest
from tests.runners.runs import Run

UPDATES = frozenset(operation.name for operation in OPERATIONS if operation.bucket == "UpdateVM")
"""What counts against the 12 updates in a burst that Azure allows a VM."""
MOST_UPDATES = 12
# /subscriptions/.../resourceGroups/rg-vm007/providers/...: each VM has a resource group of its own.
_GROUP = re.compile(r"/rg-([^/]+)/")


@dataclass(frozen=True)
class Visit:
    """One run on a lab, and what was asked of the lab meanwhile. Its record is read once, however many VMs it has."""

    run: Run
    requests: Sequence[LoggedRequest]

    def of(self, name: str) -> list[LoggedRequest]:
        """What was asked of one VM or its disk."""
        return self._by_name.get(name, [])

    def updates(self, name: str) -> int:
        """How many updates of the VM were taken."""
        return sum(item.operation in UPDATES and (item.status < 400 or bool(item.fault)) for item in self.of(name))

    def target(self, name: str) -> Target:
        """What the record says of a VM."""
        return self._targets[name]

    def told(self, name: str) -> list[str]:
        """What the record says of why the VM is not what was wanted."""
        target = self.target(name)
        said = (target.note, *(reason.text for reason in target.gate.reasons), *self._reasons.get(name, ()))
        return [text for text in said if text]

    @cached_property
    def _evidence(self) -> Evidence:
        return self.run.evidence

    @cached_property
    def _targets(self) -> dict[str, Target]:
        return {target.name: target for target in self._evidence.targets}

    @cached_property
    def _reasons(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._evidence.results:
            found.setdefault(row.target, []).append(row.reason or "")
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[LoggedRequest]]:
        found: dict[str, list[LoggedRequest]] = {}
        for item in self.requests:
            group = _GROUP.search(item.path.lower())
            if group:
                found.setdefault(group[1], []).append(item)
        return found


def broken_rules(lab: Lab, name: str, visits: Sequence[Visit]) -> list[str]:
    """Return a sentence for each rule that was broken on the VM, whatever the runs say of themselves."""
    found = [*_done_to(lab, name, visits)]
    for visit in visits:
        found += _said_of(lab, name, visit)
    return found


def _done_to(lab: Lab, name: str, visits: Sequence[Visit]) -> list[str]:
    guest, found = lab.guests[name], []
    assert isinstance(guest, WatchedGuest)
    machine = next((item for item in lab._running.machines.values() if item.name == name), None)
    if guest.launches > 1:
        found.append(f"launched {guest.launches} times")
    if any(item.operation == "virtualMachines/start" for visit in visits for item in visit.of(name)):
        found.append("asked to start")
    if any(visit.updates(name) > MOST_UPDATES for visit in visits):
        found.append("more than 12 updates")
    if machine is None or not machine.generalized:
        return found
    pinned = next(item["vm_id"] for item in lab.fleet["targets"] if item["name"] == name)
    if machine.documents.model["properties"]["vmId"] != pinned:
        found.append("another VM than the one with consent was generalized")
    if not guest.sealed:
        found.append("generalized, and its disk is not sealed")
    return found


def _said_of(lab: Lab, name: str, visit: Visit) -> list[str]:
    target, found = visit.target(name), []
    if target.outcome in ("proven", "sealed"):
        return [] if _is_sealed(lab, name) else [f"said to be {target.outcome}, and it is not"]
    if visit.run.code not in (1, 8):
        found.append(f"{target.outcome} with exit code {visit.run.code}")
    if not visit.told(name):
        found.append("no word of why")
    if "Sealproof itself broke" in target.note:
        found.append(target.note)
    return found + _flag_without_gate(target, visit)


def _flag_without_gate(target: Target, visit: Visit) -> list[str]:
    flagged = any(item.operation == "virtualMachines/generalize" for item in visit.of(target.name))
    return ["flagged behind a closed gate"] if flagged and not target.gate.open else []


def _is_sealed(lab: Lab, name: str) -> bool:
    guest = lab.guests[name]
    machine = next((item for item in lab._running.machines.values() if item.name == name), None)
    sealed = isinstance(guest, WatchedGuest) and guest.sealed and guest.power() == "stopped"
    return sealed and machine is not None and machine.generalized


def shared_disks(lab: Lab) -> list[str]:
    """Return the names of the VMs whose OS disk somebody can still read by a SAS."""
    return [disk.machine.name for disk in lab._running.disks.values() if disk.access]
