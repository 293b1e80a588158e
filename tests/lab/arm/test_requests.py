"""The request log."""

from __future__ import annotations

import json
from pathlib import Path

from lab.server import serve
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import Arm, memory_guest


def test_every_request_is_told_with_its_operation_and_target(arm: Arm) -> None:
    arm("GET", arm.machine.upper())
    arm("POST", f"{arm.machine}/generalize")
    arm("POST", f"{arm.machine}/redeploy")
    arm("DELETE", arm.machine)
    last = arm.running.requests[-4:]
    assert [(entry.method, entry.status, entry.operation, entry.target) for entry in last] == [
        ("GET", 200, "virtualMachines/get", "LINUX01"),
        ("POST", 409, "virtualMachines/generalize", "Linux01"),
        ("POST", 501, "", ""),
        ("DELETE", 501, "", "Linux01"),
    ]
    assert last[0].query == {"api-version": "2026-04-01"}
    assert last[0].sent_bytes > 500


def test_the_log_can_be_a_file_of_json_lines_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    with serve(SCENARIO, guests=memory_guest, request_log=file) as running:
        arm = Arm(running)
        url = arm("POST", f"{arm.machine}/powerOff").headers["azure-asyncoperation"]
        arm("GET", url)
        arm.close()
        entries = running.requests
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["operation"] for line in lines] == [entry.operation for entry in entries]
    assert lines[-1]["operation"] == "operations/get"
    assert set(lines[-1]["query"]) == {"api-version"}
    assert running.client_secret not in file.read_text()


def test_a_client_finds_its_request_in_the_log_as_soon_as_it_has_the_answer(arm: Arm) -> None:
    for count in range(50):
        before = len(arm.running.requests)
        arm("GET", arm.machine)
        assert len(arm.running.requests) == before + 1, count
