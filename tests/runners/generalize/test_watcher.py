"""A launched Sysprep is watched until there is something to tell, on a VM in memory."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from checks.facts import Policy, Receipt, Unobserved
from checks.healthy import observation
from runners.errors import AzureError, ChannelError, DiskError, RefusedError
from runners.generalize.launch import Launch, Launched
from tests.runners.generalize.fakes import NOON, POLL, Bench

SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
DONE: dict[str, Any] = {"sysprep_processes": [], "image_state": SEALED, "success_tag": "2026-11-22T12:00:20Z"}
FAILED: dict[str, Any] = {
    "sysprep_processes": [],
    "image_state": "IMAGE_STATE_COMPLETE",
    "error_lines": [
        "2026-11-22 12:00:07, Error     SYSPRP Package A.B_1 was installed for a user, but not provisioned"
    ],
}
LOST = ChannelError("the answer is lost")


@pytest.fixture
def bench() -> Bench:
    bench = Bench("windows")
    bench.guest.off_after = None
    return bench


def quits(bench: Bench) -> Bench:
    bench.before = observation("windows", policy=Policy(sysprep_end="quit"))
    return bench


def passed(bench: Bench) -> timedelta:
    return bench.clock.now() - NOON


def test_one_that_has_failed_is_told_within_two_polls_with_cause_and_remedy(bench: Bench) -> None:
    bench.guest.looks = [FAILED]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, ending.receipt.launched_as) == ("failed", "root")
    assert "Sysprep failed" in ending.stopped
    assert "package A.B_1" in ending.stopped
    assert "What to do: Remove it for every user" in ending.stopped
    assert passed(bench) <= timedelta(seconds=2 * POLL)
    assert (bench.arm.power, bench.arm.flags) == ("running", 0)


def test_one_that_ended_in_the_middle_is_looked_at_twice_at_once(bench: Bench) -> None:
    bench.guest.looks = [FAILED | {"image_state": "IMAGE_STATE_UNDEPLOYABLE"}]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "failed"
    assert len(bench.guest.watches) == 2
    assert passed(bench) <= timedelta(seconds=4 * POLL)


def test_a_hung_one_is_told_at_the_stall_limit(bench: Bench) -> None:
    bench.guest.looks = [{}, {"quiet_seconds": 600}]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "hung"
    assert "Sysprep hangs" in ending.stopped
    assert passed(bench) <= timedelta(minutes=10)


@pytest.mark.parametrize("lost", [LOST, AzureError("no answer"), RefusedError("busy", status=409, code="Conflict")])
def test_a_guest_that_gives_no_sign_of_life_is_hung_at_the_stall_limit(bench: Bench, lost: Exception) -> None:
    bench.guest.looks = [lost]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, "no sign of life for 10 minutes" in ending.receipt.cause) == ("hung", True)
    assert passed(bench) <= timedelta(minutes=10, seconds=2 * POLL)
    assert "watch.unseen" in bench.journal.events


@pytest.mark.parametrize("seconds", [0.0, 1200.0, 1e300])
def test_a_guest_that_azure_lets_nobody_ask_is_not_called_silent(bench: Bench, seconds: float) -> None:
    bench.guest.looks = [{}, RefusedError("HTTP 429", status=429, seconds=seconds)]
    bench.guest.off_after = 25 * 60.0

    assert bench.seal().generalized
    assert passed(bench) > timedelta(minutes=25)


def test_the_deadline_holds_for_one_that_azure_lets_nobody_ask(bench: Bench) -> None:
    bench.guest.looks = [RefusedError("HTTP 429", status=429)]
    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "hung"
    assert timedelta(minutes=30) <= passed(bench) <= timedelta(minutes=31)


def test_the_last_sign_of_life_counts(bench: Bench) -> None:
    bench.guest.looks = [{}, LOST]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert "ImageState was IMAGE_STATE_UNDEPLOYABLE before that" in ending.receipt.cause


def test_a_guest_that_shows_the_same_and_not_for_how_long_gives_no_sign_of_life(bench: Bench) -> None:
    bench.guest.looks = [{"quiet_seconds": None, "log_bytes": None}]
    bench.looks_on = False

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, "no sign of life" in ending.receipt.cause) == ("hung", True)
    assert passed(bench) <= timedelta(minutes=11)


def test_an_agent_that_sysprep_stops_keeps_nobody_from_seeing_the_power_go_off(bench: Bench) -> None:
    bench.guest.looks = [{}, LOST]
    bench.guest.off_after = 540.0

    ending = bench.seal()

    assert ending.generalized
    assert passed(bench) <= timedelta(seconds=560)


def test_a_script_that_is_never_answered_ends_with_the_guest(bench: Bench) -> None:
    bench.guest.answers_never = True
    bench.guest.off_after = 300.0

    assert bench.seal().generalized
    assert len(bench.guest.watches) == 1


def test_a_script_that_is_never_answered_is_a_hang_when_its_time_is_over(bench: Bench) -> None:
    bench.guest.answers_never = True
    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "hung"
    assert passed(bench) <= timedelta(minutes=10, seconds=2 * POLL)


def test_the_overall_deadline_holds_for_one_that_works_on_and_on(bench: Bench) -> None:
    bench.guest.looks = [{"log_bytes": number} for number in range(100)]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, "30 minutes after the launch" in ending.receipt.cause) == ("hung", True)
    assert passed(bench) == pytest.approx(timedelta(minutes=30), abs=timedelta(seconds=3 * POLL))


def test_the_scripts_are_so_few_that_the_platform_allows_them(bench: Bench) -> None:
    bench.guest.looks = [{"log_bytes": number} for number in range(100)]
    bench.seal()

    assert len(bench.guest.watches) <= 5


def test_scripts_that_are_lost_are_sent_again_later_each_time(bench: Bench) -> None:
    bench.guest.looks = [LOST]
    bench.seal()

    pauses = [(later - sooner).total_seconds() for sooner, later in pairwise(bench.guest.watches)]
    assert pauses == pytest.approx([30, 60, 120, 240], abs=2 * POLL)


def test_over_a_channel_without_such_limits_it_looks_every_half_minute(bench: Bench) -> None:
    bench.guest.looks = [{}]
    bench.looks_on, bench.guest.off_after = False, 290.0
    bench.seal()

    assert 8 <= len(bench.guest.watches) <= 11


def test_what_an_earlier_script_saw_is_told_to_the_next(bench: Bench) -> None:
    bench.guest.looks = [{"log_bytes": 4711, "quiet_seconds": 60}, {"quiet_seconds": 600}]
    bench.guest.started = "2026-11-22T13:00:01+01:00"
    bench.seal()

    first, second = bench.guest.watched_scripts
    assert "$log_bytes, $quiet_seconds = -1, 0" in first
    assert "Parse('2026-11-22T13:00:01+01:00'" in first
    assert "$log_bytes, $quiet_seconds = 4711, 535" in second


# /quit


def test_one_that_quits_is_stopped_by_the_platform_and_judged_by_its_disk(bench: Bench) -> None:
    quits(bench).guest.looks = [{}, DONE]

    ending = bench.seal()

    assert ending.generalized
    assert bench.arm.calls.count("begin_deallocate") == 1
    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.excerpt == ("Sysprep_succeeded.tag written 2026-11-22T12:00:20+00:00",)


def test_what_was_seen_of_one_that_quit_stays_where_its_disk_can_not_be_read(bench: Bench) -> None:
    quits(bench).guest.looks = [DONE]
    bench.disk, bench.verdict = DiskError("no route to the blob host"), "undetermined"

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "succeeded"
    assert isinstance(ending.disk, Unobserved)
    assert not ending.generalized


def test_what_sysprep_is_told_is_what_the_fleet_file_says(bench: Bench) -> None:
    bench.before = observation("windows", policy=Policy(sysprep_end="quit", sysprep_mode="vm"))
    bench.guest.looks = [DONE]
    bench.seal()

    assert "sysprep.exe\" /generalize /oobe /quit /quiet /mode:vm'" in bench.guest.scripts[1]


@pytest.mark.parametrize("code", ["Conflict", "OperationNotAllowed"])
def test_a_deallocation_that_a_watch_script_holds_up_is_asked_for_again(bench: Bench, code: str) -> None:
    bench.guest.off_after = 20.0
    busy = AzureError("Run command extension execution is in progress", status=409, code=code)
    bench.arm.faults["begin_deallocate"] = [busy]

    assert bench.seal().generalized
    assert bench.journal.events.count("busy") == 1


def test_words_of_a_guest_stay_short_in_what_is_said(bench: Bench) -> None:
    bench.guest.looks = [{"sysprep_processes": ["x" * 900] * 9, "image_state": "y" * 900, "quiet_seconds": 600}]

    assert len(bench.seal().stopped) < 900


def test_a_channel_that_names_a_host_acts_on_the_consented_machine_alone(bench: Bench) -> None:
    bench.machine = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1002"
    bench.guest.off_after = 20.0
    bench.seal()

    for script in bench.guest.scripts:
        assert "@('8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1002', '520c3f8d-1e4c-574b-9a26-5f6f5a1c1002')" in script


# What another run launched long ago


def late(bench: Bench) -> Bench:
    quits(bench).earlier = Launched(Launch(NOON - timedelta(hours=2), "root", confirmed=True), "6f1c0d2a9b3e4f50")
    bench.guest.answer_after = 40.0
    return bench


def test_one_that_has_quit_before_its_deadline_passed_is_seen_by_one_look(bench: Bench) -> None:
    late(bench).guest.looks = [DONE]

    ending = bench.seal()

    assert (ending.generalized, ending.stopped) == (True, "")
    assert len(bench.guest.watches) == 1


@pytest.mark.parametrize("look", [{}, LOST])
def test_one_that_does_not_show_its_end_at_that_look_is_hung(bench: Bench, look: Any) -> None:
    late(bench).guest.looks = [look]

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, len(bench.guest.watches)) == ("hung", 1)
    assert "What to do: ." not in ending.stopped
    assert passed(bench) <= timedelta(seconds=40 + 2 * POLL)
    assert bench.arm.power == "running"


def test_one_that_never_answers_that_look_is_hung_when_its_time_is_over(bench: Bench) -> None:
    late(bench).guest.answers_never = True

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, "30 minutes after the launch" in ending.receipt.cause) == ("hung", True)
    assert passed(bench) <= timedelta(minutes=9, seconds=2 * POLL)
