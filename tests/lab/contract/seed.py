"""A scenario that starts where a recording's first looks at its machines and disks found them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.guests.guest import ScriptResult
from lab.merge_patch import merge
from lab.scenario import Machine, Scenario
from lab.scenario_loader import load_scenario
from tests.lab.contract.recordings import Item, Recording
from tests.lab.machines import Arm, MemoryGuest, echo, memory_guest

_PROVIDER = "/providers/microsoft.compute"
_NOBODY = "nobody"
"""A machine that no recording knows: a lab needs one, and a resource group exists where a machine is."""

# Enable succeeded: \n[stdout]\nhello\n\n[stderr]\n
_PRINTED = re.compile(r"Enable succeeded: \n\[stdout\]\n(?P<out>.*)\n\[stderr\]\n(?P<err>.*)", re.DOTALL)


@dataclass(frozen=True)
class Look:
    """The first answer that shows a resource."""

    path: str
    body: dict[str, Any]

    @property
    def os_disk(self) -> dict[str, Any]:
        """The OS disk in a machine's model."""
        disk: dict[str, Any] = self.body["properties"]["storageProfile"]["osDisk"]
        return disk

    @property
    def group(self) -> str:
        """The resource group, spelled as the body's id spells it."""
        return str(self.body["id"]).split("/")[4]


def seeded(recording: Recording, folder: Path) -> Scenario:
    """Return the scenario of a recording. Its file goes into `folder`.

    Machines are as their first GET shows them; one that is never shown is a healthy one of the lab's own documents. So
    is the OS disk of a machine whose disk is never shown. Operations end when the replay says so, not after a time.
    """
    machines = _first_looks(recording, "virtualMachines")
    disks = _first_looks(recording, "disks")
    described = [_machine(look, disks) for look in machines.values()]
    groups = {look.group.lower() for look in machines.values()}
    machine_disks = {look.os_disk.get("managedDisk", {}).get("id", "").lower() for look in machines.values()}
    for path, look in disks.items():
        if path not in machine_disks:
            groups.add(look.group.lower())
            described.append(_around(look))
    for (group, name), path in _addressed(recording).items():
        if path not in machines and group.lower() not in groups:
            groups.add(group.lower())
            described.append(_own(group, name))
    subscription = next(item.exchange.path.split("/")[2] for item in recording.items)
    location = next((item.exchange.body["location"] for item in recording.items if _tells_location(item)), "westus")
    file = folder / f"{recording.name}.yaml"  # JSON is YAML
    file.write_text(
        json.dumps(
            {
                "version": 1,
                "azure": {"subscription_id": subscription, "location": location},
                "pace": {"operation_seconds": 0, "retry_after": None},
                "machines": described,
            }
        )
    )
    return load_scenario(file)


def tag_groups(recording: Recording, arm: Arm) -> None:
    """Give each resource group the tags that its first GET shows, as a client does: a scenario has none for them."""
    seen = set()
    for item in recording.items:
        path = item.exchange.path
        if item.exchange.method == "GET" and path.count("/") == 4 and path.lower() not in seen:
            seen.add(path.lower())
            tags = {"properties": {"tags": item.exchange.body["tags"]}}
            answer = arm("PUT", f"{path}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01", json=tags)
            answer.raise_for_status()


def seeded_guest(recording: Recording, machine: Machine) -> MemoryGuest:
    """Return the guest behind a machine: its scripts print what the recorded ones printed, one after the other.

    Its agent is silent where the first look at the machine did not see it ready.
    """
    guest = memory_guest(machine)
    statuses = machine.instance_view.get("vmAgent", {}).get("statuses", [])
    guest.ready = all(status["displayStatus"] == "Ready" for status in statuses)
    results = list(_script_results(recording))
    guest.script = lambda script: results.pop(0) if results else echo(script)
    return guest


def _script_results(recording: Recording) -> Iterator[ScriptResult]:
    for item in recording.items:
        body = item.exchange.body if isinstance(item.exchange.body, dict) else {}
        view = body.get("properties", {}).get("instanceView", {})
        if "exitCode" in view:
            yield ScriptResult(view["output"].encode(), view["error"].encode(), view["exitCode"])
        if "monitor" in item.exchange.query and "value" in body:
            printed = _PRINTED.fullmatch(body["value"][0]["message"])
            assert printed is not None
            yield ScriptResult(printed["out"].encode(), printed["err"].encode(), 0)


def _tells_location(item: Item) -> bool:
    return item.exchange.method == "GET" and isinstance(item.exchange.body, dict) and "location" in item.exchange.body


def _first_looks(recording: Recording, kind: str) -> dict[str, Look]:
    """Return the first successful GET of each resource of a kind, by its path in lower case."""
    found: dict[str, Look] = {}
    for item in recording.items:
        exchange = item.exchange
        path = exchange.path.lower()
        parent, _, tail = path.partition(f"{_PROVIDER}/{kind.lower()}/")
        if exchange.method == "GET" and exchange.status == 200 and parent and tail and "/" not in tail:
            found.setdefault(path, Look(exchange.path, exchange.body))
    return found


def _addressed(recording: Recording) -> dict[tuple[str, str], str]:
    """Return resource group and machine (or nobody) of every exchange, with the machine's path in lower case."""
    found: dict[tuple[str, str], str] = {}
    for item in recording.items:
        parts = item.exchange.path.split("/")
        if len(parts) > 4 and parts[3].lower() == "resourcegroups":
            named = len(parts) > 8 and parts[7].lower() == "virtualmachines"
            found[parts[4], parts[8] if named else _NOBODY] = "/".join(parts[:9]).lower()
    # a machine that is named goes before nobody
    return dict(sorted(found.items(), key=lambda entry: entry[0][1] == _NOBODY))


def _machine(look: Look, disks: dict[str, Look]) -> dict[str, Any]:
    properties = look.body["properties"]
    view = properties.get("instanceView")
    codes = {status["code"] for status in (view or {}).get("statuses", [])}
    kept = {key: value for key, value in look.body.items() if key not in ("etag", "resources")}
    power = next((code.partition("/")[2] for code in codes if code.startswith("PowerState/")), "running")
    return {
        "name": look.body["name"],
        "resource_group": look.group,
        "platform": look.os_disk["osType"].lower(),
        "vm_id": properties["vmId"],
        "model": {"inline": merge(kept, {"properties": {"instanceView": None}})},
        "instance_view": {"inline": view} if view else {},
        "os_disk": _os_disk(look.os_disk, disks),
        "extensions": [{"inline": extension} for extension in look.body.get("resources", [])],
        "power": power,
        "generalized": "OSState/generalized" in codes,
        "guest": {"simulated": {}},
    }


def _os_disk(os_disk: dict[str, Any], disks: dict[str, Look]) -> dict[str, Any]:
    disk_id = os_disk.get("managedDisk", {}).get("id")
    if disk_id is None:  # an unmanaged disk is a blob, and no resource
        return {"inline": {}}
    if disk_id.lower() in disks:
        return {"inline": disks[disk_id.lower()].body}
    return {"document": f"{os_disk['osType'].lower()}-os-disk", "patch": {"id": disk_id, "name": os_disk["name"]}}


def _around(disk: Look) -> dict[str, Any]:
    """Return a machine that has the disk: in the lab each disk is one's."""
    named = {"properties": {"storageProfile": {"osDisk": {"managedDisk": {"id": disk.body["id"]}}}}}
    machine = _own(disk.group, f"{_NOBODY}-with-{disk.body['name']}")
    return machine | {"model": {"patch": named}, "os_disk": {"inline": disk.body}}


def _own(group: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "resource_group": group,
        "platform": "linux",
        "vm_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{group}/{name}")),
        "guest": {"simulated": {}},
    }
