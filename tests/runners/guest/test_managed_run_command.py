"""Managed Run Command as another account: through the SDK against the lab, and what its instance view means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from runners.azure import Arm
from runners.cloud import Cloud
from runners.errors import AzureError, ChannelError, RefusedError
from runners.generalize.sysprep_script import launch_windows
from runners.guest.channel import Output
from runners.guest.managed_run_command import Account, ManagedRunCommandChannel, read_view
from runners.operation import Operation
from runners.scheduler import ThreadScheduler
from tests.lab.machines import credential
from tests.runners.generalize.fakes import CLOUD, POLL, Answer, Clock
from tests.runners.runs import scenario

NONCE = "ab" * 16
ACCOUNT = Account("builder", "CANARY-correct-horse")
WITHIN = timedelta(minutes=10)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Lab]:
    path = scenario(tmp_path, "win01", seconds=0)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    guest = data["machines"][0]["guest"]["simulated"]
    guest["accounts"], guest["on_launch"]["seconds"] = {"builder": ACCOUNT.password}, 60
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with serve(load_scenario(path)) as lab:
        yield lab


def launched(lab: Lab, account: Account = ACCOUNT) -> Output:
    cloud = Cloud(lab.endpoint, f"{lab.endpoint}/.default", lab.ca_file, lab=True, poll_seconds=0.02)
    scheduler, arm = ThreadScheduler(2), Arm(cloud, credential(lab))
    vm = str(lab.fleet["targets"][0]["id"])
    try:
        channel = ManagedRunCommandChannel(arm, scheduler, vm, account, location="westeurope", within=WITHIN)
        output = asyncio.run(channel.run(launch_windows(NONCE)))
        left = arm._client_of(vm.split("/")[2]).virtual_machine_run_commands.list_by_virtual_machine(
            "rg-mixed", "win01"
        )
        assert list(left) == [], "it would be captured with the VM"
        return output
    finally:
        arm.close()
        scheduler.close()


def test_the_script_runs_as_the_account_and_leaves_nothing_on_the_vm(running: Lab) -> None:
    output = launched(running)

    assert f"sealproof[{NONCE}]: launched as WIN01\\builder" in output.stdout
    assert output.stderr == ""


def test_an_account_that_can_not_log_on_is_told_and_not_its_password(running: Lab) -> None:
    output = launched(running, Account("builder", "CANARY-wrong"))

    assert output.stdout == ""
    assert "Run Command says Failed, exit code -1" in output.stderr
    assert "incorrect" in output.stderr
    assert "CANARY" not in output.stderr


def test_a_password_is_in_no_representation() -> None:
    assert "CANARY" not in repr(ACCOUNT)


class FakeArm(Arm):
    """An ARM that answers for one managed run command."""

    def __init__(self, *views: dict[str, Any], **faults: AzureError) -> None:
        self.cloud = CLOUD
        self.views = list(views)
        self.faults = faults
        self.calls: list[str] = []
        self.body: dict[str, Any] = {}

    def begin_managed_run_command(self, vm: str, name: str, body: Any) -> Operation:
        self.body = body
        self._called("put")
        return Operation("running", Answer(), lambda url: None, POLL)

    def managed_run_command_view(self, vm: str, name: str) -> dict[str, Any]:
        self._called("view")
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]

    def begin_delete_managed_run_command(self, vm: str, name: str) -> Operation:
        self._called("delete")
        return Operation("deleting", Answer(), lambda url: None, POLL)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.faults:
            raise self.faults[name]


DONE = {"executionState": "Succeeded", "exitCode": 0, "output": "out", "error": ""}
RUNNING = {"executionState": "Running"}


def run(arm: FakeArm) -> Output:
    return asyncio.run(
        ManagedRunCommandChannel(arm, Clock(), "vm", ACCOUNT, location="westeurope", within=WITHIN).run("Get-Date")
    )


def test_the_end_of_the_script_is_waited_for_and_not_that_of_its_provisioning() -> None:
    arm = FakeArm(RUNNING, {"executionState": "Pending"}, {}, DONE)

    assert run(arm) == Output("out", "")
    assert arm.calls == ["put", *["view"] * 4, "delete"]
    assert (arm.body["location"], arm.body["properties"]["runAsUser"]) == ("westeurope", "builder")


def test_a_script_that_does_not_end_is_a_channel_error_and_is_deleted() -> None:
    arm = FakeArm(RUNNING)

    with pytest.raises(ChannelError, match="is still Running after 0:10:00"):
        run(arm)
    assert arm.calls[-1] == "delete"


def test_what_azure_refuses_was_not_run_and_needs_no_deleting() -> None:
    arm = FakeArm(DONE, put=RefusedError("HTTP 403", status=403))

    with pytest.raises(RefusedError):
        run(arm)
    assert arm.calls == ["put"]


def test_one_whose_answer_is_lost_is_deleted_too() -> None:
    arm = FakeArm(DONE, put=AzureError("no answer from Azure"))

    with pytest.raises(AzureError, match="no answer"):
        run(arm)
    assert arm.calls[-1] == "delete"


@pytest.mark.parametrize("state", ["TimedOut", "Canceled"])
def test_a_script_that_azure_gave_up_without_an_answer_may_have_run_and_is_deleted(state: str) -> None:
    arm = FakeArm({"executionState": state, "exitCode": 0, "output": "", "error": " "})

    with pytest.raises(ChannelError, match=r"sealproof-\w+ was given up by Azure .*; it may have run"):
        run(arm)
    assert arm.calls[-1] == "delete"


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        (FakeArm(DONE, put=AzureError("no answer"), delete=AzureError("HTTP 409")), "no answer; the Run Command"),
        (FakeArm(DONE, view=AzureError("no answer"), delete=AzureError("HTTP 409")), "no answer; the Run Command"),
        (FakeArm(RUNNING, delete=AzureError("HTTP 409")), "is still Running .*; the Run Command"),
    ],
)
def test_one_that_can_not_be_deleted_is_told_beside_the_error(arm: FakeArm, told: str) -> None:
    with pytest.raises(ChannelError, match=f"{told} .* must be deleted before it is captured: HTTP 409"):
        run(arm)


def test_an_error_whose_script_is_deleted_stays_what_it_is() -> None:
    with pytest.raises(AzureError, match="no answer") as caught:
        run(FakeArm(DONE, view=AzureError("no answer", status=503)))
    assert caught.value.status == 503


class Unending(Operation):
    """An operation that is never over."""

    def advance(self) -> bool:
        return False


def test_a_deletion_is_waited_for_two_minutes() -> None:
    class Arm(FakeArm):
        def begin_delete_managed_run_command(self, vm: str, name: str) -> Operation:
            return Unending("deleting", Answer(), lambda url: None, POLL)

    clock = Clock()
    started = clock.now()
    channel = ManagedRunCommandChannel(Arm(DONE), clock, "vm", ACCOUNT, location="westeurope", within=WITHIN)
    output = asyncio.run(channel.run("Get-Date"))
    assert "still in progress after 2 minutes" in output.stderr
    assert timedelta(minutes=2) <= clock.now() - started < timedelta(minutes=3)


def test_provisioning_and_the_script_s_end_share_one_deadline() -> None:
    class Slow(Operation):
        def advance(self) -> bool:
            return clock.now() - started >= WITHIN * 0.9

    class Arm(FakeArm):
        def begin_managed_run_command(self, vm: str, name: str, body: Any) -> Operation:
            return Slow("running", Answer(), lambda url: None, POLL)

    clock = Clock()
    started = clock.now()
    channel = ManagedRunCommandChannel(Arm(RUNNING), clock, "vm", ACCOUNT, location="westeurope", within=WITHIN)
    with pytest.raises(ChannelError, match="is still Running after 0:10:00"):
        asyncio.run(channel.run("Get-Date"))
    assert clock.now() - started < WITHIN * 1.1


def test_one_that_can_not_be_deleted_is_told_beside_its_output() -> None:
    output = run(FakeArm(DONE, delete=AzureError("HTTP 409 ScopeLocked", status=409)))

    assert output.stdout == "out"
    assert "must be deleted before it is captured: HTTP 409 ScopeLocked" in output.stderr


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (
            {"executionState": "Failed", "exitCode": 1, "error": "no", "executionMessage": "x" * 900},
            "no\nRun Command says",
        ),
        ({"executionState": "Succeeded", "exitCode": 3, "output": "out"}, "exit code 3"),
        ({"executionState": "TimedOut", "output": "out"}, "TimedOut"),
        ({"executionState": "Canceled", "error": "no"}, "Canceled"),
        ({"executionState": "Failed"}, "Failed"),
    ],
)
def test_a_script_that_did_not_succeed_says_so_on_its_standard_error(view: dict[str, Any], told: str) -> None:
    output = read_view("sealproof-1", view)

    assert told in output.stderr
    assert len(output.stderr) < 400
