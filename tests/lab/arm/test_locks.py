"""Management locks: listed with what is inherited, and refusing."""

from __future__ import annotations

import pytest

from lab.server import Lab
from tests.lab.machines import Arm, guest

LOCKS = "providers/Microsoft.Authorization/locks?api-version=2016-09-01"


def path_of(arm: Arm, name: str) -> str:
    return next(machine.id for machine in arm.running.scenario.machines if machine.name == name)


def disk_of(arm: Arm, name: str) -> str:
    machine = next(machine for machine in arm.running.scenario.machines if machine.name == name)
    return str(machine.os_disk["id"])


def test_a_vm_lists_its_own_locks_and_those_above_it(shared_arm: Arm) -> None:
    listed = shared_arm("GET", f"{path_of(shared_arm, 'locked01')}/{LOCKS}").json()["value"]
    group = f"/subscriptions/{shared_arm.running.subscription_id}/resourceGroups/rg-locked"
    assert listed == [
        {
            "properties": {"level": "CanNotDelete", "notes": "keep"},
            "id": f"{group}/providers/Microsoft.Authorization/locks/keep-group",
            "type": "Microsoft.Authorization/locks",
            "name": "keep-group",
        }
    ]
    assert shared_arm("GET", f"{shared_arm.machine}/{LOCKS}").json() == {"value": []}


def test_every_scope_lists_what_holds_there(shared_arm: Arm) -> None:
    subscription = f"/subscriptions/{shared_arm.running.subscription_id}"
    for scope, names in (
        (subscription, ["keep-group", "frozen"]),
        (f"{subscription}/resourceGroups/RG-LOCKED", ["keep-group"]),
        (f"{subscription}/resourceGroups/rg-test", ["frozen"]),
        (disk_of(shared_arm, "locked01"), ["keep-group"]),
        (disk_of(shared_arm, "readonly01"), []),
    ):
        listed = shared_arm("GET", f"{scope}/{LOCKS}").json()["value"]
        assert [lock["name"] for lock in listed] == names


@pytest.mark.parametrize("action", ["generalize", "powerOff", "deallocate", "start", "runCommand"])
def test_a_read_only_lock_refuses_every_post(shared: Lab, shared_arm: Arm, action: str) -> None:
    path = path_of(shared_arm, "readonly01")
    answer = shared_arm("POST", f"{path}/{action}")
    verb = "delete" if action == "deallocate" else "write"
    assert answer.status_code == 409
    assert answer.json()["error"] == {
        "code": "ScopeLocked",
        "message": f"The scope '{path}' cannot perform {verb} operation because following scope(s) are locked: "
        f"'{path}'. Please remove the lock and try again.",
    }
    assert guest(shared, "readonly01").state == "running"


def test_a_read_only_lock_refuses_a_change_of_tags(shared_arm: Arm) -> None:
    answer = shared_arm("PATCH", path_of(shared_arm, "readonly01"), json={"tags": {}})
    assert answer.json()["error"]["code"] == "ScopeLocked"


def test_a_can_not_delete_lock_of_the_group_refuses_the_deallocation_alone(arm: Arm) -> None:
    path = path_of(arm, "locked01")
    refused = arm("POST", f"{path}/deallocate")
    assert refused.json()["error"]["code"] == "ScopeLocked"
    assert refused.json()["error"]["message"].endswith(
        "'/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg-locked'. "
        "Please remove the lock and try again."
    )
    assert arm.settle(arm("POST", f"{path}/powerOff"))["status"] == "Succeeded"
    assert arm("POST", f"{path}/generalize").status_code == 200
