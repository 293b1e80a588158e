"""What is decided from looking at a launched Sysprep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import Fact
from runners.errors import FrameError
from runners.generalize.sysprep_view import SysprepView, read_view
from runners.generalize.watch import Watched, decide, look_seconds, seems_ended, silence
from runners.guest.channel import Output
from tests.runners.generalize.fakes import watched

SEALED, COMPLETE = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_COMPLETE"
SHUTDOWN = Watched("shutdown", 600, "root", confirmed=True)
QUIT = replace(SHUTDOWN, end="quit")
TAG = "2026-11-22T12:05:00Z"
APPX = "2026-11-22 12:00:07, Error                 SYSPRP Package A.B_1_x64__c was installed for a user"
NONCE = "ab" * 16
SCRIPT = f"# step: watch\n# nonce: {NONCE}\n# page-bytes: 3840\n# page-limit: 1\n"
UNREAD: Fact[Any] = Fact.unknown("access denied")
GONE: tuple[str, ...] = ()


def view(processes: Any = ("sysprep.exe",), state: Any = "IMAGE_STATE_UNDEPLOYABLE", **more: Any) -> SysprepView:
    facts: dict[str, Any] = {
        "sysprep_processes": processes,
        "image_state": state,
        "success_tag": None,
        "error_lines": (),
        "log_bytes": 20_000,
        "quiet_seconds": 0,
    }
    given = {name: value if isinstance(value, Fact) else fact(value) for name, value in (facts | more).items()}
    return SysprepView(**given)


def fact(value: Any) -> Fact[Any]:
    return Fact.missing() if value is None else Fact.of(value)


# At work


@pytest.mark.parametrize(
    "seen",
    [
        view(),
        view(("SetupHost.exe",)),
        view(state=COMPLETE),
        view(quiet_seconds=599),
        view(error_lines=(APPX,)),
        view(GONE, SEALED),
        view(GONE, UNREAD),
        view(UNREAD, COMPLETE),
        view(Fact.missing(), COMPLETE),
        view(GONE, SEALED, quiet_seconds=UNREAD),
        view(GONE, SEALED, success_tag=TAG),
    ],
)
def test_a_sysprep_that_may_still_be_at_work_is_waited_for(seen: SysprepView) -> None:
    assert decide([seen], SHUTDOWN) is None


# Failed


@pytest.mark.parametrize("watched", [SHUTDOWN, QUIT])
def test_one_that_is_gone_and_changed_nothing_has_failed_at_the_first_look(watched: Watched) -> None:
    receipt = decide([view(GONE, COMPLETE, error_lines=(APPX,))], watched)

    assert receipt is not None
    assert (receipt.outcome, receipt.launched_as) == ("failed", "root")
    assert "package A.B_1_x64__c is installed for a user and not for all" in receipt.cause
    assert "Remove-AppxPackage" in receipt.remedy
    assert receipt.excerpt == (APPX, f"ImageState {COMPLETE}")


@pytest.mark.parametrize(
    "state",
    [
        None,
        "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT",
        "IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE",
        "IMAGE_STATE_SPECIALIZE_RESEAL_TO_AUDIT",
        "nonsense",
    ],
)
def test_one_that_is_gone_and_left_another_state_has_failed(state: str | None) -> None:
    receipt = decide([view(GONE, state)], SHUTDOWN)

    assert receipt is not None
    assert receipt.outcome == "failed"
    assert (state or "empty") in receipt.cause
    assert "its error log has no line since the launch" in receipt.cause
    assert "setupact.log" in receipt.remedy


def test_one_that_is_gone_in_the_middle_has_failed_when_it_is_seen_twice() -> None:
    gone = view(GONE)

    assert decide([gone], SHUTDOWN) is None
    assert decide([view(), gone], SHUTDOWN) is None
    assert decide([view(GONE, COMPLETE), gone], SHUTDOWN) is None
    receipt = decide([gone, gone], SHUTDOWN)
    assert receipt is not None
    assert (receipt.outcome, "IMAGE_STATE_UNDEPLOYABLE" in receipt.cause) == ("failed", True)


def test_sysprep_exe_may_end_before_the_generalize_pass() -> None:
    handed_over = [view(GONE), view(("SetupHost.exe",)), view(GONE, SEALED, success_tag=TAG)]

    assert [decide(handed_over[:count], QUIT) for count in (1, 2)] == [None, None]
    receipt = decide(handed_over, QUIT)
    assert receipt is not None
    assert receipt.outcome == "succeeded"


def test_a_launch_that_nobody_confirmed_may_be_late() -> None:
    unconfirmed = replace(SHUTDOWN, confirmed=False)
    gone = view(GONE, COMPLETE)

    assert decide([gone], unconfirmed) is None
    assert decide([gone, gone], unconfirmed) is not None


# Hung


@pytest.mark.parametrize("seen", [view(quiet_seconds=600), view(("SetupHost.exe",), COMPLETE, quiet_seconds=601)])
def test_one_that_stands_still_is_hung_at_the_limit(seen: SysprepView) -> None:
    receipt = decide([seen], SHUTDOWN)

    assert receipt is not None
    assert receipt.outcome == "hung"
    assert "for 10 minutes neither" in receipt.cause
    assert "VMAgentDisabler" in receipt.remedy


def test_a_hung_one_names_the_error_that_its_log_holds() -> None:
    receipt = decide([view(quiet_seconds=600, error_lines=(APPX,))], SHUTDOWN)

    assert receipt is not None
    assert "package A.B_1_x64__c" in receipt.cause
    assert "Remove-AppxPackage" in receipt.remedy


@pytest.mark.parametrize(
    ("watched", "why"),
    [(SHUTDOWN, "did not power itself off"), (QUIT, "wrote no success tag")],
    ids=["shutdown", "quit"],
)
def test_a_sealed_one_that_goes_no_further_is_hung(watched: Watched, why: str) -> None:
    receipt = decide([view(GONE, SEALED, quiet_seconds=600)], watched)

    assert receipt is not None
    assert (receipt.outcome, why in receipt.cause, "no process" in receipt.cause) == ("hung", True, True)


def test_one_whose_processes_can_not_be_seen_is_hung_too() -> None:
    receipt = decide([view(UNREAD, UNREAD, quiet_seconds=600, error_lines=UNREAD)], SHUTDOWN)

    assert receipt is not None
    assert "an unknown process runs, and ImageState is not known" in receipt.cause


def test_silence_says_what_was_seen_last() -> None:
    nothing, before = silence(10, SHUTDOWN, None), silence(10.04, SHUTDOWN, view())

    assert (nothing.outcome, nothing.excerpt) == ("hung", ())
    assert nothing.cause == "the guest runs and gave no sign of life for 10 minutes"
    assert before.cause == f"{nothing.cause}; ImageState was IMAGE_STATE_UNDEPLOYABLE before that"
    assert "unknown before that" in silence(10, SHUTDOWN, view(state=UNREAD)).cause


# Succeeded


def test_one_that_quits_has_succeeded_with_its_state_and_its_tag() -> None:
    receipt = decide([view(GONE, SEALED, success_tag=TAG)], QUIT)

    assert receipt is not None
    assert (receipt.outcome, receipt.cause, receipt.remedy) == ("succeeded", "", "")
    assert receipt.excerpt == (f"ImageState {SEALED}", f"Sysprep_succeeded.tag written {TAG}")


STATES = st.sampled_from([None, SEALED, COMPLETE, "IMAGE_STATE_UNDEPLOYABLE", "x", UNREAD])
VIEWS = st.builds(
    view,
    st.sampled_from([GONE, ("sysprep.exe",), UNREAD, Fact.missing()]),
    STATES,
    success_tag=st.sampled_from([None, TAG, UNREAD]),
    quiet_seconds=st.sampled_from([0, 700, None, UNREAD]),
    error_lines=st.sampled_from([(), (APPX,), None, UNREAD]),
)


@given(st.lists(VIEWS, min_size=1, max_size=4), st.sampled_from([SHUTDOWN, QUIT]))
def test_no_view_makes_a_success_of_anything_but_a_sealed_system_at_rest(
    views: list[SysprepView], watched: Watched
) -> None:
    receipt = decide(views, watched)

    if receipt is None or receipt.outcome != "succeeded":
        assert receipt is None or (receipt.cause and receipt.remedy)
        return
    last = views[-1]
    assert watched.end == "quit"
    assert (last.sysprep_processes.value, last.image_state.value, last.success_tag.value) == ((), SEALED, TAG)


# Looking


@pytest.mark.parametrize(("stall", "seconds"), [(600, 480), (60, 60), (0.5, 1)])
def test_a_script_looks_on_for_minutes_and_never_past_the_stall_limit(stall: float, seconds: int) -> None:
    assert look_seconds(stall) == seconds


@pytest.mark.parametrize(
    ("seen", "ended"),
    [
        (view(GONE, COMPLETE), True),
        (view(GONE), True),
        (view(GONE, SEALED), False),
        (view(), False),
        (view(GONE, UNREAD), False),
    ],
)
def test_what_looks_like_the_end_is_looked_at_again(seen: SysprepView, ended: bool) -> None:
    assert seems_ended(seen) == ended


def test_an_answer_is_read_by_its_types() -> None:
    seen = read_view(Output(watched(SCRIPT, image_state=None, log_bytes="much", error_lines=[APPX])), NONCE)

    assert seen.sysprep_processes == Fact.of(("sysprep.exe",))
    assert seen.image_state.absent
    assert not seen.log_bytes.known
    assert seen.error_lines.value == (APPX,)


@pytest.mark.parametrize("text", ["", "nonsense", watched(SCRIPT)[:-40], watched(SCRIPT.replace(NONCE, "cd" * 16))])
def test_an_answer_that_is_damaged_or_not_ours_is_none(text: str) -> None:
    with pytest.raises(FrameError):
        read_view(Output(text), NONCE)
