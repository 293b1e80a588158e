"""Managed Run Command."""

from __future__ import annotations

import subprocess
import threading
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import VirtualMachineRunCommand, VirtualMachineRunCommandUpdate

from lab.guests.guest import ScriptResult
from lab.server import Lab
from tests.lab.machines import Arm, guest

GROUP, VM, NAME = "rg-Test", "Linux01", "observe"
PLACE = (GROUP, VM, NAME)
HELLO = {"source": {"script": "echo hello"}}


def command(**properties: Any) -> VirtualMachineRunCommand:
    return VirtualMachineRunCommand(body(**properties))


def body(**properties: Any) -> dict[str, Any]:
    return {"location": "westeurope", "properties": HELLO | properties}


def shell(script: str) -> ScriptResult:
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=False)
    return ScriptResult(done.stdout, done.stderr, done.returncode)


def view(sdk: ComputeManagementClient) -> Any:
    return sdk.virtual_machine_run_commands.get_by_virtual_machine(*PLACE, expand="instanceView").instance_view


@pytest.fixture
def path(arm: Arm) -> str:
    return f"{arm.machine}/runCommands/{NAME}"


@pytest.fixture
def run(sdk: ComputeManagementClient, running: Lab) -> Any:
    """Create the run command in a guest with a real shell and wait for its operation."""
    guest(running, VM).script = shell
    create = sdk.virtual_machine_run_commands.begin_create_or_update
    return lambda **properties: create(*PLACE, command(**properties)).result()


def test_the_script_runs_and_its_streams_and_exit_code_are_in_the_instance_view(
    run: Any, sdk: ComputeManagementClient
) -> None:
    created = run(source={"script": "echo out; echo err >&2"})
    assert (created.provisioning_state, created.timeout_in_seconds, created.instance_view) == ("Succeeded", 0, None)
    seen = view(sdk)
    assert (seen.execution_state, seen.exit_code, seen.output, seen.error) == ("Succeeded", 0, "out\n", "err\n")
    assert seen.start_time <= seen.end_time


def test_a_failed_script_is_a_succeeded_operation(run: Any, sdk: ComputeManagementClient) -> None:
    assert run(source={"script": "no-such-program"}).provisioning_state == "Succeeded"
    seen = view(sdk)
    assert (seen.execution_state, seen.exit_code) == ("Failed", 127)
    assert seen.execution_message.endswith("command terminated with exit status=127")


def test_a_failed_script_fails_the_operation_where_the_client_asks_for_it(
    run: Any, sdk: ComputeManagementClient
) -> None:
    with pytest.raises(HttpResponseError, match="exit status=3") as caught:
        run(source={"script": "exit 3"}, treatFailureAsDeploymentFailure=True)
    assert caught.value.error is not None
    assert caught.value.error.code == "VMExtensionProvisioningError"
    assert sdk.virtual_machine_run_commands.get_by_virtual_machine(*PLACE).provisioning_state == "Failed"
    assert view(sdk).exit_code == 3


def test_only_the_last_4096_bytes_of_a_stream_are_kept(run: Any, sdk: ComputeManagementClient) -> None:
    run(source={"script": "printf %05000d 7"})
    assert view(sdk).output == "0" * 4095 + "7"


def test_parameters_reach_the_script_and_protected_ones_are_never_told(run: Any, arm: Arm, path: str) -> None:
    run(
        source={"script": 'echo "$share/$secret"'},
        parameters=[{"name": "share", "value": "s1"}],
        protectedParameters=[{"name": "secret", "value": "hunter2"}],
    )
    answer = arm("GET", f"{path}?$expand=instanceView&api-version=2026-04-01").json()
    assert answer["properties"].pop("instanceView")["output"] == "s1/hunter2\n"
    assert answer["properties"]["parameters"] == [{"name": "share", "value": "s1"}]
    assert "hunter2" not in repr(answer)
    assert "protected" not in repr(answer)


def test_a_script_that_should_run_as_somebody_else_fails_and_says_why(
    run: Any, sdk: ComputeManagementClient, arm: Arm, path: str
) -> None:
    assert run(runAsUser="app", runAsPassword="hunter2").provisioning_state == "Succeeded"
    seen = view(sdk)
    assert seen.execution_state == "Failed"
    assert "runAsUser" in seen.execution_message
    assert "hunter2" not in arm("GET", path).text


def test_a_script_that_takes_too_long_is_given_up(sdk: ComputeManagementClient, running: Lab) -> None:
    release = threading.Event()

    def wait(_script: str) -> ScriptResult:
        release.wait(20)
        return ScriptResult(b"", b"", 0)

    guest(running, VM).script = wait
    sdk.virtual_machine_run_commands.begin_create_or_update(*PLACE, command(timeoutInSeconds=1)).result()
    release.set()
    assert view(sdk).execution_state == "TimedOut"


def test_an_asynchronous_one_is_provisioned_while_its_script_runs(sdk: ComputeManagementClient, running: Lab) -> None:
    release, ended = threading.Event(), threading.Event()

    def wait(_script: str) -> ScriptResult:
        release.wait(20)
        ended.set()
        return ScriptResult(b"done\n", b"", 0)

    guest(running, VM).script = wait
    create = sdk.virtual_machine_run_commands.begin_create_or_update
    assert create(*PLACE, command(asyncExecution=True)).result().provisioning_state == "Succeeded"
    assert view(sdk).execution_state == "Running"
    release.set()
    assert ended.wait(20)
    states = (view(sdk).execution_state for _ in range(1000))
    assert next(state for state in states if state != "Running") == "Succeeded"
    assert view(sdk).output == "done\n"


def test_it_is_changed_by_patch_and_run_again(run: Any, sdk: ComputeManagementClient) -> None:
    run(parameters=[{"name": "who", "value": "a"}])
    update = VirtualMachineRunCommandUpdate({"properties": {"source": {"script": "echo $who again"}}})
    changed = sdk.virtual_machine_run_commands.begin_update(*PLACE, update).result()
    assert changed.source.script == "echo $who again"
    assert view(sdk).output == "a again\n"


def test_it_stays_on_the_vm_until_it_is_deleted(run: Any, sdk: ComputeManagementClient, arm: Arm, path: str) -> None:
    run()
    commands = sdk.virtual_machine_run_commands
    assert [item.name for item in commands.list_by_virtual_machine(GROUP, VM)] == [NAME]
    commands.begin_delete(*PLACE).result()
    assert list(commands.list_by_virtual_machine(GROUP, VM)) == []
    with pytest.raises(ResourceNotFoundError, match="runCommands/observe' under resource group"):
        commands.get_by_virtual_machine(*PLACE)
    assert arm("DELETE", path).status_code == 204


def test_put_is_201_then_200_and_is_polled_without_a_location(arm: Arm, path: str) -> None:
    created = arm("PUT", path, json=body())
    assert (created.status_code, created.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert "location" not in created.headers
    assert "properties" not in arm.settle(created)
    again = arm("PUT", path.upper(), json=body())
    assert (again.status_code, again.json()["properties"]["provisioningState"]) == (200, "Updating")
    assert again.json()["id"] == created.json()["id"]
    arm.settle(again)
    deleted = arm("DELETE", path)
    assert (deleted.status_code, "location" in deleted.headers) == (202, True)


@pytest.mark.parametrize("power", ["from inside", "powerOff", "deallocate"])
def test_a_vm_that_does_not_run_refuses(arm: Arm, running: Lab, path: str, power: str) -> None:
    arm.settle(arm("PUT", path, json=body()))
    if power == "from inside":
        guest(running, VM).state = "stopped"
    else:
        arm.settle(arm("POST", f"{arm.machine}/{power}"))
    for answer in (
        arm("PUT", path, json=body()),
        arm("PATCH", path, json={"properties": HELLO}),
        arm("DELETE", path),
    ):
        assert answer.status_code == 409
        assert answer.json()["error"]["message"] == "Cannot modify extensions in the VM when the VM is not running."
    assert arm("GET", path).status_code == 200


def test_a_generalized_vm_refuses(sdk: ComputeManagementClient) -> None:
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    sdk.virtual_machines.generalize(GROUP, VM)
    with pytest.raises(ResourceExistsError, match="since the VM is generalized"):
        sdk.virtual_machine_run_commands.begin_create_or_update(*PLACE, command())


def test_a_locked_vm_refuses(arm: Arm) -> None:
    readonly = arm.machine.replace(VM, "readonly01")
    answer = arm("PUT", f"{readonly}/runCommands/{NAME}", json=body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ScopeLocked")


def test_a_silent_agent_fails_the_operation(sdk: ComputeManagementClient, running: Lab) -> None:
    guest(running, VM).ready = False
    with pytest.raises(HttpResponseError, match="has not reported status for VM agent"):
        sdk.virtual_machine_run_commands.begin_create_or_update(*PLACE, command()).result()
    assert sdk.virtual_machine_run_commands.get_by_virtual_machine(*PLACE).provisioning_state == "Failed"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"properties": HELLO}, 400),
        (body(source={"scriptUri": "https://example.com/s.sh"}), 501),
        (body(source=None), 400),
        (body(timeoutInSeconds="long"), 400),
        (body(asyncExecution="yes"), 400),
        (body(outputBlobUri="https://example.com/out"), 501),
        (body() | {"tags": {"a": 1}}, 400),
    ],
)
def test_what_the_lab_cant_run_is_refused_and_written_down_nowhere(
    shared_arm: Arm, sent: dict[str, Any], status: int
) -> None:
    path = f"{shared_arm.machine}/runCommands/{NAME}"
    assert shared_arm("PUT", path, json=sent).status_code == status
    assert shared_arm("GET", path).status_code == 404
