"""Each fault of a scenario, as clients see it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ServiceResponseError,
)

from lab.fault import Fault
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import compute, credential, guest, memory_guest

VIEW, RUN_COMMAND = "virtualMachines/instanceView", "virtualMachines/runCommand"
MACHINE = ("rg-Test", "Linux01")
SCRIPT: Any = {"commandId": "RunShellScript", "script": ["hello world"]}


class Faulty:
    """A lab with faults, and the SDK's client for it."""

    def __init__(self, lab: Lab, **options: Any) -> None:
        self.lab = lab
        self.sdk = compute(lab, **options)

    def powers(self) -> list[str]:
        statuses: Any = self.sdk.virtual_machines.instance_view(*MACHINE).as_dict()["statuses"]
        return [item["code"] for item in statuses if item["code"].startswith("PowerState/")]

    def run(self) -> str:
        result: Any = self.sdk.virtual_machines.begin_run_command(*MACHINE, SCRIPT).result()
        return str(result.value[0].message)

    def seen(self, operation: str) -> list[tuple[int, str]]:
        return [(item.status, item.fault) for item in self.lab.requests if item.operation == operation]


@pytest.fixture
def faulty(closing: Callable[[Lab], None]) -> Iterator[Callable[..., Faulty]]:
    started: list[Faulty] = []

    def start(*faults: dict[str, Any], **options: Any) -> Faulty:
        scenario = load_scenario(SCENARIO)
        struck = scenario.model_copy(update={"faults": tuple(Fault(**fault) for fault in faults)})
        started.append(Faulty(serve(struck, guests=memory_guest).start(), **options))
        return started[-1]

    yield start
    for item in started:
        item.sdk.close()
        closing(item.lab)


Start = Callable[..., Faulty]


def refuse(operation: str, status: int, **more: Any) -> dict[str, Any]:
    return {"operation": operation, "effect": "refuse", "status": status} | more


def test_a_429_has_azure_s_body_and_the_code_of_a_conflict(faulty: Start) -> None:
    there = faulty(refuse("virtualMachines/get", 429))
    with pytest.raises(HttpResponseError) as caught:
        there.sdk.virtual_machines.get(*MACHINE)
    response: Any = caught.value.response
    error = response.json()["error"]
    assert (caught.value.status_code, error["code"]) == (429, "OperationNotAllowed")
    assert error["innererror"] == {"internalErrorCode": "TooManyRequestsReceived"}
    assert error["details"][0]["code"] == "TooManyRequests"
    assert json.loads(error["details"][0]["message"])["measuredRequestCount"] == 201
    assert "Retry-After" not in response.headers
    assert "x-ms-request-id" in response.headers


def test_a_429_with_retry_after_is_waited_out_by_the_sdk(faulty: Start) -> None:
    there = faulty(refuse("virtualMachines/get", 429, calls=[1], retry_after=1), retry_total=3)
    assert there.sdk.virtual_machines.get(*MACHINE).name == "Linux01"
    assert there.seen("virtualMachines/get") == [(429, "refuse"), (200, "")]


def test_arm_itself_can_throttle(faulty: Start) -> None:
    there = faulty(refuse("virtualMachines/get", 429, code="SubscriptionRequestsThrottled", retry_after=6))
    with pytest.raises(HttpResponseError, match="try again after '6' seconds") as caught:
        there.sdk.virtual_machines.get(*MACHINE)
    response: Any = caught.value.response
    assert (response.headers["x-ms-failure-cause"], response.headers["Retry-After"]) == ("gateway", "6")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (refuse(RUN_COMMAND, 409), "Conflict"),
        (refuse(RUN_COMMAND, 409, code="Mine", message="my words"), "Mine"),
        (refuse(RUN_COMMAND, 503), "ServiceUnavailable"),
    ],
)
def test_a_refusal_says_what_azure_says_unless_the_scenario_does(
    faulty: Start, fault: dict[str, Any], code: str
) -> None:
    there = faulty(fault)
    with pytest.raises(HttpResponseError) as caught:
        there.run()
    assert caught.value.error is not None
    assert caught.value.error.code == code


def test_a_409_is_what_the_sdk_calls_an_existing_resource(faulty: Start) -> None:
    with pytest.raises(ResourceExistsError, match="another operation is in progress"):
        faulty(refuse("virtualMachines/deallocate", 409)).sdk.virtual_machines.begin_deallocate(*MACHINE)


@pytest.mark.parametrize(("carried_out", "power"), [(False, "running"), (True, "deallocated")])
def test_a_connection_is_dropped_before_or_after_the_call_is_carried_out(
    faulty: Start, carried_out: bool, power: str
) -> None:
    drop = {"operation": "virtualMachines/deallocate", "effect": "drop", "carried_out": carried_out}
    there = faulty(drop)
    with pytest.raises(ServiceResponseError):
        there.sdk.virtual_machines.begin_deallocate(*MACHINE)
    until(lambda: there.powers() == [f"PowerState/{power}"])
    assert there.seen("virtualMachines/deallocate") == [(0, "drop")]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline


def test_a_delayed_answer_comes_all_the_same(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "delay", "seconds": 0.3})
    started = time.monotonic()
    assert there.powers() == ["PowerState/running"]
    assert time.monotonic() - started >= 0.3


def test_a_stale_view_is_the_one_of_before(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "stale", "after": "virtualMachines/deallocate", "calls": [1, 2]})
    before = there.powers()
    there.sdk.virtual_machines.begin_deallocate(*MACHINE).result()
    assert [there.powers() for _ in range(3)] == [before, before, ["PowerState/deallocated"]]


def test_output_can_arrive_cut_or_damaged(faulty: Start) -> None:
    there = faulty(
        {"operation": RUN_COMMAND, "effect": "truncate", "length": 5, "calls": [1]},
        {"operation": RUN_COMMAND, "effect": "garble", "calls": [2]},
    )
    cut, damaged, whole = (there.run() for _ in range(3))
    assert "[stdout]\nhello\n[stderr]" in cut
    assert "hello world" in whole
    assert len(damaged) == len(whole)
    assert sum(one != other for one, other in zip(damaged, whole, strict=True)) == 1


def test_an_agent_goes_silent_at_a_call_and_answers_again_after_a_start(faulty: Start) -> None:
    there = faulty({"operation": RUN_COMMAND, "effect": "silent-agent", "calls": [2]})
    assert "hello" in there.run()
    with pytest.raises(HttpResponseError, match="VMAgentStatusCommunicationError"):
        there.run()
    view = there.sdk.virtual_machines.instance_view(*MACHINE)
    assert view.vm_agent is not None
    assert view.vm_agent.statuses is not None
    assert view.vm_agent.statuses[0].display_status == "Not Ready"
    with pytest.raises(HttpResponseError, match="VMAgentStatusCommunicationError"):
        there.run()
    there.sdk.virtual_machines.begin_deallocate(*MACHINE).result()
    there.sdk.virtual_machines.begin_start(*MACHINE).result()
    assert "hello" in there.run()


@pytest.mark.parametrize("carried_out", [False, True])
def test_an_operation_fails_inside_a_200(faulty: Start, carried_out: bool) -> None:
    there = faulty(
        {"operation": RUN_COMMAND, "effect": "operation-fails", "code": "VMExtensionProvisioningError"}
        | {"carried_out": carried_out}
    )
    ran: list[str] = []
    behind = guest(there.lab, "Linux01")
    echo = behind.script

    def script(text: str) -> Any:
        ran.append(text)
        return echo(text)

    behind.script = script
    with pytest.raises(HttpResponseError) as caught:
        there.run()
    assert caught.value.error is not None
    assert (caught.value.status_code, caught.value.error.code) == (200, "VMExtensionProvisioningError")
    assert ran == (["hello world"] if carried_out else [])


def test_an_operation_that_failed_leaves_the_vm_usable(faulty: Start) -> None:
    there = faulty({"operation": "virtualMachines/powerOff", "effect": "operation-fails", "calls": [1]})
    with pytest.raises(HttpResponseError, match="InternalExecutionError"):
        there.sdk.virtual_machines.begin_power_off(*MACHINE).result()
    assert there.powers() == ["PowerState/running"]
    there.sdk.virtual_machines.begin_power_off(*MACHINE).result()
    assert there.powers() == ["PowerState/stopped"]


@pytest.mark.parametrize(("carried_out", "power"), [(False, "deallocating"), (True, "deallocated")])
def test_an_operation_never_ends(faulty: Start, carried_out: bool, power: str) -> None:
    there = faulty({"operation": "virtualMachines/deallocate", "effect": "never-ends", "carried_out": carried_out})
    poller = there.sdk.virtual_machines.begin_deallocate(*MACHINE)
    until(lambda: there.powers() == [f"PowerState/{power}"])
    assert poller.status() == "InProgress"
    there.lab.close()
    with pytest.raises(AzureError):
        poller.result()  # ends the poller's thread


def test_a_blob_is_refused_dropped_and_cut_as_its_service_does(faulty: Start) -> None:
    blob = {"operation": "blob/get", "target": "Linux01"}
    there = faulty(
        blob | {"effect": "refuse", "status": 503, "calls": [1]},
        blob | {"effect": "drop", "calls": [2]},
        blob | {"effect": "truncate", "length": 100, "calls": [3]},
    )
    log = there.sdk.virtual_machines.retrieve_boot_diagnostics_data(*MACHINE).serial_console_log_blob_uri
    guest(there.lab, "Linux01").serial = b"x" * 1000
    assert log is not None
    with requests.Session() as session:
        session.verify = str(there.lab.ca_file)
        session.trust_env = False
        busy = session.get(log, timeout=20)
        assert (busy.status_code, busy.headers["x-ms-error-code"]) == (503, "ServerBusy")
        with pytest.raises(requests.ConnectionError, match="RemoteDisconnected"):
            session.get(log, timeout=20)
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="100 bytes read, 900 more expected"):
            session.get(log, timeout=20)
        assert len(session.get(log, timeout=20).content) == 1000


def test_page_ranges_are_struck_apart_from_content(faulty: Start) -> None:
    there = faulty({"operation": "blob/pages", "effect": "refuse", "status": 403})
    log = there.sdk.virtual_machines.retrieve_boot_diagnostics_data(*MACHINE).serial_console_log_blob_uri
    with requests.Session() as session:
        session.verify = str(there.lab.ca_file)
        session.trust_env = False
        assert session.get(f"{log}&comp=pagelist", timeout=20).status_code == 403
        assert session.get(f"{log}", timeout=20).status_code == 200
    assert [item.operation for item in there.lab.requests[-2:]] == ["blob/pages", "blob/get"]


def test_the_token_endpoint_refuses_in_its_own_words(faulty: Start) -> None:
    there = faulty(refuse("token/grant", 400, code="invalid_grant", message="AADSTS70000: no."))
    with pytest.raises(ClientAuthenticationError, match="AADSTS70000: no"):
        credential(there.lab).get_token(f"{there.lab.endpoint}/.default")


def test_calls_are_counted_for_each_vm_and_a_target_is_its_own(faulty: Start) -> None:
    there = faulty(
        refuse("virtualMachines/get", 500, calls=[2]),
        refuse("disks/get", 500, target="windows01"),
        refuse("operations/get", 500, target="windows01"),
    )
    get = there.sdk.virtual_machines.get
    for name in ("Linux01", "windows01"):
        assert get("rg-Test", name).name == name
    for name in ("Linux01", "windows01"):
        with pytest.raises(HttpResponseError):
            get("rg-test", name.upper())
    disks = {str(disk.managed_by).rpartition("/")[2]: str(disk.name) for disk in there.sdk.disks.list()}
    assert there.sdk.disks.get("rg-Test", disks["Linux01"]).name == disks["Linux01"]
    with pytest.raises(HttpResponseError):
        there.sdk.disks.get("rg-Test", disks["windows01"])
    there.sdk.virtual_machines.begin_power_off(*MACHINE).result()
    with pytest.raises(HttpResponseError):
        there.sdk.virtual_machines.begin_power_off("rg-Test", "windows01").result()


def test_a_fault_strikes_from_a_call_on(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "refuse", "from_call": 2})
    assert there.powers() == ["PowerState/running"]
    for _ in range(2):
        with pytest.raises(HttpResponseError):
            there.powers()


def test_faults_that_never_struck_are_told(faulty: Start) -> None:
    there = faulty(
        {"operation": VIEW, "effect": "drop", "calls": [7], "target": "Linux01"},
        {"operation": VIEW, "effect": "refuse", "after": "virtualMachines/start"},
        {"operation": "virtualMachines/get", "effect": "refuse"},
        {"operation": "virtualMachines/generalize", "effect": "operation-fails"},
    )
    there.powers()
    with pytest.raises(HttpResponseError):
        there.sdk.virtual_machines.get(*MACHINE)
    with pytest.raises(ResourceExistsError):
        there.sdk.virtual_machines.generalize(*MACHINE)
    assert [str(fault) for fault in there.lab.unused_faults] == [
        "drop of virtualMachines/instanceView of Linux01, call 7",
        "refuse of virtualMachines/instanceView, from call 1 on after virtualMachines/start",
        "operation-fails of virtualMachines/generalize, from call 1 on",
    ]
    assert there.seen("virtualMachines/generalize") == [(409, "")]


def test_the_log_in_a_file_marks_what_was_struck(tmp_path: Path) -> None:
    struck = load_scenario(SCENARIO).model_copy(update={"faults": (Fault(operation=VIEW, effect="drop", calls=(1,)),)})
    file = tmp_path / "requests.jsonl"
    with (
        serve(struck, guests=memory_guest, request_log=file) as lab,
        compute(lab, retry_total=3, retry_backoff_factor=0) as sdk,
    ):
        sdk.virtual_machines.instance_view(*MACHINE)
    views = [item for item in map(json.loads, file.read_text().splitlines()) if item["operation"] == VIEW]
    assert [(item["status"], item["fault"]) for item in views] == [(0, "drop"), (200, "")]


@pytest.mark.parametrize(("fault", "done"), [({"effect": "hold", "carried_out": True}, 1), ({"effect": "hold"}, 0)])
def test_a_held_call_waits_for_its_client_to_go(faulty: Start, fault: dict[str, Any], done: int) -> None:
    there = faulty({"operation": "virtualMachines/generalize", **fault}, retry_total=0, read_timeout=0.3)
    deallocated(there)
    with pytest.raises(AzureError):
        there.sdk.virtual_machines.generalize(*MACHINE)

    assert wait_for(lambda: there.seen("virtualMachines/generalize") == [(0, "hold")])
    assert not there.lab.held
    assert flags(there) == done


def test_a_late_call_is_carried_out_when_its_client_is_gone(faulty: Start) -> None:
    there = faulty({"operation": "virtualMachines/generalize", "effect": "late"}, retry_total=0, read_timeout=0.3)
    deallocated(there)
    begun = time.monotonic()
    with pytest.raises(AzureError):
        there.sdk.virtual_machines.generalize(*MACHINE)

    assert time.monotonic() - begun > 0.2
    assert wait_for(lambda: flags(there) == 1)


def test_a_call_is_told_while_it_is_held(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "hold"}, retry_total=0)

    def ask() -> None:
        with suppress(AzureError):
            there.powers()

    threading.Thread(target=ask, daemon=True).start()
    assert wait_for(lambda: there.lab.held == (VIEW,))
    there.sdk.close()


def test_broken_tls_is_an_error_of_the_encryption(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "break-tls"}, retry_total=0)
    with pytest.raises(AzureError, match="SSL"):
        there.powers()
    assert there.seen(VIEW) == [(0, "break-tls")]


def test_an_instance_view_may_lack_its_power_state(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "no-power-state", "calls": [2]})
    assert [there.powers() for _ in range(3)] == [["PowerState/running"], [], ["PowerState/running"]]


def test_somebody_else_deletes_a_vm(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "vm-deleted", "calls": [2]})
    assert there.powers() == ["PowerState/running"]
    with pytest.raises(HttpResponseError) as caught:
        there.powers()
    assert caught.value.status_code == 404


def test_somebody_else_replaces_a_vm_by_another_of_its_name(faulty: Start) -> None:
    there = faulty({"operation": "virtualMachines/get", "effect": "vm-replaced", "calls": [2]})
    models: Any = [there.sdk.virtual_machines.get(*MACHINE) for _ in range(2)]
    ids = [model.storage_profile.os_disk.managed_disk.id for model in models]
    disks: Any = [there.sdk.disks.get(MACHINE[0], ids[1].rpartition("/")[2])]

    assert models[0].vm_id != models[1].vm_id
    assert disks[0].unique_id != there.lab.scenario.machines[0].os_disk["properties"]["uniqueId"]
    assert there.powers() == ["PowerState/running"]


def test_somebody_else_starts_a_vm_that_was_stopped_and_never_one_that_is_generalized(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "vm-started", "calls": [1, 3], "carried_out": True})
    deallocated(there)
    assert there.powers() == ["PowerState/deallocated"]
    assert there.powers() == ["PowerState/running"]
    deallocated(there)
    there.sdk.virtual_machines.generalize(*MACHINE)
    assert there.powers() == ["PowerState/deallocated"]
    assert there.powers() == ["PowerState/deallocated"]


def test_somebody_else_wipes_the_tags(faulty: Start) -> None:
    there = faulty({"operation": VIEW, "effect": "tags-wiped"})
    owned: Any = {"tags": {"owner": "team"}}
    there.sdk.virtual_machines.begin_update(*MACHINE, owned).result()
    there.powers()
    assert not there.sdk.virtual_machines.get(*MACHINE).tags


def deallocated(there: Faulty) -> None:
    there.sdk.virtual_machines.begin_deallocate(*MACHINE, polling_interval=0).result()


def flags(there: Faulty) -> int:
    statuses: Any = there.sdk.virtual_machines.instance_view(*MACHINE).as_dict()["statuses"]
    return sum(item["code"] == "OSState/generalized" for item in statuses)


def wait_for(truth: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not truth() and time.monotonic() < deadline:
        time.sleep(0.01)
    return truth()
