"""What ARM leaves out of an answer is unknown, and locks are looked for wherever they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.facts import AzureFacts
from runners.observe.azure import azure_facts
from tests.runners.runs import scenario, sealproof

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "azure"
VIEW: dict[str, Any] = {"statuses": [{"code": "PowerState/running"}], "disks": [{"name": "os"}]}


def facts(view: dict[str, Any]) -> AzureFacts:
    return azure_facts({}, [view], [], [], None)


def without(key: str) -> Sequence[dict[str, Any]]:
    return ({name: item for name, item in VIEW.items() if name != key}, VIEW | {key: None})


def test_a_view_with_everything_is_known() -> None:
    assert facts(VIEW).disk_encryption.known
    assert facts(VIEW).generalized.value == (False,)


@pytest.mark.parametrize("view", [*without("disks"), VIEW | {"disks": []}])
def test_a_view_without_disks_does_not_say_that_nothing_is_encrypted(view: dict[str, Any]) -> None:
    assert "`disks`" in facts(view).disk_encryption.to_json()["unknown"]


@pytest.mark.parametrize("view", without("statuses"))
def test_a_view_without_statuses_does_not_say_that_a_vm_is_not_generalized(view: dict[str, Any]) -> None:
    assert "`statuses`" in facts(view).generalized.to_json()["unknown"]


def test_azure_lists_the_disks_of_every_vm_whatever_its_power_state() -> None:
    if not RECORDINGS.exists():
        pytest.skip(f"the recorded exchanges are not here: {RECORDINGS}")
    states = set()
    for file in sorted(RECORDINGS.glob("*.json")):
        for item in json.loads(file.read_text()):
            body = item.get("response_body")
            properties = body.get("properties") if isinstance(body, dict) else None
            view = properties.get("instanceView") if isinstance(properties, dict) and "vmId" in properties else None
            if view:
                found = facts(view)
                assert found.disk_encryption.known, (file.name, item["seq"])
                states.add(found.power_state.value)
    assert {"running", "stopped", "deallocated"} <= states


@pytest.mark.parametrize(("scope", "times"), [("${disk_id}", 1), ("${group_id}", 1)])
def test_a_lock_on_the_os_disk_closes_the_gate_and_one_that_is_inherited_counts_once(
    tmp_path: Path, scope: str, times: int
) -> None:
    path = scenario(tmp_path, "debian01")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["machines"][0]["locks"] = [{"name": "frozen", "level": "ReadOnly", "scope": scope}]
    path.write_text(yaml.safe_dump(document), encoding="utf-8")

    run = sealproof(tmp_path, f"--lab={path}")

    row = run.rows("debian01", "pre")["AZ-LOCK-001"]
    assert row.outcome == "failed"
    assert [problem.where.endswith("/providers/Microsoft.Authorization/locks/frozen") for problem in row.problems] == [
        True
    ] * times
    assert not run.target("debian01").gate.open
    assert not run.writes("debian01")["virtualMachines.generalize"]
