from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.catalogue import Check, Metadata, problem
from checks.facts import Fact, Observation, UnknownFact, Unobserved
from checks.judgement import Judgement, judge
from tests.checks.facts import linux_guest, observation

BROKEN = problem(observed="on", expected="off", where="here")


def made(function: Callable[..., Any], needs: tuple[str, ...] = ("azure",), **metadata: Any) -> Check:
    data: dict[str, Any] = {
        "id": "AZ-THING-001",
        "title": "the thing is on",
        "phase": "pre",
        "platform": "any",
        "severity": "blocker",
        "waivable": True,
        "applies": None,
        "remedied_by": None,
        "proves": None,
        "grade": "D",
        "why": "why",
        "fix": "fix",
        "source": "source",
    }
    applies_needs = metadata.pop("applies_needs", ())
    return Check(Metadata(**(data | metadata)), function, needs, applies_needs, Path("checks/thing.py"), 7)


def unknown(azure: object) -> list[object]:
    raise UnknownFact("nobody looked")


def test_no_problem_passes() -> None:
    assert judge(made(lambda azure: []), observation()).outcome == "passed"


def test_a_problem_fails_a_blocker() -> None:
    judgement = judge(made(lambda azure: [BROKEN]), observation())

    assert (judgement.outcome, judgement.problems, judgement.blocks) == ("failed", (BROKEN,), True)


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_a_problem_only_warns_for_less_than_a_blocker(severity: str) -> None:
    judgement = judge(made(lambda azure: [BROKEN], severity=severity), observation())

    assert (judgement.outcome, judgement.blocks) == ("warned", False)


def test_problems_may_be_yielded() -> None:
    assert judge(made(lambda azure: (BROKEN for _ in range(2))), observation()).problems == (BROKEN, BROKEN)


def test_an_unknown_fact_is_undetermined_and_blocks() -> None:
    judgement = judge(made(unknown), observation())

    assert (judgement.outcome, judgement.reason, judgement.blocks) == ("undetermined", "nobody looked", True)


def test_an_unknown_fact_under_a_problem_generator_is_undetermined() -> None:
    def lazily(guest: Any) -> Any:
        yield BROKEN
        _ = guest.machine_id.value

    blind = observation(guest=linux_guest(machine_id=Fact.unknown("cut off")))

    assert judge(made(lazily, ("guest",)), blind).outcome == "undetermined"


@pytest.mark.parametrize(
    ("answer", "told"),
    [(None, "it returned None"), (True, "it returned True"), ("text", "it returned 't'"), ([1], "it returned 1")],
)
def test_an_answer_that_is_no_list_of_problems_does_not_pass(answer: object, told: str) -> None:
    judgement = judge(made(lambda azure: answer), observation())

    assert judgement.outcome == "undetermined"
    assert told in judgement.reason


def test_a_check_that_breaks_does_not_pass() -> None:
    judgement = judge(made(lambda azure: 1 // 0), observation())

    assert (judgement.outcome, judgement.blocks) == ("undetermined", True)
    assert "the check itself broke: ZeroDivisionError" in judgement.reason


def test_an_assertion_counts_as_a_problem() -> None:
    def asserting(azure: object) -> list[object]:
        raise AssertionError("the thing is off")

    (found,) = judge(made(asserting), observation()).problems

    assert (found.observed, found.where) == ("the thing is off", "checks/thing.py:7")


def test_an_assertion_without_words_counts_as_a_problem() -> None:
    def asserting(azure: object) -> list[object]:
        raise AssertionError

    assert judge(made(asserting), observation()).problems[0].observed == "the assertion does not hold"


def test_a_rule_of_another_platform_is_not_applicable() -> None:
    assert judge(made(unknown, platform="windows"), observation("linux")).outcome == "not applicable"


def test_a_vantage_that_was_not_observed_is_undetermined() -> None:
    judgement = judge(made(lambda guest: [], ("guest",)), observation(guest=Unobserved("Run Command failed")))

    assert (judgement.outcome, judgement.reason) == ("undetermined", "guest: Run Command failed")


def test_a_vantage_that_can_not_apply_is_not_applicable() -> None:
    judgement = judge(
        made(lambda disk: [], ("disk",)), observation(disk=Unobserved("witness: guest", applicable=False))
    )

    assert judgement.outcome == "not applicable"


def test_the_policy_is_always_there() -> None:
    assert (
        judge(made(lambda policy: [] if policy.witness == "disk" else None, ("policy",)), Observation("linux")).outcome
        == "passed"
    )


@pytest.mark.parametrize(("applies", "outcome"), [(True, "failed"), (False, "not applicable")])
def test_a_predicate_decides_whether_the_rule_applies(applies: bool, outcome: str) -> None:
    conditional = made(lambda azure: [BROKEN], applies=lambda guest: applies, applies_needs=("guest",))

    assert judge(conditional, observation()).outcome == outcome


def test_a_predicate_on_an_unknown_fact_is_undetermined() -> None:
    conditional = made(lambda azure: [BROKEN], applies=unknown, applies_needs=("azure",))

    assert judge(conditional, observation()).outcome == "undetermined"


def test_a_predicate_on_a_vantage_that_was_not_observed_is_undetermined() -> None:
    conditional = made(lambda azure: [], applies=lambda disk: True, applies_needs=("disk",))

    assert judge(conditional, observation()).outcome == "undetermined"


@pytest.mark.parametrize(
    ("outcome", "blocks"),
    [
        ("passed", False),
        ("failed", True),
        ("warned", False),
        ("undetermined", True),
        ("blocked", True),
        ("waived", False),
        ("not applicable", False),
    ],
)
def test_a_blocker_stops_its_target_unless_it_is_settled(outcome: Any, blocks: bool) -> None:
    assert Judgement(made(unknown), outcome).blocks is blocks
    assert not Judgement(made(unknown, severity="warning"), outcome).blocks
