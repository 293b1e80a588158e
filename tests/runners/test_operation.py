"""A long-running operation, one poll at a time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from checks.healthy import GROUP
from runners.azure import power_state
from runners.errors import AzureError, OperationError
from runners.operation import Operation, settle
from tests.runners.generalize.fakes import Answer, Clock

VM = f"{GROUP}/virtualMachines/golden"
STATUS_URL = "https://localhost/operations/1?p=x&t=1&c=" + "c" * 4000
RESULT_URL = f"{STATUS_URL}&monitor=true"
RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings" / "azure"


def recorded(file: str, sequence: int) -> Any:
    path = RECORDINGS / file
    if not path.exists():
        pytest.skip(f"the recorded exchanges are not here: {path.parent}")
    return next(item for item in json.loads(path.read_text()) if item["seq"] == sequence)["response_body"]


class Wire:
    """Answers in their order; remembers which URLs were asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def fetch(self, url: str) -> Answer:
        self.asked.append(url)
        return self.answers.pop(0)


def accepted(status_url: str = STATUS_URL, **headers: str) -> Answer:
    urls = {"azure-asyncoperation": status_url, "location": RESULT_URL}
    return Answer(202, {key: value for key, value in urls.items() if value} | headers)


def operation(first: Answer, *answers: Answer) -> tuple[Operation, Wire]:
    wire = Wire(*answers)
    return Operation("running a command in VM golden", first, wire.fetch, 7.0), wire


def status(word: str, **body: Any) -> Answer:
    return Answer(200, {}, {"status": word} | body)


def test_an_operation_is_asked_at_its_status_url_until_it_is_over() -> None:
    done = status("Succeeded", properties={"output": {"value": [1]}})
    running, wire = operation(accepted(), status("InProgress"), status("Updating"), done)

    assert [running.advance() for _ in range(3)] == [False, False, True]
    assert running.result == {"value": [1]}
    assert wire.asked == [STATUS_URL] * 3


def test_an_operation_that_is_over_is_not_asked_again() -> None:
    running, wire = operation(accepted(), status("Succeeded"))

    assert [running.advance() for _ in range(3)] == [True, True, True]
    assert running.result is None
    assert len(wire.asked) == 1


@pytest.mark.parametrize(("body", "result"), [({"accessSAS": "u"}, {"accessSAS": "u"}), (None, None)])
def test_an_operation_without_a_status_url_is_over_when_its_location_answers_200(body: Any, result: Any) -> None:
    running, wire = operation(accepted(""), Answer(202), Answer(200, {}, body))

    assert [running.advance(), running.advance()] == [False, True]
    assert running.result == result
    assert wire.asked == [RESULT_URL, RESULT_URL]


@pytest.mark.parametrize("body", [None, {"accessSAS": "u"}])
def test_an_answer_of_200_at_once_is_the_end_and_its_body_the_result(body: Any) -> None:
    running, wire = operation(Answer(200, {}, body))

    assert running.advance()
    assert running.result == body
    assert wire.asked == []


def test_an_operation_that_was_created_with_a_status_url_is_asked() -> None:
    running, wire = operation(Answer(201, {"azure-asyncoperation": STATUS_URL}, {"id": "x"}), status("Succeeded"))

    assert running.advance()
    assert wire.asked == [STATUS_URL]


def test_a_failure_inside_a_200_is_an_error_with_its_code() -> None:
    error = {"code": "VMExtensionProvisioningError", "message": "the extension failed"}
    running, _ = operation(accepted(), status("Failed", error=error))

    with pytest.raises(OperationError, match="running a command in VM golden: Azure reports Failed") as raised:
        running.advance()

    assert (raised.value.status, raised.value.code) == (200, "VMExtensionProvisioningError")
    assert "the extension failed" in str(raised.value)


def test_a_failure_that_azure_sent_is_told_in_azure_s_words() -> None:
    body = recorded("test_vm_create_with_default_trusted_launch.json", 64)
    running, _ = operation(accepted(), Answer(200, {}, body))

    with pytest.raises(OperationError, match="has not reported status for VM agent or extensions") as raised:
        running.advance()

    assert raised.value.code == "VMAgentStatusCommunicationError"


def test_a_cancelled_operation_is_an_error_even_without_words() -> None:
    running, _ = operation(accepted(), status("Canceled"))

    with pytest.raises(OperationError, match="Canceled: no code: no message"):
        running.advance()


@pytest.mark.parametrize("first", [accepted(), accepted("")])
def test_an_answer_that_is_not_json_is_told(first: Answer) -> None:
    class Page(Answer):
        content = b"<html>"

    running, _ = operation(first, Page(200))

    with pytest.raises(AzureError, match="something that is not JSON"):
        running.advance()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"retry-after": "17"}, 17.0), ({"retry-after": "0"}, 7.0), ({}, 7.0), ({"retry-after": "Sun, 22 Nov"}, 7.0)],
)
def test_the_wait_is_what_azure_advises_or_ours(header: dict[str, str], seconds: float) -> None:
    running, _ = operation(accepted(**header), Answer(200, {"retry-after": "3"}, {"status": "InProgress"}))

    assert running.delay == seconds
    running.advance()
    assert running.delay == 3.0


def test_settling_waits_as_advised_and_gives_the_result() -> None:
    slow = Answer(200, {"retry-after": "20"}, {"status": "InProgress"})
    running, _ = operation(accepted(), slow, status("InProgress"), status("Succeeded", properties={"output": 1}))
    clock = Clock()

    assert asyncio.run(settle(clock, running)) == 1
    assert clock.pauses == [20.0, 7.0]


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([{"code": "OSState/generalized"}, {"code": "PowerState/stopped"}], "stopped"),
        ([{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/running"}], "running"),
        ([{"code": "ProvisioningState/failed"}], ""),
        ([{}], ""),
        (None, ""),
    ],
)
def test_a_power_state_is_the_one_that_is_there_or_none(statuses: Any, state: str) -> None:
    assert power_state({"statuses": statuses}) == state
