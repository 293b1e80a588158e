"""A judgement never passes what nobody saw, and never breaks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue import Check, Problem, problem
from checks.facts import Fact, Observation, Policy, Unobserved
from checks.healthy import linux_disk, linux_guest, observation, sealed_observation
from checks.judgement import Judgement, judge
from tests.checks import claims
from tests.checks.metadata import made_up

PROBLEM = problem(observed="no agent", expected="an agent", where="/usr/sbin/waagent")


def a_check(function: Callable[..., Any], *needs: str, applies_needs: tuple[str, ...] = (), **metadata: Any) -> Check:
    return Check(made_up(**metadata), function, needs or ("guest",), applies_needs, Path("agent.py"), 7)


def answering(answer: Any) -> Callable[[Any], Any]:
    return lambda guest: answer


@pytest.mark.parametrize(("severity", "outcome"), [("blocker", "failed"), ("warning", "warned"), ("info", "warned")])
def test_a_problem_fails_a_blocker_and_warns_otherwise(severity: str, outcome: str) -> None:
    judgement = judge(a_check(answering([PROBLEM]), severity=severity), observation())

    assert judgement == Judgement(judgement.check, outcome, (PROBLEM,))  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [[], (), iter(())])
def test_no_problem_passes(answer: object) -> None:
    assert judge(a_check(answering(answer)), observation()).outcome == "passed"


def test_a_rule_for_another_platform_is_not_applicable() -> None:
    judgement = judge(a_check(answering([PROBLEM]), platform="windows"), observation("linux"))

    assert (judgement.outcome, judgement.reason) == ("not applicable", "a rule for windows guests")


def test_a_vantage_that_was_not_observed_is_undetermined_and_says_why() -> None:
    judgement = judge(a_check(answering([])), observation(guest=Unobserved("the VM is stopped")))

    assert (judgement.outcome, judgement.reason) == ("undetermined", "guest: the VM is stopped")


def test_a_vantage_that_can_not_apply_makes_the_rule_not_applicable() -> None:
    seen = observation(guest=Unobserved("a generalized VM can't be asked", applicable=False))

    assert judge(a_check(answering([])), seen).outcome == "not applicable"


def test_a_vantage_that_can_not_apply_counts_before_one_that_was_not_observed() -> None:
    check = a_check(answering([]), applies=lambda before: True, applies_needs=("before",))
    seen = observation(guest=Unobserved("the VM is stopped"), before=Unobserved("mode confirm", applicable=False))

    assert judge(check, seen).reason == "before: mode confirm"


def test_a_vantage_that_only_the_predicate_needs_must_be_observed_too() -> None:
    check = a_check(answering([]), applies=lambda azure: True, applies_needs=("azure",))

    assert judge(check, observation(azure=Unobserved("HTTP 403"))).outcome == "undetermined"


def test_an_unknown_fact_is_undetermined() -> None:
    check = a_check(lambda guest: [] if guest.agent.absent else [PROBLEM])

    judgement = judge(check, observation(guest=linux_guest(agent=Fact.unknown("the probe was cut"))))

    assert (judgement.outcome, judgement.reason) == ("undetermined", "the probe was cut")


def test_a_rule_that_does_not_apply_is_not_asked() -> None:
    def never(guest: object) -> list[Problem]:
        raise RuntimeError

    check = a_check(
        never, applies=lambda guest: guest.distribution.value == "rhel", applies_needs=("guest",), severity="blocker"
    )

    assert judge(check, observation()).outcome == "not applicable"


@pytest.mark.parametrize(
    ("distribution", "outcome"), [(Fact.of("rhel"), "failed"), (Fact.unknown("no os-release"), "undetermined")]
)
def test_a_rule_applies_or_nobody_knows(distribution: Fact[str], outcome: str) -> None:
    check = a_check(
        answering([PROBLEM]), applies=lambda guest: guest.distribution.value == "rhel", applies_needs=("guest",)
    )

    assert judge(check, observation(guest=linux_guest(distribution=distribution))).outcome == outcome


def test_an_assertion_counts_as_a_problem_where_the_check_stands() -> None:
    def asserts(guest: Any) -> list[Problem]:
        assert guest is None, "there is a guest"
        return []

    judgement = judge(a_check(asserts), observation())

    assert judgement.outcome == "failed"
    (found,) = judgement.problems
    assert "there is a guest" in found.observed
    assert found.where == "agent.py:7"


def test_an_assertion_without_words_is_a_problem_too() -> None:
    def asserts(guest: Any) -> list[Problem]:
        raise AssertionError

    assert judge(a_check(asserts), observation()).problems[0].observed == "the assertion does not hold"


def test_an_assertion_inside_a_generator_is_a_problem_too() -> None:
    def asserts(guest: Any) -> Iterator[Problem]:
        assert guest is None
        yield PROBLEM

    assert judge(a_check(asserts), observation()).outcome == "failed"


@pytest.mark.parametrize("answer", [None, True, False, 0, PROBLEM])
def test_a_check_that_forgot_to_return_its_problems_does_not_pass(answer: object) -> None:
    judgement = judge(a_check(answering(answer)), observation())

    assert judgement.outcome == "undetermined"
    assert "return a list of problem(...)" in judgement.reason


def test_a_stranger_among_the_problems_is_undetermined() -> None:
    judgement = judge(a_check(answering([PROBLEM, "no agent"])), observation())

    assert judgement.outcome == "undetermined"
    assert "'no agent'" in judgement.reason


@pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError(), RecursionError(), AttributeError("value")])
def test_a_check_that_breaks_is_undetermined_and_names_its_error(error: Exception) -> None:
    def breaks(guest: Any) -> list[Problem]:
        raise error

    judgement = judge(a_check(breaks), observation())

    assert judgement.outcome == "undetermined"
    assert type(error).__name__ in judgement.reason


@pytest.mark.parametrize("leave", [pytest.skip, pytest.fail, sys.exit], ids=["skip", "fail", "exit"])
def test_a_check_that_leaves_by_another_door_is_undetermined(leave: Callable[[str], object]) -> None:
    def leaves(guest: Any) -> list[Problem]:
        leave("not now")
        return []

    assert judge(a_check(leaves), observation()).outcome == "undetermined"


@pytest.mark.parametrize("platform", ["linux", "windows"])
@pytest.mark.parametrize("seen", ["", "unknown", "plan9"])
def test_a_rule_for_one_platform_is_undetermined_where_the_platform_is_not_known(platform: str, seen: str) -> None:
    judgement = judge(a_check(lambda guest: [], platform=platform), replace(observation(), platform=seen))

    assert judgement.outcome == "undetermined"


def test_a_text_is_no_list_of_problems() -> None:
    def says(guest: Any) -> Any:
        return ""

    assert judge(a_check(says), observation()).outcome == "undetermined"


def test_a_check_gets_exactly_the_vantages_it_asks_for() -> None:
    got: dict[str, object] = {}

    def keep(azure: object, policy: object) -> Iterable[Problem]:
        got.update(azure=azure, policy=policy)
        return []

    seen = observation(guest=Unobserved("no answer"))
    judgement = judge(a_check(keep, "azure", "policy"), seen)

    assert judgement.outcome == "passed"
    assert got == {"azure": seen.azure, "policy": seen.policy}


@pytest.mark.parametrize(
    ("severity", "outcome", "blocks"),
    [
        ("blocker", "failed", True),
        ("blocker", "undetermined", True),
        ("blocker", "blocked", True),
        ("blocker", "passed", False),
        ("blocker", "waived", False),
        ("blocker", "not applicable", False),
        ("warning", "warned", False),
        ("warning", "undetermined", False),
        ("info", "blocked", False),
    ],
)
def test_only_a_blocker_that_did_not_hold_blocks(severity: str, outcome: Any, *, blocks: bool) -> None:
    assert Judgement(a_check(answering([]), severity=severity), outcome).blocks == blocks


@given(
    st.sampled_from(["linux", "windows", "unknown", ""]),
    st.sets(st.sampled_from(["azure", "guest", "disk", "receipt", "before"]), min_size=1).map(sorted),
)
def test_a_target_that_nobody_observed_passes_no_rule(platform: str, needs: list[str]) -> None:
    check = a_check(lambda **facts: [], *needs)

    assert judge(check, Observation(platform=platform)).outcome == "undetermined"


# What stands in for the disk


def guest_testifies(**facts: Any) -> Observation:
    disk = Unobserved("not to be read", applicable=False)
    return sealed_observation(disk=disk, look=linux_disk(**facts), policy=Policy(witness="guest"))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (Fact.missing(), "passed"),
        (Fact.of(("ssh_host_rsa_key",)), "failed"),
        (Fact.unknown("the frame was cut"), "undetermined"),
        (Fact.out_of_reach("only the disk shows it"), "not applicable"),
    ],
)
def test_rules_of_the_disk_judge_what_the_guest_saw_where_the_fleet_file_says_so(
    fact: Fact[tuple[str, ...]], outcome: str
) -> None:
    check = claims.catalogue()["LNX-RESIDUE-001"]
    assert judge(check, guest_testifies(host_keys=fact)).outcome == outcome


def test_a_look_that_did_not_come_back_is_never_a_pass() -> None:
    seen = sealed_observation(
        disk=linux_disk(), look=Unobserved("the frame was cut"), policy=Policy(witness="guest", deprovision_user="a")
    )
    judged = [judge(check, seen) for check in claims.catalogue().phase("post") if "disk" in check.needs]
    assert {item.outcome for item in judged} <= {"undetermined", "not applicable"}
    assert {item.check.id for item in judged if item.outcome == "undetermined"} >= {"LNX-WAAGENT-001", "LNX-USER-002"}
