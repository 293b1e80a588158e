"""Snapshots, and lists of disks."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import GrantAccessData, Snapshot

from lab.arm.vhd import FOOTER_SIZE
from lab.server import Lab
from tests.lab.machines import DISK, Arm, guest

GROUP, VM, NAME = "rg-Test", "Linux01", "before"
READ = GrantAccessData(access="Read", duration_in_seconds=600)
READ_BODY = {"access": "Read", "durationInSeconds": 600}


def body(source: str = "", option: str = "Copy", **more: Any) -> dict[str, Any]:
    creation = {"createOption": option} | ({"sourceResourceId": source} if source else {})
    return {"location": "westeurope", "properties": {"creationData": creation, **more}}


def read(sdk: ComputeManagementClient, running: Lab, name: str = NAME) -> bytes:
    url = str(sdk.snapshots.begin_grant_access(GROUP, name, READ).result().access_sas)
    return requests.get(url, verify=str(running.ca_file), timeout=20).content


@pytest.fixture
def disk(running: Lab) -> str:
    return str(running.scenario.machines[0].os_disk["id"])


@pytest.fixture
def create(sdk: ComputeManagementClient, disk: str) -> Any:
    def begin(name: str = NAME, **options: Any) -> Snapshot:
        given = {"source": disk} | options
        return sdk.snapshots.begin_create_or_update(GROUP, name, Snapshot(body(**given))).result()

    return begin


@pytest.fixture
def path(arm: Arm) -> str:
    return f"{arm.group}/providers/Microsoft.Compute/snapshots/{NAME}"


def test_a_snapshot_holds_the_disk_as_it_was_although_the_vm_goes_on(
    create: Any, sdk: ComputeManagementClient, running: Lab
) -> None:
    made = create()
    guest(running, VM).disk = bytes(len(DISK))
    assert (made.provisioning_state, made.disk_state, made.disk_size_bytes) == ("Succeeded", "Unattached", len(DISK))
    content = read(sdk, running)
    assert content[: len(DISK)] == DISK
    assert content[len(DISK) :][:8] == b"conectix"
    assert len(content) == len(DISK) + FOOTER_SIZE


def test_it_tells_what_it_was_made_from(create: Any, disk: str, running: Lab) -> None:
    made = create(incremental=True)
    source = running.scenario.machines[0].os_disk["properties"]
    assert made.creation_data.source_resource_id == disk
    assert made.creation_data.source_unique_id == source["uniqueId"] != made.unique_id
    assert (made.os_type, made.hyper_v_generation, made.incremental) == ("Linux", "V2", True)
    assert create("other", incremental=True).incremental_snapshot_family_id == made.incremental_snapshot_family_id
    assert create("full").incremental_snapshot_family_id is None


def test_a_snapshot_of_a_snapshot_holds_the_same(create: Any, sdk: ComputeManagementClient, running: Lab) -> None:
    first = create()
    guest(running, VM).disk = bytes(len(DISK))
    second = create("copy", source=first.id)
    assert second.creation_data.source_unique_id == first.unique_id
    assert read(sdk, running, "copy")[: len(DISK)] == DISK


def test_an_empty_one_is_as_large_as_asked_and_full_of_zeros(arm: Arm, path: str, running: Lab) -> None:
    arm.settle(arm("PUT", path, json=body(option="Empty", diskSizeGB=1)))
    url = arm.settle(arm("POST", f"{path}/beginGetAccess", json=READ_BODY))["properties"]["output"]["accessSAS"]
    options: dict[str, Any] = {"verify": str(running.ca_file), "timeout": 20}
    assert requests.head(url, **options).headers["Content-Length"] == str((1 << 30) + FOOTER_SIZE)
    assert requests.get(url, headers={"Range": "bytes=1048576-1049599"}, **options).content == bytes(1024)


def test_it_is_listed_and_deleted(create: Any, sdk: ComputeManagementClient, arm: Arm, path: str) -> None:
    create()
    assert [item.name for item in sdk.snapshots.list()] == [NAME]
    assert [item.name for item in sdk.snapshots.list_by_resource_group("RG-test")] == [NAME]
    assert list(sdk.snapshots.list_by_resource_group("rg-locked")) == []
    sdk.snapshots.begin_delete(GROUP, NAME).result()
    assert list(sdk.snapshots.list()) == []
    assert arm("DELETE", path).status_code == 204
    with pytest.raises(ResourceNotFoundError, match="snapshots/before' under resource group"):
        sdk.snapshots.get(GROUP, NAME)


def test_a_shared_snapshot_is_not_deleted_until_its_url_is_worthless(
    create: Any, sdk: ComputeManagementClient, running: Lab
) -> None:
    create()
    url = str(sdk.snapshots.begin_grant_access(GROUP, NAME, READ).result().access_sas)
    assert sdk.snapshots.get(GROUP, NAME).disk_state == "ActiveSAS"
    with pytest.raises(ResourceExistsError, match="active shared access signature outstanding"):
        sdk.snapshots.begin_delete(GROUP, NAME)
    sdk.snapshots.begin_revoke_access(GROUP, NAME).result()
    assert requests.get(url, verify=str(running.ca_file), timeout=20).status_code == 403
    sdk.snapshots.begin_delete(GROUP, NAME).result()


def test_an_old_one_changes_all_but_its_source(create: Any, disk: str, arm: Arm, path: str) -> None:
    made = create()
    changed = create(networkAccessPolicy="DenyAll")
    assert (changed.unique_id, changed.network_access_policy) == (made.unique_id, "DenyAll")
    assert arm("POST", f"{path}/beginGetAccess", json=READ_BODY).status_code == 409
    refused = arm("PUT", path, json=body(option="Empty", diskSizeGB=1))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "PropertyChangeNotAllowed")


def test_the_put_is_accepted_with_the_document_as_it_was_given(arm: Arm, path: str, disk: str) -> None:
    answer = arm("PUT", path, json=body(disk))
    assert answer.status_code == 202
    assert answer.json()["properties"] == body(disk)["properties"] | {"provisioningState": "Updating"}
    assert "/DiskOperations/" in answer.headers["azure-asyncoperation"]
    assert arm.settle(answer)["properties"]["output"] == arm("GET", path).json()


def test_of_a_real_guest_that_runs_none_is_taken(create: Any, running: Lab) -> None:
    machine = guest(running, VM)
    machine.provenance = "real"
    with pytest.raises(ResourceExistsError, match="while the real guest of VM 'Linux01' runs"):
        create()
    machine.state = "stopped"
    assert create().provisioning_state == "Succeeded"


def test_a_guest_that_fails_leaves_no_snapshot(
    create: Any, sdk: ComputeManagementClient, running: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("no space left")

    monkeypatch.setattr(guest(running, VM), "freeze_disk", fail)
    with pytest.raises(HttpResponseError, match="no space left"):
        create()
    assert list(sdk.snapshots.list()) == []


def test_a_locked_group_keeps_its_snapshots(arm: Arm) -> None:
    disk = str(arm.running.scenario.machines[2].os_disk["id"])
    path = f"{arm.group.replace('rg-Test', 'rg-locked')}/providers/Microsoft.Compute/snapshots/{NAME}"
    arm.settle(arm("PUT", path, json=body(disk)))
    assert arm("DELETE", path).json()["error"]["code"] == "ScopeLocked"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"properties": {}}, 400),
        ({"location": "westeurope", "properties": {}}, 400),
        (body(option="Import"), 501),
        (body(option="Empty"), 400),
        (body("/subscriptions/none"), 404),
        (body(option="Empty", diskSizeGB=1) | {"tags": []}, 400),
    ],
)
def test_what_can_not_be_made_is_refused(shared_arm: Arm, sent: dict[str, Any], status: int) -> None:
    path = f"{shared_arm.group}/providers/Microsoft.Compute/snapshots/{NAME}"
    assert shared_arm("PUT", path, json=sent).status_code == status
    assert shared_arm("GET", path).status_code == 404


def test_disks_are_listed_by_group_and_subscription(shared_sdk: ComputeManagementClient) -> None:
    assert len(list(shared_sdk.disks.list())) == 6
    listed = list(shared_sdk.disks.list_by_resource_group("RG-LOCKED"))
    assert [str(item.managed_by).rpartition("/")[2] for item in listed] == ["locked01"]
    assert listed[0].disk_size_bytes == len(DISK)
