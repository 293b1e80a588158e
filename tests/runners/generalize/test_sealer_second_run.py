"""What another run launched is finished by the steps that are left, and never launched again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checks.facts import Receipt, Unobserved
from reports.journal import Head
from runners.generalize.claim_tag import LEASE, ClaimTag, Intent
from runners.generalize.launch import Launch, Launched
from tests.runners.generalize.fakes import NOON, VM_ID, Bench
from tests.runners.generalize.transcripts import HEALTHY_AGENT, transcript

OTHER = ClaimTag("run-0", "claim", NOON, NOON + LEASE, Head("9c" * 32, 7), "ci-7")
"""The claim of a run that lives."""


@pytest.fixture
def bench() -> Bench:
    return Bench()


def resumed(bench: Bench, *, nonce: str = "6f1c0d", flagging: bool = False) -> Bench:
    """Let the bench be as an earlier run left it ten minutes after its launch: its guest is off."""
    gone = replace(OTHER, step="launch", since=NOON - timedelta(hours=2), until=NOON - timedelta(hours=1))
    bench.arm.tags = {gone.name: gone.value}
    bench.intent, bench.step = Intent(VM_ID, take_over=True, launches=False), "launch"
    bench.earlier = Launched(Launch(NOON - timedelta(minutes=10), "root"), nonce, flagging)
    bench.arm.power = "stopped"
    bench.arm.serial = transcript("6f1c0d", HEALTHY_AGENT, 0, [])
    return bench


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_what_another_run_launched_is_finished_without_a_launch(platform: str) -> None:
    bench = resumed(Bench(platform))

    ending = bench.seal()

    assert (ending.generalized, ending.launched, ending.stopped) == (True, True, "")
    assert bench.guest.scripts == []
    assert bench.acts == ["claim", "deallocated", "witnessed", "generalized"]
    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "succeeded"


def test_what_may_not_be_flagged_is_stopped_and_read_and_no_more(bench: Bench) -> None:
    resumed(bench, nonce="").unflagged = "nobody can tell whether its gate was open"

    ending = bench.seal()

    assert ending.stopped == bench.unflagged
    assert ending.disk is bench.disk
    assert isinstance(ending.receipt, Unobserved)
    assert "has not said here by what its transcript is known" in ending.receipt.reason
    assert bench.arm.power == "deallocated"
    assert bench.arm.flags == 0
    assert "until=over" in bench.arm.tags[bench.name]


def test_another_vm_than_the_one_that_was_launched_on_is_not_flagged(bench: Bench) -> None:
    bench.stranger = "the VM is not the one that was launched on"

    ending = bench.seal()

    assert (ending.stopped, ending.launched, ending.generalized) == (bench.stranger, True, False)
    assert bench.arm.flags == 0
    assert "generalize.intent" not in bench.journal.events


@pytest.mark.parametrize("flagging", [True, False])
def test_a_flag_that_the_earlier_run_was_about_to_set_is_its_own(bench: Bench, flagging: bool) -> None:
    resumed(bench, flagging=flagging)
    bench.arm.power, bench.arm.flagged = "deallocated", True

    ending = bench.seal()

    assert ending.generalized
    assert ("by somebody else" in ending.stopped) is not flagging
    assert bench.arm.flags == 0
    assert "merge_tags" not in bench.arm.calls, "a generalized VM may refuse writes, and nothing is left to do"


def test_a_launch_of_another_run_that_still_runs_is_waited_for_and_never_repeated(bench: Bench) -> None:
    resumed(bench)
    bench.arm.power = "running"
    bench.clock.after(90, lambda: setattr(bench.arm, "power", "stopped"))

    assert bench.seal().generalized
    assert bench.guest.scripts == []


def test_a_launch_of_another_run_that_never_ends_is_hung_by_its_own_deadline(bench: Bench) -> None:
    resumed(bench)
    bench.arm.power = "running"

    ending = bench.seal()

    assert "did not power itself off within 30 minutes of the launch" in ending.stopped
    assert sum(bench.clock.pauses) <= 21 * 60
    assert bench.arm.power == "running"
