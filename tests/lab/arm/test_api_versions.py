"""Several api-versions at once."""

from __future__ import annotations

import pytest

from lab.arm.api_versions import resource_type
from lab.arm.routes import OPERATIONS
from tests.lab.machines import Arm


def test_a_call_without_api_version_is_refused(shared_arm: Arm) -> None:
    answer = shared_arm("GET", f"{shared_arm.machine}?x=api-version")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MissingApiVersionParameter")


@pytest.mark.parametrize("version", ["2026-04-01", "2025-11-01", "2024-11-01", "2024-07-01", "2022-11-01"])
def test_the_versions_of_the_azure_cli_and_the_sdk_are_taken_for_vms(shared_arm: Arm, version: str) -> None:
    assert shared_arm("GET", f"{shared_arm.machine}?api-version={version}").status_code == 200


def test_disks_have_versions_of_their_own(shared_arm: Arm) -> None:
    disk = shared_arm.running.scenario.machines[0].os_disk["id"]
    for version, status in (("2026-03-02", 200), ("2025-01-02", 200), ("2023-10-02", 200), ("2024-07-01", 400)):
        assert shared_arm("GET", f"{disk}?api-version={version}").status_code == status


def test_a_resource_in_an_unknown_version_is_refused_in_arms_words(shared_arm: Arm) -> None:
    answer = shared_arm("GET", f"{shared_arm.machine}?api-version=1999-01-01")
    assert answer.status_code == 400
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    error = answer.json()["error"]
    assert error["code"] == "NoRegisteredProviderFound"
    assert error["message"].startswith(
        "No registered resource provider found for location 'westeurope' and API version '1999-01-01' for type "
        "'virtualMachines'. The supported api-versions are '2026-04-01, "
    )


def test_a_list_in_an_unknown_version_is_a_missing_type(shared_arm: Arm) -> None:
    answer = shared_arm("GET", f"{shared_arm.group}/providers/Microsoft.Compute/disks?api-version=2024-07-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "InvalidResourceType")
    told = "The resource type 'disks' could not be found in the namespace 'Microsoft.Compute' for api version "
    assert answer.json()["error"]["message"].startswith(f"{told}'2024-07-01'.")


def test_arm_itself_names_the_versions_that_it_knows(shared_arm: Arm) -> None:
    for path in ("/subscriptions", shared_arm.group):
        answer = shared_arm("GET", f"{path}?api-version=2016-03-30")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidApiVersionParameter")
        assert "The api-version '2016-03-30' is invalid. The supported versions are '" in answer.text


def test_old_versions_have_no_etag_in_the_body_as_recorded(shared_arm: Arm) -> None:
    assert "etag" in shared_arm("GET", f"{shared_arm.machine}?api-version=2024-07-01").json()
    assert "etag" not in shared_arm("GET", f"{shared_arm.machine}?api-version=2020-06-01").json()


def test_every_operation_knows_whose_versions_it_has() -> None:
    kinds = {operation.name: resource_type(operation.path) for operation in OPERATIONS}
    assert kinds["runCommands/put"] == "Microsoft.Compute/virtualMachines"
    assert kinds["operations/get"] == "Microsoft.Compute/locations/operations"
    assert kinds["DiskOperations/get"] == "Microsoft.Compute/locations/DiskOperations"
    assert kinds["locks/listAtDisk"] == "Microsoft.Authorization/locks"
    assert kinds["subscriptions/get"] == kinds["resourceGroups/get"] == ""
