"""Sealproof where Azure misbehaves: it never acts twice, never claims what it did not see, and says what happened.

One run holds many copies of a healthy VM, each struck by another fault. Waiting is hurried: what Sealproof waits for
passes at once, on a clock of its own for each target.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.arm.requests import LoggedRequest
from tests.runners.hurry import hurry
from tests.runners.runs import MIXED, Run, sealproof

RUN_COMMAND, VIEW = "virtualMachines/runCommand", "virtualMachines/instanceView"
GENERALIZE, DEALLOCATE = "virtualMachines/generalize", "virtualMachines/deallocate"
TAGS = "tags/updateAtMachine"
GRANT, REVOKE = "disks/beginGetAccess", "disks/endGetAccess"
LAUNCH = 2
"""The second script that a healthy Linux guest gets is the launch; the first observes."""


@dataclass(frozen=True)
class Case:
    """What strikes one VM, and how its run ends."""

    faults: Sequence[Mapping[str, Any]]
    outcome: str = "proven"
    said: str = ""
    """In the reason that the record gives."""
    launches: int = 1
    """How often the launch was carried out."""
    deadline: int = 30


def fault(operation: str, effect: str, *calls: int, **more: Any) -> dict[str, Any]:
    return {"operation": operation, "effect": effect, "calls": calls or (1,)} | more


def refused(operation: str, status: int, *calls: int, **more: Any) -> dict[str, Any]:
    return fault(operation, "refuse", *calls, status=status, **more)


def lost(operation: str, *calls: int) -> dict[str, Any]:
    """The call is carried out, and its answer never comes."""
    return fault(operation, "drop", *calls, carried_out=True)


SURVIVED: Mapping[str, Case] = {
    "reading-fails-once": Case(
        [
            refused("virtualMachines/get", 429),
            fault(VIEW, "drop"),
            refused("virtualMachines/extensions", 503),
            refused("locks/listAtDisk", 500),
            fault("disks/get", "delay", seconds=0.2),
            fault("operations/get", "drop"),
            fault(VIEW, "drop", after=GENERALIZE),
        ]
    ),
    "throttled": Case(
        [
            refused(RUN_COMMAND, 429, 1, retry_after=1),
            refused(TAGS, 429, retry_after=1),
            refused(RUN_COMMAND, 429, 3),  # the second is the SDK's own second try
            refused(DEALLOCATE, 429),
            refused(GRANT, 429, retry_after=1),
            refused(GENERALIZE, 429, code="SubscriptionRequestsThrottled", retry_after=6),
        ]
    ),
    "unavailable": Case(
        [
            refused(RUN_COMMAND, 503),
            refused(DEALLOCATE, 503),
            refused(GRANT, 503),
            refused("blob/get", 503, 1, after=GRANT),
            fault("blob/get", "drop", 3, after=GRANT),
            fault("blob/get", "truncate", 5, after=GRANT),
            refused(REVOKE, 503),
        ]
    ),
    "revocation-unheard": Case([fault(REVOKE, "drop")]),
    "busy": Case([refused(RUN_COMMAND, 409), refused(RUN_COMMAND, 409, 3)]),
    "answers-lost": Case([lost(RUN_COMMAND, LAUNCH), lost(DEALLOCATE), lost(GENERALIZE)]),
    "unavailable-but-done": Case(
        [refused(DEALLOCATE, 503, carried_out=True), refused(GENERALIZE, 500, carried_out=True)]
    ),
    "reported-as-failed": Case(
        [
            fault(RUN_COMMAND, "operation-fails", LAUNCH, carried_out=True),
            fault(DEALLOCATE, "never-ends", carried_out=True),
        ]
    ),
    "launch-never-reported": Case([fault(RUN_COMMAND, "never-ends", LAUNCH, carried_out=True)]),
    "launch-answer-garbled": Case([fault(RUN_COMMAND, "garble", LAUNCH)]),
    "views-are-stale": Case(
        [
            fault(VIEW, "stale", 8, 9, after=RUN_COMMAND),
            fault(VIEW, "stale", 1, 2, after=DEALLOCATE),
            fault(VIEW, "stale", 1, 2, after=GENERALIZE),
        ]
    ),
}
"""Faults that pass: whoever looks, and asks again only for what may happen twice, proves the VM all the same."""

ENDED: Mapping[str, Case] = {
    "answer-garbled": Case([fault(RUN_COMMAND, "garble")], "undetermined", "the answer is damaged", 0),
    "answer-cut": Case([fault(RUN_COMMAND, "truncate")], "undetermined", "the frame's end is missing", 0),
    "agent-silent": Case([fault(VIEW, "silent-agent")], "failed", "VMAgentStatusCommunicationError", 0),
    "command-never-ends": Case([fault(RUN_COMMAND, "never-ends")], "undetermined", "still in progress", 0),
    "claim-refused": Case([refused(TAGS, 403)], "not acted", "could not be claimed", 0),
    "launch-unannounced": Case([refused(TAGS, 403, 2)], "not acted", "could not be claimed", 0),
    "launch-unheard": Case(
        [fault(RUN_COMMAND, "drop", LAUNCH)], "failed", "did not power itself off within 1 minutes", 0, deadline=1
    ),
    "silent-at-launch": Case(
        [fault(RUN_COMMAND, "silent-agent", LAUNCH)], "failed", "did not power itself off within 1 minutes", deadline=1
    ),
    "deallocation-fails": Case(
        [fault(DEALLOCATE, "operation-fails", code="AllocationFailed")], "undetermined", "AllocationFailed"
    ),
    "deallocation-never-ends": Case(
        [fault(DEALLOCATE, "never-ends")], "undetermined", "still in progress after 30 minutes; and the VM is not shown"
    ),
    "grant-fails": Case([fault(GRANT, "operation-fails")], "undetermined", "InternalExecutionError"),
    "grant-lost": Case([lost(GRANT)], "undetermined", "no answer from Azure"),
    "disk-refused": Case([refused("blob/get", 403, after=GRANT)], "undetermined", "403"),
    "revocation-refused": Case([refused(REVOKE, 409)], "undetermined", "az disk revoke-access"),
    "flag-refused": Case([refused(GENERALIZE, 409)], "undetermined", "another operation is in progress"),
    "flag-unheard": Case([refused(GENERALIZE, 500)], "undetermined", "HTTP 500"),
    "flag-never-seen": Case(
        [fault(VIEW, "stale", after=GENERALIZE, calls=(), from_call=1)], "undetermined", "does not show the flag"
    ),
}
"""Faults that end a target: nothing is claimed that was not seen, and the reason is told."""

ALL = {**SURVIVED, **ENDED}


def scenario(folder: Path, cases: Mapping[str, Case]) -> Path:
    """Write a scenario with a copy of the healthy Linux VM for each case."""
    data = yaml.safe_load(MIXED.read_text(encoding="utf-8"))
    machine, target = data["machines"][0], data["fleet"]["targets"][0]
    machine["guest"]["simulated"]["on_launch"]["seconds"] = 0.05
    data["pace"] = {"operation_seconds": 0.05, "retry_after": None}
    data["machines"], data["fleet"]["targets"] = [], []
    for name, case in cases.items():
        vm_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        data["machines"].append(copy.deepcopy(machine) | {"name": name, "vm_id": vm_id})
        arm_id = target["id"].replace("debian01", name)
        data["fleet"]["targets"].append(
            copy.deepcopy(target) | {"name": name, "id": arm_id, "vm_id": vm_id, "deadline_minutes": case.deadline}
        )
    data["faults"] = [
        {**item, "calls": list(item["calls"]), "target": name} for name, case in cases.items() for item in case.faults
    ]
    path = folder / "faults.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("faults")
    with hurry():
        return sealproof(folder, f"--lab={scenario(folder, ALL)}", "-q", "-k", "executor")


@pytest.fixture(scope="module")
def log(run: Run) -> tuple[LoggedRequest, ...]:
    lines = (run.folder / "lab-requests.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(LoggedRequest(**json.loads(line)) for line in lines)


def carried_out(log: Iterable[LoggedRequest], name: str, operation: str) -> int:
    """How many calls of one VM, or of its disk, were carried out, whatever the client heard of it."""
    done = [item["effect"] for item in ALL[name].faults if item.get("carried_out")]
    mine = [item for item in log if item.operation == operation and item.target.partition("_")[0] == name]
    return sum(item.status in (200, 202) or item.fault in done for item in mine)


def reasons(run: Run, name: str) -> list[str]:
    record = run.target(name)
    rows = [row.reason or "" for row in run.evidence.results if row.target == name]
    return [record.note, *(reason.text for reason in record.gate.reasons), *rows]


@pytest.mark.parametrize("name", SURVIVED)
def test_a_fault_that_passes_does_not_keep_a_vm_from_being_proven(run: Run, name: str) -> None:
    assert run.target(name).outcome == "proven", run.target(name).note


@pytest.mark.parametrize("name", ENDED)
def test_what_was_not_seen_is_not_claimed_and_the_reason_is_told(run: Run, name: str) -> None:
    assert run.target(name).outcome == ENDED[name].outcome, run.target(name).note
    assert any(ENDED[name].said in text for text in reasons(run, name)), run.target(name).note


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_counts_happens_twice(log: tuple[LoggedRequest, ...], name: str) -> None:
    assert carried_out(log, name, RUN_COMMAND) == 1 + ALL[name].launches
    assert carried_out(log, name, GENERALIZE) <= 1


def test_a_call_that_may_have_been_heard_is_not_sent_again(log: tuple[LoggedRequest, ...]) -> None:
    for name in ("answers-lost", "unavailable-but-done", "flag-unheard", "flag-never-seen"):
        assert len([item for item in log if (item.operation, item.target) == (GENERALIZE, name)]) == 1


def test_access_to_a_disk_does_not_outlive_the_reading(log: tuple[LoggedRequest, ...]) -> None:
    granted = {name for name in ALL if carried_out(log, name, GRANT)}
    revoked = {name for name in ALL if carried_out(log, name, REVOKE)}

    assert granted - revoked == {"revocation-refused"}
    assert "grant-lost" in granted


def test_every_planned_row_is_there_once_whatever_happened(run: Run) -> None:
    rows = Counter((row.target, row.check) for row in run.evidence.results)
    checks = {check for _, check in rows}

    assert set(rows) == {(name, check) for name in ALL for check in checks}
    assert set(rows.values()) == {1}


def test_the_verdict_and_the_exit_code_are_those_of_the_worst(run: Run) -> None:
    assert (run.evidence.verdict, run.code) == ("failed", 1)


def test_every_fault_struck(log: tuple[LoggedRequest, ...]) -> None:
    struck = Counter((item.operation, item.fault) for item in log if item.fault)
    wanted = Counter((item["operation"], item["effect"]) for case in ALL.values() for item in case.faults)

    assert not {key: (number, struck[key]) for key, number in wanted.items() if struck[key] < number}


def test_a_token_service_that_never_answers_is_one_clear_error(tmp_path: Path) -> None:
    path = scenario(tmp_path, {"healthy": Case([])})
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["faults"] = [{"operation": "token/grant", "effect": "refuse", "status": 400}]
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    run = sealproof(tmp_path, f"--lab={path}", "-q", "-k", "executor")

    assert run.code == 4
    assert "not signed in at https://localhost:" in run.text
    assert "AADSTS90033" in run.text
    assert "Traceback" not in run.text


def test_the_platform_s_limits_and_a_token_service_that_fails_once_are_survived(tmp_path: Path) -> None:
    path = scenario(tmp_path, {"healthy": Case([])})
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["throttling"] = {"enforced": True}
    data["faults"] = [refused("token/grant", 503)]
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    with hurry():
        assert sealproof(tmp_path, f"--lab={path}", "-q", "-k", "executor").code == 0
