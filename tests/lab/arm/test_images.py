"""Managed images."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import Image

from tests.lab.machines import Arm

GROUP, VM, NAME = "rg-Test", "Linux01", "golden"


def body(arm: Arm, **more: Any) -> dict[str, Any]:
    properties = {"sourceVirtualMachine": {"id": arm.machine}, "hyperVGeneration": "V2"}
    return {"location": "westeurope", "properties": properties | more}


@pytest.fixture
def path(arm: Arm) -> str:
    return f"{arm.group}/providers/Microsoft.Compute/images/{NAME}"


@pytest.fixture
def generalized(sdk: ComputeManagementClient) -> None:
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    sdk.virtual_machines.generalize(GROUP, VM)


@pytest.mark.usefixtures("generalized")
def test_an_image_is_made_from_a_generalized_vm(arm: Arm, sdk: ComputeManagementClient) -> None:
    made = sdk.images.begin_create_or_update(GROUP, NAME, Image(body(arm))).result()
    disk = made.storage_profile.os_disk
    assert (made.provisioning_state, disk.os_state, disk.disk_size_gb) == ("Succeeded", "Generalized", 30)
    assert disk.managed_disk.id == arm.running.scenario.machines[0].os_disk["id"]
    assert [image.name for image in sdk.images.list()] == [NAME]
    assert [image.name for image in sdk.images.list_by_resource_group("rg-locked")] == []
    sdk.images.begin_delete(GROUP, NAME).result()
    with pytest.raises(ResourceNotFoundError, match="images/golden' under resource group"):
        sdk.images.get(GROUP, NAME)


def test_a_vm_that_is_not_generalized_makes_none(arm: Arm, sdk: ComputeManagementClient) -> None:
    refusal = "The operation 'Create Image' requires the Virtual Machine 'Linux01' to be Generalized"
    with pytest.raises(ResourceExistsError, match=refusal):
        sdk.images.begin_create_or_update(GROUP, NAME, Image(body(arm)))
    assert list(sdk.images.list()) == []


@pytest.mark.usefixtures("generalized")
def test_put_is_201_then_200_and_sizes_come_when_it_is_complete(arm: Arm, path: str) -> None:
    created = arm("PUT", path, json=body(arm))
    assert (created.status_code, created.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert "diskSizeGB" not in created.json()["properties"]["storageProfile"]["osDisk"]
    assert "location" not in created.headers
    arm.settle(created)
    again = arm("PUT", path, json=body(arm) | {"tags": {"foo": "bar"}})
    assert (again.status_code, again.json()["properties"]["provisioningState"]) == (200, "Updating")
    assert again.json()["tags"] == {"foo": "bar"}
    arm.settle(again)
    other = body(arm, sourceVirtualMachine={"id": arm.machine.replace(VM, "windows01")})
    assert arm("PUT", path, json=other).json()["error"]["code"] == "PropertyChangeNotAllowed"
    arm.settle(arm("DELETE", path))
    assert arm("DELETE", path).status_code == 204


def test_what_is_no_image_of_a_vm_is_refused(shared_arm: Arm) -> None:
    path = f"{shared_arm.group}/providers/Microsoft.Compute/images/{NAME}"
    for sent, status in (
        ({"properties": {}}, 400),
        ({"location": "westeurope", "properties": {"storageProfile": {}}}, 501),
        (body(shared_arm, sourceVirtualMachine={"id": "/none"}), 404),
        (body(shared_arm) | {"tags": "a"}, 400),
    ):
        assert shared_arm("PUT", path, json=sent).status_code == status
