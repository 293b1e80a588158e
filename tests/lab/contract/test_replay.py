"""The lab answers what Azure answered, exchange by exchange, from the state in which the recording began."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.contract.contract import Contract
from tests.lab.contract.coverage import COMMAND, Coverage, cover, floor
from tests.lab.contract.documents import Documents
from tests.lab.contract.known_differences import KNOWN_DIFFERENCES
from tests.lab.contract.recordings import recordings
from tests.lab.contract.shape import differences
from tests.lab.contract.shared import material
from tests.lab.contract.tolerated import RULES

NAMES = sorted(floor())


@pytest.fixture(scope="module")
def replayed() -> dict[str, Coverage]:
    recordings()  # skips where there are none
    return {name: cover(name) for name in NAMES}


def test_every_recording_has_a_floor() -> None:
    assert [recording.name for recording in recordings()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_lab_answers_as_azure_did(
    replayed: dict[str, Coverage], name: str, record_property: Callable[[str, object], None]
) -> None:
    coverage = replayed[name]
    print(coverage.report())
    record_property("covered", f"{coverage.covered} of {len(coverage.outcomes)}")
    assert coverage.unexplained == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_covered_stays_covered(replayed: dict[str, Coverage], name: str) -> None:
    covered, least = replayed[name].covered, floor()[name]
    assert covered >= least, f"fewer exchanges are covered than before:\n{replayed[name].report()}"
    assert covered <= least, f"more is covered than the floor says. Raise the floor: run {COMMAND}"


def test_what_the_lab_answers_to_recorded_requests_keeps_to_the_documents(replayed: dict[str, Coverage]) -> None:
    contract = Contract(Documents.of(material("openapi")))
    answers = [item.answer for coverage in replayed.values() for item in coverage.outcomes if item.answer is not None]
    assert [problem for answer in answers for problem in contract.problems(answer)] == []


def test_every_known_difference_is_still_there(replayed: dict[str, Coverage]) -> None:
    needed = {known for coverage in replayed.values() for known in coverage.needed}
    assert set(KNOWN_DIFFERENCES) - needed == set()


def test_every_rule_is_still_needed(replayed: dict[str, Coverage]) -> None:
    used = {rule for coverage in replayed.values() for outcome in coverage.outcomes for rule in outcome.rules}
    assert set(RULES) - used == set()


@pytest.mark.parametrize(
    ("part", "broken", "place"),
    [
        ("lab.arm.machine.Machine.model", lambda _machine, **_options: {"name": "vm1"}, "$.properties"),
        ("lab.arm.operations.Operation.body", lambda operation: {"status": operation.status}, "$.startTime"),
        (
            "lab.arm.throttle.Throttle.headers",
            lambda *_call, **_options: {},
            "header x-ms-ratelimit-remaining-resource",
        ),
    ],
)
def test_a_lab_that_answers_otherwise_is_found(
    monkeypatch: pytest.MonkeyPatch, part: str, broken: Callable[..., object], place: str
) -> None:
    monkeypatch.setattr(part, broken)
    unexplained = cover("test_vm_hibernation_enabled").unexplained
    assert any(f": missing {place}: " in line for line in unexplained)


def test_the_state_advances_as_recorded(replayed: dict[str, Coverage]) -> None:
    outcomes = {outcome.seq: outcome for outcome in replayed["cli2021_test_vm_capture_zone_resilient_image"].outcomes}
    assert outcomes[17].operation == "virtualMachines/get"  # the first look after deallocate and generalize
    assert outcomes[17].verdict == "covered"


@pytest.mark.parametrize(
    ("real", "lab", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": "1"}, ["type $.a"]),
        ({"a": 1}, {"a": True}, ["type $.a"]),
        ({"a": 1}, {}, ["missing $.a"]),
        ({}, {"a": 1}, ["extra $.a"]),
        ({"a": "x"}, {"a": "y"}, ["value $.a"]),
        ([{"code": "a"}], [{"code": "a"}, {"code": "b"}], ["value $[].code"]),
        ([{"code": "a"}, {"code": "b"}], [{"code": "b"}], ["missing $[]"]),
        ([], [1], ["extra $[]"]),
        ([1], [], ["missing $[]"]),
        (None, {}, ["type $"]),
    ],
)
def test_a_difference_is_found(real: Any, lab: Any, expected: list[str]) -> None:
    assert [f"{item.kind} {item.place}" for item in differences(real, lab)] == expected
