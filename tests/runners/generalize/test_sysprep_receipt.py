"""What a stopped Windows disk says happened, told rightly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from checks.facts import Fact
from checks.healthy import windows_disk
from runners.generalize.launch import Launch
from runners.generalize.sysprep_receipt import windows_receipt

APPX = "SYSPRP Package A.B_1 was installed for a user, but not provisioned for all users."
LAUNCHED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LAUNCH = Launch(LAUNCHED, "NT AUTHORITY\\SYSTEM", confirmed=True)


def test_a_success_tag_newer_than_the_launch_is_a_success() -> None:
    receipt = windows_receipt(windows_disk(success_tag="2026-11-22T10:05:00Z"), LAUNCH)

    assert (receipt.outcome, receipt.cause, receipt.launched_as) == ("succeeded", "", "NT AUTHORITY\\SYSTEM")


def test_a_guest_whose_clock_is_a_little_behind_is_believed() -> None:
    assert windows_receipt(windows_disk(success_tag="2026-11-22T09:58:30Z"), LAUNCH).outcome == "succeeded"


@pytest.mark.parametrize(
    ("tag", "outcome"), [("2026-11-22T08:55:00Z", "succeeded"), ("2026-11-22T08:49:00Z", "failed")]
)
def test_a_guest_that_told_when_it_began_is_held_against_its_own_clock(tag: str, outcome: str) -> None:
    launch = replace(LAUNCH, started=datetime.fromisoformat("2026-11-22T09:50:00+01:00"))

    assert windows_receipt(windows_disk(success_tag=tag), launch).outcome == outcome


def test_an_old_tag_of_a_guest_whose_clock_is_ahead_is_no_success() -> None:
    launch = replace(LAUNCH, started=datetime.fromisoformat("2026-11-22T11:00:00+00:00"))

    assert windows_receipt(windows_disk(success_tag="2026-11-22T10:30:00Z"), launch).outcome == "failed"


def test_times_are_compared_whatever_their_zone() -> None:
    tag = LAUNCHED.astimezone(timezone(timedelta(hours=9))).isoformat()

    assert windows_receipt(windows_disk(success_tag=tag), LAUNCH).outcome == "succeeded"


def test_a_success_tag_older_than_the_launch_is_a_failure() -> None:
    receipt = windows_receipt(windows_disk(success_tag="2026-11-22T09:57:00Z"), LAUNCH)

    assert receipt.outcome == "failed"
    assert "before this launch" in receipt.cause


def test_without_a_success_tag_the_error_log_says_why() -> None:
    errors = (f"2026-11-22 10:00:07, Error  {APPX}", "2026-11-22 10:00:07, Error  SYSPRP WinMain:Hit failure")

    receipt = windows_receipt(windows_disk(success_tag=Fact.missing(), error_lines=errors), LAUNCH)

    assert receipt.outcome == "failed"
    assert receipt.cause == f"package A.B_1 is installed for a user and not for all: {APPX}"
    assert "Remove-AppxPackage" in receipt.remedy
    assert receipt.excerpt == errors


def test_an_old_tag_is_a_failure_for_which_the_error_log_has_the_cause() -> None:
    errors = (f"2026-11-22 10:00:07, Error  {APPX}",)

    receipt = windows_receipt(windows_disk(success_tag="2026-11-22T09:57:00Z", error_lines=errors), LAUNCH)

    assert (receipt.outcome, "A.B_1" in receipt.cause) == ("failed", True)


@pytest.mark.parametrize(
    ("launch", "old"),
    [
        (replace(LAUNCH, started=datetime.fromisoformat("2026-11-22T19:00:05+09:00")), "2026-11-22 19:00:04"),
        (LAUNCH, "2026-11-21 21:57:00"),
    ],
    ids=["the guest told its time", "the guest's zone is not known"],
)
def test_lines_from_before_the_launch_are_no_cause(launch: Launch, old: str) -> None:
    disk = windows_disk(success_tag=Fact.missing(), error_lines=(f"{old}, Error  {APPX}",))

    receipt = windows_receipt(disk, launch)

    assert (receipt.outcome, "no line of this launch" in receipt.cause, receipt.excerpt) == ("failed", True, ())


@pytest.mark.parametrize("lines", [Fact.missing(), Fact.of(())])
def test_without_a_tag_and_without_an_error_log_it_failed_and_says_so(lines: Fact[tuple[str, ...]]) -> None:
    receipt = windows_receipt(windows_disk(success_tag=Fact.missing(), error_lines=lines), LAUNCH)

    assert receipt.outcome == "failed"
    assert "no success tag and no line" in receipt.cause


@pytest.mark.parametrize(
    "disk",
    [
        windows_disk(success_tag=Fact.unknown("the volume is unreadable")),
        windows_disk(error_lines=Fact.unknown("the log is unreadable")),
        windows_disk(success_tag="yesterday"),
        windows_disk(success_tag="2026-11-22T10:05:00"),
    ],
)
def test_traces_that_can_not_be_read_are_unknown(disk: object) -> None:
    assert windows_receipt(disk, LAUNCH).outcome == "unknown"  # type: ignore[arg-type]
