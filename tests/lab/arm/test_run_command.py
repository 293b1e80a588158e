"""The action Run Command."""

from __future__ import annotations

import threading

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import RunCommandInput, RunCommandInputParameter

from lab.arm.run_command import answer
from lab.guests.guest import ScriptResult
from lab.server import Lab
from tests.lab.machines import Arm, guest

GROUP, VM = "rg-Test", "Linux01"
SHELL = {"commandId": "RunShellScript", "script": ["set -e", "echo hi"]}
SHELL_INPUT = RunCommandInput(command_id="RunShellScript", script=["set -e", "echo hi"])


def test_the_lines_reach_the_guest_joined_and_the_answer_is_azures(sdk: ComputeManagementClient) -> None:
    result = sdk.virtual_machines.begin_run_command(GROUP, VM, SHELL_INPUT).result()
    assert [(item.code, item.display_status, item.message) for item in result.value or []] == [
        (
            "ProvisioningState/succeeded",
            "Provisioning succeeded",
            "Enable succeeded: \n[stdout]\nset -e\necho hi\n\n[stderr]\n",
        )
    ]


def test_windows_answers_with_one_entry_a_stream(sdk: ComputeManagementClient, running: Lab) -> None:
    guest(running, "windows01").script = lambda _script: ScriptResult(b"out", b"err", 0)
    body = RunCommandInput(command_id="RunPowerShellScript", script=["hostname"])
    result = sdk.virtual_machines.begin_run_command(GROUP, "windows01", body).result()
    assert [(item.code, item.message) for item in result.value or []] == [
        ("ComponentStatus/StdOut/succeeded", "out"),
        ("ComponentStatus/StdErr/succeeded", "err"),
    ]


def test_only_the_last_4096_bytes_of_a_stream_come_back() -> None:
    printed = b"first" + b"x" * 4090 + b"-end-"
    message = answer("linux", ScriptResult(printed, printed, 0))["value"][0]["message"]
    expected = (b"x" * 4090 + b"-end-").decode()[-4096:]
    assert message == f"Enable succeeded: \n[stdout]\nt{expected}\n[stderr]\nt{expected}"


def test_a_cut_through_a_character_is_marked_and_never_fails() -> None:
    printed = "ä".encode() + b"x" * 4095
    message = answer("windows", ScriptResult(printed, b"", 0))["value"][0]["message"]
    assert message == "\ufffd" + "x" * 4095


def test_a_failed_script_is_a_succeeded_operation_without_an_exit_code(arm: Arm, running: Lab) -> None:
    guest(running, VM).script = lambda _script: ScriptResult(b"", b"sh: 1: no: not found\n", 127)
    body = arm.settle(arm("POST", f"{arm.machine}/runCommand", json=SHELL))
    assert body["status"] == "Succeeded"
    assert body["properties"]["output"]["value"][0]["level"] == "Info"
    assert "127" not in repr(body["properties"])


def test_a_second_script_is_refused_while_one_runs(arm: Arm, running: Lab) -> None:
    release = threading.Event()

    def wait(_script: str) -> ScriptResult:
        release.wait(20)
        return ScriptResult(b"", b"", 0)

    guest(running, VM).script = wait
    first = arm("POST", f"{arm.machine}/runCommand", json=SHELL)
    second = arm("POST", f"{arm.machine}/runCommand", json=SHELL)
    release.set()
    assert second.status_code == 409
    assert second.json()["error"] == {
        "code": "Conflict",
        "message": "Run command extension execution is in progress. "
        "Please wait for completion before invoking a run command.",
    }
    assert arm.settle(first)["status"] == "Succeeded"
    assert arm.settle(arm("POST", f"{arm.machine}/runCommand", json=SHELL))["status"] == "Succeeded"


@pytest.mark.parametrize("how", ["from inside", "powerOff", "deallocate"])
def test_a_stopped_vm_runs_nothing(arm: Arm, running: Lab, how: str) -> None:
    if how == "from inside":
        guest(running, VM).state = "stopped"
    else:
        arm.settle(arm("POST", f"{arm.machine}/{how}"))
    refused = arm("POST", f"{arm.machine}/runCommand", json=SHELL)
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "The operation requires the VM to be running (or set to run)."


def test_a_generalized_vm_runs_nothing(sdk: ComputeManagementClient) -> None:
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    sdk.virtual_machines.generalize(GROUP, VM)
    with pytest.raises(ResourceExistsError, match="since the VM is generalized"):
        sdk.virtual_machines.begin_run_command(GROUP, VM, SHELL_INPUT)


def test_a_silent_agent_fails_the_operation_inside_a_200(sdk: ComputeManagementClient, running: Lab) -> None:
    guest(running, VM).ready = False
    with pytest.raises(HttpResponseError, match="has not reported status for VM agent") as caught:
        sdk.virtual_machines.begin_run_command(GROUP, VM, SHELL_INPUT).result()
    assert caught.value.status_code == 200
    assert caught.value.error is not None
    assert caught.value.error.code == "VMAgentStatusCommunicationError"


def test_a_machine_that_goes_off_under_the_script_is_a_silent_agent(arm: Arm, running: Lab) -> None:
    machine = guest(running, VM)

    def vanish(_script: str) -> ScriptResult:
        machine.state = "stopped"
        raise ConnectionError("the machine went off")

    machine.script = vanish
    body = arm.settle(arm("POST", f"{arm.machine}/runCommand", json=SHELL))
    assert (body["status"], body["error"]["code"]) == ("Failed", "VMAgentStatusCommunicationError")


def test_a_bug_of_the_guest_is_named_in_the_operations_error(arm: Arm, running: Lab) -> None:
    def fail(_script: str) -> ScriptResult:
        raise ZeroDivisionError("boom")

    guest(running, VM).script = fail
    body = arm.settle(arm("POST", f"{arm.machine}/runCommand", json=SHELL))
    assert body["status"] == "Failed"
    assert "ZeroDivisionError('boom')" in body["error"]["message"]


def test_an_unknown_command_is_computes_404(sdk: ComputeManagementClient) -> None:
    with pytest.raises(ResourceNotFoundError, match="The entity was not found in this Azure location"):
        sdk.virtual_machines.begin_run_command(GROUP, VM, RunCommandInput(command_id="RunPowerShellScript", script=[]))


def test_parameters_reach_the_script(sdk: ComputeManagementClient) -> None:
    parameters = [RunCommandInputParameter(name="arg1", value="hello"), RunCommandInputParameter(name="b", value="")]
    body = RunCommandInput(command_id="RunShellScript", script=["echo $0 $1"], parameters=parameters)
    result = sdk.virtual_machines.begin_run_command(GROUP, VM, body).result()
    expected = "export arg1=hello\nexport b=''\nset -- hello ''\necho $0 $1\n"
    assert [item.message for item in result.value or []] == [
        f"Enable succeeded: \n[stdout]\n{expected}\n[stderr]\n",
    ]


@pytest.mark.parametrize("body", [{"script": "echo"}, {"script": [1]}, {"parameters": {"a": "b"}}])
def test_what_the_lab_cant_send_to_a_guest_is_refused(arm: Arm, body: dict[str, object]) -> None:
    answer = arm("POST", f"{arm.machine}/runCommand", json={"commandId": "RunShellScript", **body})
    assert answer.status_code in (400, 501)


def test_the_commands_that_there_are_can_be_listed_and_read(shared_sdk: ComputeManagementClient) -> None:
    commands = shared_sdk.virtual_machine_run_commands
    assert {item.id: item.os_type for item in commands.list("westeurope")} == {
        "RunShellScript": "Linux",
        "RunPowerShellScript": "Windows",
    }
    assert [item.name for item in commands.get("westeurope", "runshellscript").parameters or []] == ["arg1", "arg2"]
    with pytest.raises(ResourceNotFoundError, match="The entity was not found in this Azure location"):
        commands.get("westeurope", "EnableRemotePS")
