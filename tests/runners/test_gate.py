"""The gate opens only when nothing at all speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue import Catalogue, Check, Problem, builtin_modules, problem
from checks.facts import Fact, Foretold, Observation
from checks.healthy import azure_facts, linux_guest, observation, windows_guest
from checks.judgement import Judgement
from runners.gate import Decision, Reason, evaluate
from tests.checks.metadata import made_up

RESIDUE = Foretold("LNX-MACHINE-001", "machine-id", "the machine-id of every clone", "Add `machine-id` to `clean`.")


def a_check(id: str, answer: Callable[[Any], Iterable[Problem]], **metadata: Any) -> Check:  # noqa: A002
    def function(guest: Any) -> Iterable[Problem]:
        return answer(guest)

    return Check(made_up(id=id, **metadata), function, ("guest",), (), Path("check.py"), 1)


def fails(_: Any) -> list[Problem]:
    return [problem(observed="no agent", expected="an agent", where="/usr/sbin/waagent")]


def passes(_: Any) -> list[Problem]:
    return []


def is_unknown(_: Any) -> list[Problem]:
    answer: Fact[list[Problem]] = Fact.unknown("the probe was cut")
    return answer.value


def unwaived(item: Judgement) -> Judgement:
    return item


def decide(*checks: Check, **options: Any) -> Decision:
    options = {"waive": unwaived} | options
    return evaluate(Catalogue(checks), observation(), **options)


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_it_is_open_for_a_healthy_target(platform: str) -> None:
    decision = evaluate(Catalogue.from_modules(builtin_modules()), observation(platform), unwaived)

    assert decision.reasons == ()
    assert decision.open
    assert {item.check.metadata.phase for item in decision.judgements} == {"pre"}


@pytest.mark.parametrize("platform", ["linux", "windows", "unknown"])
def test_it_is_closed_for_a_target_that_nobody_observed(platform: str) -> None:
    decision = evaluate(Catalogue.from_modules(builtin_modules()), Observation(platform=platform), unwaived)

    assert not decision.open
    assert {reason.code for reason in decision.reasons} == {"undetermined"}


def test_a_blocker_that_failed_closes_it_and_says_what_was_seen_and_what_to_do() -> None:
    (reason,) = decide(a_check("AB-CD-001", fails)).reasons

    assert reason == Reason(
        "failed",
        "the agent is there: no: /usr/sbin/waagent: no agent (required: an agent)",
        "apt install waagent",
        "AB-CD-001",
    )


def test_a_blocker_that_could_not_be_determined_closes_it() -> None:
    (reason,) = decide(a_check("AB-CD-001", is_unknown)).reasons

    assert (reason.code, reason.check) == ("undetermined", "AB-CD-001")
    assert "the probe was cut" in reason.text
    assert "apt install waagent" in reason.remedy


@pytest.mark.parametrize("severity", ["warning", "info"])
@pytest.mark.parametrize("answer", [fails, is_unknown])
def test_what_is_less_than_a_blocker_does_not_close_it(severity: str, answer: Callable[..., Any]) -> None:
    decision = decide(a_check("AB-CD-001", answer, severity=severity))

    assert decision.open
    assert decision.judgements[0].outcome in ("warned", "undetermined")


def test_a_post_check_is_not_asked() -> None:
    decision = decide(a_check("AB-CD-001", fails, phase="post"), a_check("AB-CD-002", passes))

    assert [item.check.id for item in decision.judgements] == ["AB-CD-002"]
    assert decision.open


def test_a_waived_failure_does_not_close_it_and_still_shows() -> None:
    decision = decide(a_check("AB-CD-001", fails), waive=lambda item: replace(item, outcome="waived"))

    assert decision.open
    assert decision.judgements[0].problems != ()


def test_a_veto_closes_it_although_every_check_passed() -> None:
    decision = decide(a_check("AB-CD-001", passes), vetoes=["test_ours[golden] did not pass"])

    assert not decision.open
    assert [(reason.code, reason.text, reason.check) for reason in decision.reasons] == [
        ("veto", "test_ours[golden] did not pass", "")
    ]
    assert decision.reasons[0].remedy


def test_residue_that_a_blocker_would_find_closes_it_and_names_the_key() -> None:
    decision = decide(a_check("LNX-MACHINE-001", passes, phase="post"), forecast=[RESIDUE])

    assert decision.reasons == (
        Reason(
            "forecast",
            "the machine-id of every clone will survive the step",
            "Add `machine-id` to `clean`.",
            "LNX-MACHINE-001",
        ),
    )


def test_residue_that_is_foretold_to_go_closes_nothing() -> None:
    assert decide(forecast=[replace(RESIDUE, survives=Fact.of(False))]).open


def test_residue_of_which_nothing_is_known_counts_as_surviving() -> None:
    (reason,) = decide(forecast=[replace(RESIDUE, survives=Fact.unknown("the probe was cut"))]).reasons

    assert reason.text.startswith("whether the machine-id of every clone survives the step is not known (the probe was")


def test_residue_whose_check_is_not_known_closes_it() -> None:
    assert not decide(forecast=[RESIDUE]).open


def test_residue_that_would_only_warn_does_not_close_it() -> None:
    assert decide(a_check("LNX-MACHINE-001", passes, phase="post", severity="warning"), forecast=[RESIDUE]).open


def test_what_our_preparation_removes_closes_it_only_after_the_preparation() -> None:
    check = a_check("AB-CD-001", fails, remedied_by="prepare")

    assert decide(check).open
    assert not decide(check, prepared=True).open


def test_what_our_preparation_removes_must_have_been_looked_at() -> None:
    assert not decide(a_check("AB-CD-001", is_unknown, remedied_by="prepare")).open


ANSWERS = st.sampled_from([passes, fails, is_unknown])


@given(
    st.lists(st.tuples(ANSWERS, st.sampled_from(["blocker", "warning"])), max_size=6),
    st.lists(st.just("a test of ours failed"), max_size=2),
    st.lists(st.just(RESIDUE), max_size=2),
)
def test_it_is_open_exactly_when_no_blocker_no_veto_and_no_residue_speaks_against_it(
    answers: list[tuple[Callable[[Any], Iterable[Problem]], str]], vetoes: list[str], residue: list[Foretold]
) -> None:
    checks = [a_check(f"AB-CD-{number:03}", answer, severity=kind) for number, (answer, kind) in enumerate(answers)]

    decision = decide(*checks, vetoes=vetoes, forecast=residue)

    against = [kind for answer, kind in answers if kind == "blocker" and answer is not passes]
    assert decision.open == (not against and not vetoes and not residue)
    assert len(decision.reasons) == len(against) + len(vetoes) + len(residue)
    assert decision == decide(*checks, vetoes=vetoes, forecast=residue)


def test_one_bad_fact_closes_it_through_the_whole_catalogue() -> None:
    catalogue = Catalogue.from_modules(builtin_modules())
    bad = [
        observation(guest=linux_guest(agent=Fact.missing())),
        observation(azure=azure_facts(generalized=(True,))),
        observation(azure=azure_facts(power_state="stopped")),
        observation("windows", guest=windows_guest(installed_roles=("AD-Domain-Services",))),
    ]

    assert [evaluate(catalogue, seen, unwaived).open for seen in bad] == [False] * len(bad)
