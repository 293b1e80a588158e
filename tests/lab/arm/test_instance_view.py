"""The instance view: pure, from a document and what the machine does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.arm.instance_view import Live, instance_view

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)
SEEN = datetime(2026, 3, 1, 11, 0, 0, 0, UTC)
CHANGED = datetime(2026, 3, 1, 10, 0, 0, 0, UTC)
RUNNING = Live("running", agent_answers=True, agent_seen=NOW, changed=CHANGED, generalized=False, moment=NOW)

DOCUMENT: dict[str, Any] = {
    "computerName": "web01",
    "osName": "debian",
    "osVersion": "12",
    "vmAgent": {
        "vmAgentVersion": "2.9.1.1",
        "statuses": [{"code": "ProvisioningState/succeeded", "displayStatus": "Ready", "time": "old"}],
        "extensionHandlers": [],
    },
    "disks": [{"name": "disk"}],
    "extensions": [{"name": "extension"}],
    "hyperVGeneration": "V2",
    "statuses": [
        {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"},
        {"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
    ],
}


def codes(view: dict[str, Any]) -> list[str]:
    return [status["code"] for status in view["statuses"]]


def test_a_running_machine_shows_its_document_with_the_agent_seen_now() -> None:
    view = instance_view(DOCUMENT, RUNNING)
    assert view["vmAgent"]["statuses"][0]["time"] == "2026-03-01T12:00:00+00:00"
    assert view["statuses"][0]["time"] == "2026-03-01T10:00:00.0000000+00:00"
    assert codes(view) == ["ProvisioningState/succeeded", "PowerState/running"]


def test_a_stopped_machine_keeps_the_agent_ready_with_its_old_time() -> None:
    view = instance_view(DOCUMENT, replace(RUNNING, power="stopped", agent_answers=False, agent_seen=SEEN))
    assert view["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"
    assert view["vmAgent"]["statuses"][0]["time"] == "2026-03-01T11:00:00+00:00"
    assert view["computerName"] == "web01"
    assert codes(view) == ["ProvisioningState/succeeded", "PowerState/stopped"]


def test_a_deallocated_machine_shows_disks_generation_and_statuses_alone() -> None:
    view = instance_view(DOCUMENT, replace(RUNNING, power="deallocated"))
    assert set(view) == {"disks", "hyperVGeneration", "statuses"}


@pytest.mark.parametrize("power", ["stopped", "deallocated"])
def test_generalized_comes_first_and_takes_nothing_away(power: str) -> None:
    view = instance_view(DOCUMENT, replace(RUNNING, power=power, generalized=True))
    assert view["statuses"][0] == {
        "code": "OSState/generalized",
        "level": "Info",
        "displayStatus": "VM generalized",
    }
    assert codes(view)[1:] == ["ProvisioningState/succeeded", f"PowerState/{power}"]


def test_a_silent_agent_is_not_ready_and_what_it_told_is_gone() -> None:
    view = instance_view(DOCUMENT, replace(RUNNING, agent_answers=False))
    assert view["vmAgent"] == {
        "vmAgentVersion": "Unknown",
        "statuses": [
            {
                "code": "ProvisioningState/Unavailable",
                "level": "Warning",
                "displayStatus": "Not Ready",
                "message": "VM status blob is found but not yet populated.",
                "time": "2026-03-01T12:00:00+00:00",
            }
        ],
    }
    assert not {"computerName", "osName", "extensions"} & set(view)
    assert codes(view) == ["ProvisioningState/succeeded", "PowerState/running"]


def test_a_document_without_a_power_state_stays_without_one() -> None:
    view = instance_view(DOCUMENT | {"statuses": DOCUMENT["statuses"][:1]}, RUNNING)
    assert codes(view) == ["ProvisioningState/succeeded"]


def test_other_statuses_of_the_document_stay() -> None:
    hibernated = {"code": "HibernationState/Hibernated", "displayStatus": "VM hibernated"}
    view = instance_view(DOCUMENT | {"statuses": [*DOCUMENT["statuses"], hibernated]}, RUNNING)
    assert view["statuses"][-1] == hibernated


def test_the_document_itself_is_never_changed() -> None:
    before = repr(DOCUMENT)
    instance_view(DOCUMENT, replace(RUNNING, power="stopped", generalized=True))
    assert repr(DOCUMENT) == before
