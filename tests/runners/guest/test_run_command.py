"""The forms in which Azure's action Run Command gives a script's output back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runners.errors import AzureError, ChannelError, RefusedError
from runners.guest.channel import Output
from runners.guest.run_command import RunCommandChannel, read_result
from tests.runners.guest.machines import InstantScheduler

RECORDING = Path(__file__).parents[4] / "shared/recordings/azure/test_vm_run_command_with_parameters.json"
BUSY = AzureError(
    "Run command extension execution is in progress. Please wait for completion before invoking a run command.",
    status=409,
    code="Conflict",
)


def linux(message: str) -> dict[str, Any]:
    return {"value": [{"code": "ProvisioningState/succeeded", "level": "Info", "message": message}]}


@pytest.mark.parametrize(
    ("message", "output"),
    [
        ("Enable succeeded: \n[stdout]\nhello\n\n[stderr]\n", Output("hello\n", "")),
        ("Enable succeeded: \n[stdout]\n\n[stderr]\nsh: 1: nope\n", Output("", "sh: 1: nope\n")),
        (
            "Enable failed: failed to execute command: command terminated with exit status=1\n[stdout]\na\n[stderr]\nb",
            Output("a", "b"),
        ),
        ("Enable succeeded: \n[stdout]\n[stderr]\n\n[stderr]\n", Output("[stderr]\n", "")),
        ("something else", Output("something else", "")),
        ("", Output("", "")),
    ],
    ids=["stdout", "stderr", "failed", "mark in the output", "other", "empty"],
)
def test_linux_gives_both_streams_in_one_message(message: str, output: Output) -> None:
    assert read_result(linux(message)) == output


def test_windows_gives_one_entry_a_stream() -> None:
    result = {
        "value": [
            {"code": "ComponentStatus/StdOut/succeeded", "displayStatus": "Provisioning succeeded", "message": "hello"},
            {"code": "ComponentStatus/StdErr/succeeded", "displayStatus": "Provisioning succeeded", "message": "oh"},
        ]
    }
    assert read_result(result) == Output("hello", "oh")


def test_windows_without_errors_has_an_empty_message() -> None:
    result = {
        "value": [
            {"code": "ComponentStatus/StdOut/succeeded", "message": "hello"},
            {"code": "ComponentStatus/StdErr/succeeded", "message": ""},
        ]
    }
    assert read_result(result) == Output("hello", "")


@pytest.mark.parametrize("result", [{}, {"value": []}, {"value": "text"}, {"value": ["text"]}, {"error": {}}])
def test_a_result_without_output_is_an_error(result: dict[str, Any]) -> None:
    with pytest.raises(ChannelError, match="ended without output"):
        read_result(result)


def test_a_recorded_answer_of_azure_is_read() -> None:
    if not RECORDING.exists():
        pytest.skip("the recordings of real Azure exchanges are not beside this repository")
    results = [value for value in _walk(json.loads(RECORDING.read_text())) if "Enable succeeded" in str(value)]
    assert results
    for result in results:
        output = read_result(result)
        assert output.stdout.strip() == "/var/lib/waagent/run-command/download/0/script.sh hello"
        assert output.stderr == ""


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    """Yield each Run Command result in a recording; bodies may be strings of JSON."""
    if isinstance(node, str) and '"value"' in node:
        yield from _walk(json.loads(node))
    elif isinstance(node, dict):
        if isinstance(node.get("value"), list) and node["value"] and "message" in node["value"][0]:
            yield node
        for item in node.values():
            yield from _walk(item)
    elif isinstance(node, list):
        for item in node:
            yield from _walk(item)


class Busy:
    """Answers with `error` a number of times, then with an output."""

    def __init__(self, times: int, error: AzureError = BUSY) -> None:
        self.times = times
        self.error = error

    async def __call__(self, script: str) -> dict[str, Any]:
        assert script == "true"
        self.times -= 1
        if self.times >= 0:
            raise self.error
        return linux("Enable succeeded: \n[stdout]\ndone\n[stderr]\n")


def test_another_run_command_in_progress_is_waited_for() -> None:
    scheduler = InstantScheduler()
    output = asyncio.run(RunCommandChannel(Busy(3), scheduler).run("true"))
    assert output == Output("done", "")
    assert len(scheduler.pauses) == 3


def test_a_vm_that_stays_busy_is_an_error_with_a_remedy() -> None:
    scheduler = InstantScheduler()
    channel = RunCommandChannel(Busy(10_000), scheduler, where="VM golden", patience=timedelta(minutes=2))
    with pytest.raises(RefusedError, match=r"VM golden: another Run Command.*2 minutes.*Wait for it to end"):
        asyncio.run(channel.run("true"))


@pytest.mark.parametrize(
    "error",
    [
        AzureError("The operation requires the VM to be running", status=409, code="OperationNotAllowed"),
        AzureError("no", status=403, code="AuthorizationFailed"),
    ],
    ids=["another conflict", "forbidden"],
)
def test_other_refusals_are_not_retried(error: AzureError) -> None:
    scheduler = InstantScheduler()
    with pytest.raises(AzureError) as raised:
        asyncio.run(RunCommandChannel(Busy(1, error), scheduler).run("true"))
    assert raised.value is error
    assert scheduler.pauses == []
