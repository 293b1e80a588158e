"""The lab's answers beside real ones: same keys in the same order, same headers, same words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.arm.errors import entity_missing, generalize_while_running
from lab.arm.run_command import answer
from lab.guests.guest import ScriptResult
from lab.server import Lab
from tests.lab.machines import Arm

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "azure"
READ = {"access": "Read", "durationInSeconds": 600}

# The azure-cli recorder strips the first two; the rest are transport's.
NOT_RECORDED = {"retry-after", "x-ms-request-id", "x-ms-correlation-request-id"}


def recorded(file: str, seq: int) -> dict[str, Any]:
    path = RECORDINGS / f"{file}.json"
    if not path.is_file():
        pytest.skip(f"the recordings are not beside this repository ({path})")
    exchange: dict[str, Any] = next(item for item in json.loads(path.read_text()) if item["seq"] == seq)
    return exchange


def shape(value: Any) -> Any:
    """Return keys in order, without values; a list by its first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


def ordered(value: Any) -> str:
    return json.dumps(shape(value))


def url_parameters(url: str) -> list[str]:
    return [part.partition("=")[0] for part in url.partition("?")[2].split("&")]


def deallocate(arm: Arm) -> None:
    arm.settle(arm("POST", f"{arm.machine}/deallocate"))


def test_the_refusal_to_generalize_is_the_recorded_one_byte_for_byte() -> None:
    real = recorded("ps_generalize_running_vm_409", 0)
    response = generalize_while_running("vmcrptestps1124").response()
    assert json.loads(bytes(response.body)) == real["response_body"]
    assert response.headers["content-length"] == real["headers"]["content-length"]
    assert response.headers["content-type"] == real["headers"]["content-type"]


def test_computes_404_is_the_recorded_one() -> None:
    real = recorded("test_vm_simulate_eviction", 63)
    response = entity_missing().response()
    assert (response.status_code, json.loads(bytes(response.body))) == (real["status"], real["response_body"])


def test_a_script_that_prints_the_same_gives_the_recorded_result() -> None:
    real = recorded("test_vm_run_command_with_parameters", 26)
    printed = b"/var/lib/waagent/run-command/download/0/script.sh hello\n"
    assert answer("linux", ScriptResult(printed, b"", 0)) == real["response_body"]


@pytest.mark.parametrize(
    ("file", "seq", "action"),
    [("test_vm_generalize", 26, "powerOff"), ("test_vm_create_state_modifications", 72, "deallocate")],
)
def test_an_accepted_post_has_the_recorded_headers(arm: Arm, file: str, seq: int, action: str) -> None:
    real = recorded(file, seq)
    response = arm("POST", f"{arm.machine}/{action}")
    assert response.status_code == real["status"]
    assert set(real["headers"]) <= {name.lower() for name in response.headers}
    for name in ("azure-asyncoperation", "location"):
        assert url_parameters(response.headers[name]) == url_parameters(real["headers"][name])
    buckets = [
        [part.partition(";")[0] for part in headers["x-ms-ratelimit-remaining-resource"].split(",")]
        for headers in (response.headers, real["headers"])
    ]
    assert buckets[0] == buckets[1]


def test_a_finished_operation_has_the_recorded_keys(arm: Arm) -> None:
    body = arm.settle(arm("POST", f"{arm.machine}/powerOff"))
    assert ordered(body) == ordered(recorded("test_vm_generalize", 28)["response_body"])


def test_a_grant_and_its_result_have_the_recorded_shape(arm: Arm, running: Lab) -> None:
    granted, status, result = (recorded("test_snapshot_access", seq) for seq in (4, 5, 6))
    deallocate(arm)
    disk = running.scenario.machines[0].os_disk["id"]
    response = arm("POST", f"{disk}/beginGetAccess", json=READ)
    assert set(granted["headers"]) <= {name.lower() for name in response.headers}
    assert "/DiskOperations/" in granted["headers"]["location"]
    assert "/DiskOperations/" in response.headers["location"]
    body = arm.settle(response)
    assert ordered(body) == ordered(status["response_body"])
    assert ordered(arm("GET", response.headers["location"]).json()) == ordered(result["response_body"])
    real_url, url = status["response_body"]["properties"]["output"]["accessSAS"], body["properties"]["output"]
    assert url_parameters(url["accessSAS"]) == url_parameters(real_url)


def test_the_instance_view_has_the_recorded_shape_from_running_to_generalized(arm: Arm) -> None:
    running, stopped, generalized = (
        recorded(file, seq)["response_body"]["properties"]["instanceView"]
        for file, seq in (
            ("test_vm_generalize", 19),
            ("test_vm_create_state_modifications", 52),
            ("cli2021_test_vm_capture_zone_resilient_image", 17),
        )
    )

    def view() -> dict[str, Any]:
        body: dict[str, Any] = arm("GET", f"{arm.machine}/instanceView").json()
        return body

    def comparable(body: dict[str, Any]) -> dict[str, Any]:
        kept = {key: item for key, item in body.items() if key not in ("extensions", "bootDiagnostics")}
        return {"keys": ordered(kept), "statuses": [(item["code"], list(item)) for item in body["statuses"]]}

    def without_handlers(body: dict[str, Any]) -> dict[str, Any]:
        agent = {"vmAgent": body["vmAgent"] | {"extensionHandlers": []}}
        return body | agent

    assert comparable(view()) == comparable(running)
    arm.settle(arm("POST", f"{arm.machine}/powerOff"))
    assert comparable(view()) == comparable(without_handlers(stopped))
    deallocate(arm)
    arm("POST", f"{arm.machine}/generalize")
    assert comparable(view()) == comparable(generalized)


def test_a_silent_agent_looks_as_recorded(arm: Arm, running: Lab) -> None:
    real = recorded("test_vm_create_with_default_trusted_launch", 65)["response_body"]["properties"]["instanceView"]
    running.guests["Linux01"].ready = False  # type: ignore[attr-defined]
    agent = arm("GET", f"{arm.machine}/instanceView").json()["vmAgent"]
    for view in (agent, real["vmAgent"]):
        del view["statuses"][0]["time"]
    assert agent == real["vmAgent"]


def test_a_disk_has_the_recorded_properties(arm: Arm, running: Lab) -> None:
    real = recorded("test_vm_create_with_default_trusted_launch", 3)["response_body"]
    disk = arm("GET", running.scenario.machines[0].os_disk["id"]).json()
    optional = {"securityProfile"}
    assert set(real["properties"]) - optional <= set(disk["properties"])
    assert {key: type(disk[key]) for key in real} == {key: type(item) for key, item in real.items()}
