"""The tags resource."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import VirtualMachineUpdate

from tests.lab.machines import Arm

TAGS = "providers/Microsoft.Resources/tags/default?api-version=2021-04-01"


def body(operation: str, **tags: Any) -> dict[str, Any]:
    return {"operation": operation, "properties": {"tags": tags}}


def tags_of(arm: Arm) -> dict[str, str]:
    tags: dict[str, str] = arm("GET", arm.machine).json()["tags"]
    return tags


def test_they_are_the_tags_of_the_vm(arm: Arm, sdk: ComputeManagementClient) -> None:
    assert arm("GET", f"{arm.machine}/{TAGS}").json() == {
        "id": f"{arm.machine}/providers/Microsoft.Resources/tags/default",
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": {"tags": {"owner": "team"}},
    }
    sdk.virtual_machines.begin_update("rg-Test", "Linux01", VirtualMachineUpdate(tags={"run": "1"})).result()
    assert arm("GET", f"{arm.machine}/{TAGS}").json()["properties"]["tags"] == {"run": "1"}


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (body("Merge", run="1"), {"owner": "team", "run": "1"}),
        (body("merge", OWNER="you"), {"owner": "you"}),
        (body("Replace", run="1"), {"run": "1"}),
        (body("Delete", Owner="team"), {}),
        (body("Delete", owner=""), {}),
        (body("Delete", owner="you", none=""), {"owner": "team"}),
    ],
)
def test_a_patch_changes_them_and_the_vms_etag(arm: Arm, sent: dict[str, Any], left: dict[str, str]) -> None:
    before = arm("GET", arm.machine).headers["ETag"]
    answer = arm("PATCH", f"{arm.machine}/{TAGS}", json=sent)
    assert (answer.status_code, answer.json()["properties"]["tags"]) == (200, left)
    assert tags_of(arm) == left
    assert arm("GET", arm.machine).headers["ETag"] != before


def test_put_replaces_them_and_delete_removes_all(arm: Arm) -> None:
    answer = arm("PUT", f"{arm.machine}/{TAGS}", json={"properties": {"tags": {"run": "1"}}})
    assert (answer.status_code, tags_of(arm)) == (200, {"run": "1"})
    assert arm("DELETE", f"{arm.machine}/{TAGS}").status_code == 200
    assert tags_of(arm) == {}


def test_a_group_has_them_too(arm: Arm) -> None:
    arm("PATCH", f"{arm.group}/{TAGS}", json=body("Merge", cost="1"))
    assert arm("GET", arm.group).json()["tags"] == {"cost": "1"}
    assert tags_of(arm) == {"owner": "team"}


def test_a_lock_keeps_them(arm: Arm) -> None:
    locked = arm.machine.replace("Linux01", "readonly01")
    for method in ("PUT", "PATCH", "DELETE"):
        answer = arm(method, f"{locked}/{TAGS}", json=body("Merge", run="1"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ScopeLocked")


@pytest.mark.parametrize(
    "sent", [{}, {"properties": {"tags": {}}}, body("Merge", a=1), {"operation": "Merge", "properties": {"tags": []}}]
)
def test_anything_else_is_refused(shared_arm: Arm, sent: dict[str, Any]) -> None:
    assert shared_arm("PATCH", f"{shared_arm.machine}/{TAGS}", json=sent).status_code == 400
    assert tags_of(shared_arm) == {"owner": "team"}
