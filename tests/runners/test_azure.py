"""Talking to the lab's ARM over HTTPS, and errors that a stranger understands."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.principal import Principal, Role
from lab.scenario import Pace
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from runners.azure import Arm, power_state
from runners.cloud import Cloud
from runners.errors import AzureError, RefusedError
from runners.operation import Operation, settle
from runners.scheduler import ThreadScheduler
from tests.lab.machines import credential, memory_guest


@pytest.fixture
def running() -> Iterator[Lab]:
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario, guests=memory_guest) as lab:
        yield lab


def cloud_of(lab: Lab) -> Cloud:
    return Cloud(lab.endpoint, f"{lab.endpoint}/.default", lab.ca_file, lab=True, poll_seconds=0.02)


@pytest.fixture
def arm(running: Lab) -> Iterator[Arm]:
    arm = Arm(cloud_of(running), credential(running))
    yield arm
    arm.close()


def vm_id(lab: Lab, number: int = 0) -> str:
    return str(lab.fleet["targets"][number]["id"])


def do(operation: Operation) -> Any:
    scheduler = ThreadScheduler(2)
    try:
        return asyncio.run(settle(scheduler, operation))
    finally:
        scheduler.close()


def test_a_vm_is_read_whole(running: Lab, arm: Arm) -> None:
    vm = vm_id(running)
    model = arm.virtual_machine(vm)

    assert model["properties"]["vmId"] == running.fleet["targets"][0]["vm_id"]
    assert power_state(arm.instance_view(vm)) == "running"
    assert arm.extensions(vm) == []
    assert arm.locks(vm) == []
    assert arm.disk(model["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"])["properties"]["uniqueId"]


@pytest.mark.parametrize(("number", "platform"), [(0, "linux"), (1, "windows")])
def test_a_command_runs_in_the_guest_and_its_output_comes_back(
    running: Lab, arm: Arm, number: int, platform: str
) -> None:
    result = do(arm.begin_run_command(vm_id(running, number), platform, "one\ntwo\n"))

    assert "one\ntwo" in json.dumps(result["value"][0]["message"]).replace("\\n", "\n")


def test_the_way_to_the_flag_and_azure_s_refusals_on_it(running: Lab, arm: Arm) -> None:
    vm = vm_id(running)
    with pytest.raises(AzureError, match="since the VM is running") as refused:
        arm.generalize(vm)

    assert (refused.value.status, refused.value.code) == (409, "OperationNotAllowed")
    assert str(refused.value).startswith("flagging VM debian01 as generalized: HTTP 409")

    do(arm.begin_deallocate(vm))
    assert power_state(arm.instance_view(vm)) == "deallocated"
    arm.generalize(vm)
    assert arm.instance_view(vm)["statuses"][0]["code"] == "OSState/generalized"


def test_access_to_a_disk_is_granted_and_revoked(running: Lab, arm: Arm) -> None:
    vm = vm_id(running)
    disk = arm.virtual_machine(vm)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    do(arm.begin_deallocate(vm))

    granted = do(arm.begin_disk_access(disk, 600))
    assert granted["accessSAS"].startswith("https://")
    assert arm.disk(disk)["properties"]["diskState"] == "ActiveSAS"

    do(arm.begin_revoke_disk_access(disk))
    assert arm.disk(disk)["properties"]["diskState"] != "ActiveSAS"


def test_tags_come_and_go_one_by_one(running: Lab, arm: Arm) -> None:
    vm = vm_id(running)

    arm.merge_tags(vm, {"mine": "1"})
    arm.merge_tags(vm, {"yours": "2"})
    arm.delete_tags(vm, {"mine": "another value"})
    assert arm.read_tags(vm) == arm.virtual_machine(vm)["tags"] == {"mine": "1", "yours": "2"}

    arm.delete_tags(vm, {"mine": "1"})
    assert arm.read_tags(vm) == {"yours": "2"}


def test_the_serial_log_is_what_the_guest_wrote(running: Lab, arm: Arm) -> None:
    assert arm.serial_log(vm_id(running)) == b"booting\n"


def test_a_long_serial_log_is_cut_at_its_start(running: Lab, arm: Arm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runners.azure.MAX_SERIAL_LOG", 4)

    assert arm.serial_log(vm_id(running)) == b"ing\n"


def test_a_vm_that_is_not_there_is_named(running: Lab, arm: Arm) -> None:
    missing = vm_id(running).replace("debian01", "gone01")

    with pytest.raises(AzureError, match="reading VM gone01: HTTP 404 ResourceNotFound") as raised:
        arm.virtual_machine(missing)

    assert raised.value.status == 404


def test_a_wrong_secret_says_what_to_do_and_keeps_the_secret(running: Lab) -> None:
    arm = Arm(cloud_of(running), credential(running, secret="not-the-secret"))

    with pytest.raises(AzureError, match="reading VM debian01: not signed in: AADSTS7000215: Invalid client") as raised:
        arm.virtual_machine(vm_id(running))
    arm.close()

    assert raised.value.status == 401
    assert "az ad app credential reset --append" in str(raised.value)
    assert "not-the-secret" not in str(raised.value)


WATCHER = Principal(
    name="watcher",
    client_id=uuid.UUID(int=1),
    secret="watchers-secret",
    roles=(Role(actions=("*/read",), not_actions=("*/locks/read",), scope="/"),),
)
LATE = Principal(
    name="late", client_id=uuid.UUID(int=2), secret="late-secret", token_seconds=0, roles=(Role(scope="/"),)
)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Lab]:
    with serve(load_scenario("demo").model_copy(update={"principals": (WATCHER, LATE)}), guests=memory_guest) as lab:
        yield lab


@pytest.fixture
def watcher(guarded: Lab) -> Iterator[Arm]:
    arm = Arm(cloud_of(guarded), credential(guarded, principal=WATCHER))
    yield arm
    arm.close()


def test_a_missing_right_is_told_with_who_what_and_where(guarded: Lab, watcher: Arm) -> None:
    vm = vm_id(guarded)
    assert watcher.virtual_machine(vm)["name"] == "debian01"

    with pytest.raises(AzureError) as raised:
        watcher.locks(vm)

    assert (raised.value.status, raised.value.code) == (403, "AuthorizationFailed")
    assert str(raised.value).startswith(
        "listing the locks of VM debian01: not allowed: ask for a role (docs/azure-roles/) that lets the client "
        f"{WATCHER.client_id} (object id {WATCHER.object_id}) perform Microsoft.Authorization/locks/read over "
        f"{vm}/providers/Microsoft.Authorization (HTTP 403 AuthorizationFailed). A role"
    )


def test_an_act_without_its_right_was_not_begun(guarded: Lab, watcher: Arm) -> None:
    vm = vm_id(guarded)
    with pytest.raises(RefusedError, match=r"perform Microsoft\.Compute/virtualMachines/runCommand/action over"):
        watcher.begin_run_command(vm, "linux", "id", once=True)
    with pytest.raises(AzureError, match=r"perform Microsoft\.Compute/virtualMachines/generalize/action over"):
        watcher.generalize(vm)

    assert power_state(watcher.instance_view(vm)) == "running"


@pytest.mark.parametrize("read", [Arm.virtual_machine, Arm.locks])
def test_an_expired_token_says_to_sign_in_again(guarded: Lab, read: Callable[[Arm, str], object]) -> None:
    arm = Arm(cloud_of(guarded), credential(guarded, principal=LATE))

    with pytest.raises(AzureError, match=r"not signed in: HTTP 401 ExpiredAuthenticationToken: .*\. Sign in again"):
        read(arm, vm_id(guarded))
    arm.close()
