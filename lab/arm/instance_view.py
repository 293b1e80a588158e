"""The instance view: the scenario's raw document, brought up to what the machine does now. Pure.

Recorded in test_vm_create_state_modifications (#52 stopped, #75 deallocated),
cli2021_test_vm_capture_zone_resilient_image (#17 generalized) and test_vm_create_with_default_trusted_launch (the agent
that never reported).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.arm import times
from lab.merge_patch import copy

_AFTER_DEALLOCATION = ("disks", "hyperVGeneration", "statuses")
_FROM_THE_AGENT = ("computerName", "osName", "osVersion", "extensions")
_UNAVAILABLE = {
    "code": "ProvisioningState/Unavailable",
    "level": "Warning",
    "displayStatus": "Not Ready",
    "message": "VM status blob is found but not yet populated.",
}


@dataclass(frozen=True, slots=True)
class Live:
    """What a machine does now."""

    power: str
    """`running`, `stopped`, `deallocated`, or on the way: `starting`, `stopping`, `deallocating`."""
    agent_answers: bool
    """Whether the agent inside answers; without meaning unless the power is `running`."""
    agent_seen: datetime
    """When the agent last answered."""
    changed: datetime
    """When the platform last changed the machine."""
    generalized: bool
    moment: datetime


def instance_view(document: dict[str, Any], live: Live) -> dict[str, Any]:
    """Return the instance view of a machine whose scenario says `document` and which does `live`."""
    view: dict[str, Any] = copy(document)
    if live.power == "deallocated":
        view = {key: value for key, value in view.items() if key in _AFTER_DEALLOCATION}
    elif live.power == "running" and not live.agent_answers:
        for key in _FROM_THE_AGENT:
            view.pop(key, None)
        view["vmAgent"] = {
            "vmAgentVersion": "Unknown",
            "statuses": [_UNAVAILABLE | {"time": times.coarse(live.moment)}],
        }
    elif "vmAgent" in view:
        for status in view["vmAgent"].get("statuses", []):
            status["time"] = times.coarse(live.agent_seen)
    view["statuses"] = _statuses(view.get("statuses", []), live)
    return view


def _statuses(documented: list[dict[str, Any]], live: Live) -> list[dict[str, Any]]:
    """Replace the power and the time; keep what else the document says; put OSState/generalized first."""
    statuses: list[dict[str, Any]] = []
    if live.generalized:
        statuses.append({"code": "OSState/generalized", "level": "Info", "displayStatus": "VM generalized"})
    for status in documented:
        code = str(status.get("code", ""))
        if code.startswith("PowerState/"):
            statuses.append({"code": f"PowerState/{live.power}", "level": "Info", "displayStatus": f"VM {live.power}"})
        elif code == "ProvisioningState/succeeded":
            statuses.append(status | {"time": times.fine(live.changed)})
        elif code != "OSState/generalized":
            statuses.append(status)
    return statuses
