"""Virtual machines as the SDK sees them: get, list, tags, and names in any case."""

from __future__ import annotations

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import VirtualMachineUpdate

from lab.server import Lab
from tests.lab.machines import Arm, guest


def test_the_model_comes_without_the_instance_view_unless_asked(shared_sdk: ComputeManagementClient) -> None:
    plain = shared_sdk.virtual_machines.get("rg-Test", "Linux01")
    expanded = shared_sdk.virtual_machines.get("rg-Test", "Linux01", expand="instanceView")
    assert plain.instance_view is None
    assert [status.code for status in expanded.instance_view.statuses] == [
        "ProvisioningState/succeeded",
        "PowerState/running",
    ]
    assert plain.vm_id == expanded.vm_id == "00000000-0000-4000-8000-000000000001"
    assert plain.etag == '"1"'


def test_the_etag_header_comes_without_expand_only_as_recorded(shared_arm: Arm) -> None:
    assert shared_arm("GET", shared_arm.machine).headers["ETag"] == '"1"'
    expanded = shared_arm("GET", f"{shared_arm.machine}?$expand=instanceView&api-version=2026-04-01")
    assert "ETag" not in expanded.headers
    assert expanded.json()["etag"] == '"1"'


def test_names_and_ids_match_in_any_case(shared_arm: Arm) -> None:
    exact = shared_arm("GET", shared_arm.machine)
    for path in (shared_arm.machine.upper(), shared_arm.machine.lower()):
        answer = shared_arm("GET", path)
        assert answer.status_code == 200
        assert answer.json()["id"] == exact.json()["id"] == shared_arm.machine


def test_what_does_not_exist_is_arms_own_404(shared_arm: Arm) -> None:
    for path, code in (
        (f"{shared_arm.group}/providers/Microsoft.Compute/virtualMachines/none", "ResourceNotFound"),
        (f"{shared_arm.group}/providers/Microsoft.Compute/disks/none", "ResourceNotFound"),
        (shared_arm.machine.replace("rg-Test", "rg-none"), "ResourceGroupNotFound"),
        ("/subscriptions/00000000-0000-0000-0000-000000000000", "SubscriptionNotFound"),
    ):
        answer = shared_arm("GET", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)
        assert answer.headers["x-ms-failure-cause"] == "gateway"


def test_the_sdk_calls_it_resource_not_found(shared_sdk: ComputeManagementClient) -> None:
    with pytest.raises(ResourceNotFoundError, match=r"'Microsoft\.Compute/virtualMachines/none' under resource group"):
        shared_sdk.virtual_machines.get("rg-Test", "none")


def test_what_the_lab_does_not_play_says_so(shared_arm: Arm) -> None:
    answer = shared_arm("POST", f"{shared_arm.machine}/redeploy")
    assert answer.status_code == 501
    assert "does not play POST" in answer.json()["error"]["message"]


def test_lists_hold_the_group_and_the_subscription(shared_sdk: ComputeManagementClient) -> None:
    assert [vm.name for vm in shared_sdk.virtual_machines.list("RG-LOCKED")] == ["locked01"]
    assert len(list(shared_sdk.virtual_machines.list_all())) == 6


def test_status_only_gives_every_power_state_in_one_call(sdk: ComputeManagementClient, running: Lab) -> None:
    guest(running, "windows01").state = "stopped"
    before = len(running.requests)
    machines = {vm.name: vm for vm in sdk.virtual_machines.list_all(status_only="true")}
    power = {name: vm.instance_view.statuses[-1].code for name, vm in machines.items()}
    assert power["Linux01"] == "PowerState/running"
    assert power["windows01"] == "PowerState/stopped"
    assert power["private01"] == "PowerState/deallocated"
    arm_calls = [request for request in running.requests[before:] if not request.operation.startswith("token")]
    assert [request.operation for request in arm_calls] == ["virtualMachines/listAll"]


def test_a_patch_replaces_the_tags_and_changes_the_etag(sdk: ComputeManagementClient) -> None:
    before = sdk.virtual_machines.get("rg-Test", "Linux01")
    assert before.tags == {"owner": "team"}
    after = sdk.virtual_machines.begin_update(
        "rg-Test", "Linux01", VirtualMachineUpdate(tags={"claim": "run-1"})
    ).result()
    assert after.tags == {"claim": "run-1"}
    assert after.etag != before.etag
    assert after.provisioning_state == "Succeeded"


def test_a_patch_against_an_old_etag_is_a_412_and_changes_nothing(sdk: ComputeManagementClient) -> None:
    old = sdk.virtual_machines.get("rg-Test", "Linux01").etag
    update = sdk.virtual_machines.begin_update
    condition = MatchConditions.IfNotModified
    update("rg-Test", "Linux01", VirtualMachineUpdate(tags={"run": "1"}), etag=old, match_condition=condition).result()
    with pytest.raises(ResourceModifiedError) as caught:
        update("rg-Test", "Linux01", VirtualMachineUpdate(tags={"run": "2"}), etag=old, match_condition=condition)
    assert caught.value.status_code == 412
    assert caught.value.error is not None
    assert caught.value.error.code == "PreconditionFailed"
    assert sdk.virtual_machines.get("rg-Test", "Linux01").tags == {"run": "1"}


def test_a_patch_answers_200_updating_and_is_polled_without_a_location(arm: Arm) -> None:
    answer = arm("PATCH", arm.machine, json={"tags": {}})
    assert answer.status_code == 200
    assert answer.json()["properties"]["provisioningState"] == "Updating"
    assert "location" not in answer.headers
    assert arm.settle(answer)["status"] == "Succeeded"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"tags": {"a": 1}}', b'{"properties": {}}'])
def test_a_patch_of_anything_else_is_refused(arm: Arm, body: bytes) -> None:
    assert arm("PATCH", arm.machine, data=body).status_code in (400, 501)
    assert arm("GET", arm.machine).json()["tags"] == {"owner": "team"}


def test_extensions_are_listed_and_shown_in_the_model(shared_sdk: ComputeManagementClient, shared_arm: Arm) -> None:
    listed = shared_sdk.virtual_machine_extensions.list("rg-Test", "windows01").value
    assert listed is not None
    assert [(item["properties"]["publisher"], item["properties"]["type"]) for item in listed] == [
        ("Microsoft.Azure.Security", "AzureDiskEncryption")
    ]
    model = shared_arm("GET", shared_arm.machine.replace("Linux01", "windows01")).json()
    assert [item["name"] for item in model["resources"]] == ["AzureDiskEncryption"]
    assert "encryptionSettings" not in model["properties"]["storageProfile"]["osDisk"]
    in_lists = shared_arm("GET", shared_arm.machine.rpartition("/")[0]).json()["value"]
    assert [item["resources"] for item in in_lists if "resources" in item] == [[{"id": model["resources"][0]["id"]}]]


def test_a_deallocated_vm_tells_no_sizes_of_its_disks(arm: Arm) -> None:
    def disk() -> set[str]:
        shown = arm("GET", arm.machine).json()["properties"]["storageProfile"]["osDisk"]
        return {*shown, *shown["managedDisk"]}

    running = disk()
    arm.settle(arm("POST", f"{arm.machine}/deallocate"))
    assert running - disk() == {"diskSizeGB", "storageAccountType"}
    arm.settle(arm("POST", f"{arm.machine}/start"))
    assert disk() == running


def test_every_answer_carries_request_ids_and_what_is_left_of_the_throttle(shared_arm: Arm) -> None:
    answer = shared_arm("GET", shared_arm.machine)
    for name in ("x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id"):
        assert answer.headers[name]
    left = answer.headers["x-ms-ratelimit-remaining-resource"]
    assert left.startswith("Microsoft.Compute/LowCostGetSubscriptionMaximum;")
    assert "Microsoft.Compute/LowCostGetResource;" in left


def test_updates_of_a_vm_count_down_from_twelve(arm: Arm) -> None:
    left = []
    for _ in range(3):
        answer = arm("POST", f"{arm.machine}/generalize")
        left.append(answer.headers["x-ms-ratelimit-remaining-resource"].rpartition(";")[2])
    assert left == ["11", "10", "9"]
