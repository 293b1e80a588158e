"""Power and generalize, with the real refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.mgmt.compute import ComputeManagementClient

from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.lab.machines import Arm, compute, guest, memory_guest

GROUP, VM = "rg-Test", "Linux01"
SCENARIO = Path(__file__).parent / "scenario.yaml"


def codes(sdk: ComputeManagementClient) -> list[str]:
    return [str(status.code) for status in sdk.virtual_machines.instance_view(GROUP, VM).statuses or []]


def refusal(caught: pytest.ExceptionInfo[ResourceExistsError]) -> tuple[int | None, str, str]:
    assert caught.value.error is not None
    return caught.value.status_code, str(caught.value.error.code), str(caught.value.error.message)


def test_generalize_is_refused_while_running_in_azures_own_words(sdk: ComputeManagementClient) -> None:
    with pytest.raises(ResourceExistsError) as caught:
        sdk.virtual_machines.generalize(GROUP, VM)
    assert refusal(caught) == (
        409,
        "OperationNotAllowed",
        "Operation 'generalize' is not allowed on VM 'Linux01' since the VM is running. Please power off explicitly "
        "in case you shut down the VM from inside the guest operating system.",
    )
    assert "OSState/generalized" not in codes(sdk)


def test_a_shutdown_from_inside_shows_as_stopped_and_still_refuses_generalize(
    sdk: ComputeManagementClient, running: Lab
) -> None:
    guest(running, VM).state = "stopped"
    assert codes(sdk)[-1] == "PowerState/stopped"
    with pytest.raises(ResourceExistsError, match="since the VM is running"):
        sdk.virtual_machines.generalize(GROUP, VM)
    sdk.virtual_machines.begin_power_off(GROUP, VM).result()
    sdk.virtual_machines.generalize(GROUP, VM)
    assert guest(running, VM).power_offs == 0


def test_a_scenario_may_let_generalize_pass_after_a_shutdown_from_inside() -> None:
    scenario = load_scenario(SCENARIO)
    lenient = scenario.behaviour.model_copy(update={"generalize_after_guest_shutdown": "allowed"})
    chosen = scenario.model_copy(update={"behaviour": lenient})
    with serve(chosen, guests=memory_guest) as running, compute(running) as sdk:
        with pytest.raises(ResourceExistsError):
            sdk.virtual_machines.generalize(GROUP, VM)
        guest(running, VM).state = "stopped"
        sdk.virtual_machines.generalize(GROUP, VM)
        assert codes(sdk)[0] == "OSState/generalized"


@pytest.mark.parametrize("stop", ["begin_power_off", "begin_deallocate"])
def test_after_the_platform_stopped_it_generalize_answers_at_once(
    sdk: ComputeManagementClient, running: Lab, stop: str
) -> None:
    getattr(sdk.virtual_machines, stop)(GROUP, VM).result()
    assert guest(running, VM).state == "stopped"
    sdk.virtual_machines.generalize(GROUP, VM)
    assert codes(sdk)[0] == "OSState/generalized"


def test_generalize_answers_200_with_nothing_to_poll(arm: Arm) -> None:
    arm.settle(arm("POST", f"{arm.machine}/deallocate"))
    answer = arm("POST", f"{arm.machine}/generalize")
    assert (answer.status_code, answer.content) == (200, b"")
    assert not {"location", "azure-asyncoperation", "retry-after"} & {name.lower() for name in answer.headers}


def test_a_generalized_vm_never_starts_again(sdk: ComputeManagementClient, running: Lab) -> None:
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    sdk.virtual_machines.generalize(GROUP, VM)
    with pytest.raises(ResourceExistsError) as caught:
        sdk.virtual_machines.begin_start(GROUP, VM)
    assert refusal(caught) == (
        409,
        "OperationNotAllowed",
        "Operation 'Start VM' is not allowed on VM 'Linux01' since the VM is generalized.",
    )
    assert guest(running, VM).state == "stopped"


def test_a_stopped_vm_starts_again_with_a_new_etag(sdk: ComputeManagementClient, running: Lab) -> None:
    sdk.virtual_machines.begin_power_off(GROUP, VM).result()
    stopped = sdk.virtual_machines.get(GROUP, VM).etag
    sdk.virtual_machines.begin_start(GROUP, VM).result()
    assert guest(running, VM).state == "running"
    assert codes(sdk)[-1] == "PowerState/running"
    assert sdk.virtual_machines.get(GROUP, VM).etag != stopped


def test_the_agent_stays_ready_when_stopped_and_vanishes_when_deallocated(sdk: ComputeManagementClient) -> None:
    sdk.virtual_machines.begin_power_off(GROUP, VM).result()
    stopped = sdk.virtual_machines.instance_view(GROUP, VM)
    assert stopped.vm_agent is not None
    assert stopped.vm_agent.statuses is not None
    assert stopped.vm_agent.statuses[0].display_status == "Ready"
    first_time = stopped.vm_agent.statuses[0].time
    again = sdk.virtual_machines.instance_view(GROUP, VM)
    assert again.vm_agent is not None
    assert again.vm_agent.statuses is not None
    assert again.vm_agent.statuses[0].time == first_time
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    gone = sdk.virtual_machines.instance_view(GROUP, VM)
    assert gone.vm_agent is None
    assert gone.computer_name is None


def test_while_the_power_changes_other_operations_are_refused(arm: Arm, running: Lab) -> None:
    release = guest(running, VM).may_power_off
    release.clear()
    accepted = arm("POST", f"{arm.machine}/deallocate")
    view = arm("GET", f"{arm.machine}/instanceView").json()
    refused = [arm("POST", f"{arm.machine}/{name}") for name in ("powerOff", "start", "generalize", "deallocate")]
    release.set()
    assert arm.settle(accepted)["status"] == "Succeeded"
    assert view["statuses"][-1]["code"] == "PowerState/deallocating"
    for answer in refused:
        assert answer.status_code == 409
        assert "is changing power state of Virtual Machine Linux01 to deallocated" in answer.json()["error"]["message"]
