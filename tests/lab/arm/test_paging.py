"""Lists on pages."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from lab.arm.paging import PAGE_SIZE
from lab.scenario import Scenario
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import Arm, compute, memory_guest

COUNT = 2 * PAGE_SIZE + 1


def many() -> Scenario:
    scenario = load_scenario(SCENARIO)
    model = scenario.machines[0]

    def numbered(number: int) -> object:
        name = f"vm{number:03}"
        text = (
            model.model_dump_json().replace("Linux01", name).replace(str(model.spec.vm_id), str(uuid.UUID(int=number)))
        )
        return type(model).model_validate_json(text.replace(model.spec.vm_id.hex, f"{number:032x}"))

    return scenario.model_copy(update={"machines": tuple(numbered(number) for number in range(COUNT))})


@pytest.fixture(scope="module")
def crowd() -> Iterator[Lab]:
    with serve(many(), guests=memory_guest) as lab:
        yield lab


def test_clients_that_follow_next_links_see_every_vm_once(crowd: Lab) -> None:
    names = [f"vm{number:03}" for number in range(COUNT)]
    with compute(crowd) as sdk:
        assert [vm.name for vm in sdk.virtual_machines.list_all()] == names
        assert [vm.name for vm in sdk.virtual_machines.list("rg-Test")] == names
        assert [vm.name for vm in sdk.virtual_machines.list_all(status_only="true")] == names
        assert len(list(sdk.disks.list())) == COUNT


def test_a_next_link_asks_for_the_same_list(crowd: Lab) -> None:
    arm = Arm(crowd)
    path = f"/subscriptions/{crowd.subscription_id}/providers/Microsoft.Compute/virtualMachines"
    first = arm("GET", f"{path}?statusOnly=true&api-version=2024-07-01").json()
    second = arm("GET", first["nextLink"]).json()
    third = arm("GET", second["nextLink"]).json()
    assert [len(page["value"]) for page in (first, second, third)] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert "nextLink" not in third
    assert list(third["value"][0]["properties"]) == ["vmId", "provisioningState", "instanceView"]
    assert arm("GET", f"{path}?$skipToken=none&api-version=2024-07-01").status_code == 400
    arm.close()


def test_a_list_that_fits_one_page_has_no_link(shared_arm: Arm) -> None:
    path = f"{shared_arm.group}/providers/Microsoft.Compute/virtualMachines"
    assert list(shared_arm("GET", path).json()) == ["value"]
