"""The wire shape of long-running operations."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import Arm, guest, memory_guest

PARAMETERS = ["p", "api-version", "t", "c", "s", "h"]


@pytest.fixture
def held(arm: Arm, running: Lab) -> threading.Event:
    """Keep a powerOff from ending until the event is set."""
    release = guest(running, "Linux01").may_power_off
    release.clear()
    return release


def test_a_post_is_accepted_with_two_long_urls_and_no_body(arm: Arm, held: threading.Event) -> None:
    answer = arm("POST", f"{arm.machine}/powerOff")
    held.set()
    assert answer.status_code == 202
    assert (answer.headers["Content-Length"], answer.content) == ("0", b"")
    assert answer.headers["azure-asyncnotification"] == "Enabled"
    status, result = (urlsplit(answer.headers[name]) for name in ("azure-asyncoperation", "location"))
    assert "/providers/Microsoft.Compute/locations/westeurope/operations/" in status.path
    assert status.path == result.path
    assert list(parse_qs(status.query)) == PARAMETERS
    assert list(parse_qs(result.query)) == ["p", "monitor", *PARAMETERS[1:]]
    assert 3_500 < len(answer.headers["location"]) < 5_000


def test_the_status_tells_progress_then_success(arm: Arm, held: threading.Event) -> None:
    accepted = arm("POST", f"{arm.machine}/powerOff")
    early = arm("GET", accepted.headers["azure-asyncoperation"])
    result_early = arm("GET", accepted.headers["location"])
    held.set()
    last = arm.settle(accepted)
    assert early.status_code == 200
    assert list(early.json()) == ["startTime", "status", "name"]
    assert early.json()["status"] == "InProgress"
    assert (result_early.status_code, result_early.headers["location"]) == (202, accepted.headers["location"])
    assert list(last) == ["startTime", "endTime", "status", "name"]
    assert last["status"] == "Succeeded"
    result = arm("GET", accepted.headers["location"])
    assert (result.status_code, result.content) == (200, b"")


def test_an_output_comes_with_the_status_and_alone_at_the_location(arm: Arm) -> None:
    accepted = arm("POST", f"{arm.machine}/runCommand", json={"commandId": "RunShellScript", "script": ["true"]})
    last = arm.settle(accepted)
    assert list(last) == ["startTime", "endTime", "status", "properties", "name"]
    assert arm("GET", accepted.headers["location"]).json() == last["properties"]["output"]


def test_a_url_that_was_changed_is_refused(arm: Arm) -> None:
    url = arm("POST", f"{arm.machine}/powerOff").headers["azure-asyncoperation"]
    for changed in (url[:-1], url.partition("&c=")[0], url.replace("&s=", "&s=A"), f"{url}&monitor=true"):
        answer = arm("GET", changed)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "InvalidOperationUrl")
    assert arm("GET", url).status_code == 200


def test_an_unknown_operation_is_computes_404(arm: Arm) -> None:
    url = arm("POST", f"{arm.machine}/powerOff").headers["azure-asyncoperation"]
    for other in (url.replace("/operations/", "/DiskOperations/"), url.replace("/operations/", "/operations/0")):
        answer = arm("GET", other)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")


def test_the_api_version_of_the_request_comes_back_in_the_urls(arm: Arm) -> None:
    answer = arm("POST", f"{arm.machine}/powerOff?api-version=2024-07-01")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["api-version"] == ["2024-07-01"]


def test_retry_after_is_the_scenarios_and_ends_with_the_operation(arm: Arm, held: threading.Event) -> None:
    accepted = arm("POST", f"{arm.machine}/powerOff")
    held.set()
    assert "retry-after" not in accepted.headers
    scenario = load_scenario(SCENARIO)
    pace = scenario.pace.model_copy(update={"retry_after": 7, "operation_seconds": 0})
    with serve(scenario.model_copy(update={"pace": pace}), guests=memory_guest) as paced:
        other = Arm(paced)
        accepted = other("POST", f"{other.machine}/powerOff")
        assert accepted.headers["retry-after"] == "7"
        other.settle(accepted)
        assert "retry-after" not in other("GET", accepted.headers["azure-asyncoperation"]).headers
        other.close()
