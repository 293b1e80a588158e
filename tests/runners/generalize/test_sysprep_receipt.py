"""What a stopped Windows disk says happened, told rightly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from checks.facts import Fact
from checks.healthy import windows_disk
from runners.generalize.sysprep_receipt import windows_receipt

LAUNCHED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_a_success_tag_newer_than_the_launch_is_a_success() -> None:
    receipt = windows_receipt(windows_disk(success_tag="2026-11-22T10:05:00Z"), LAUNCHED, "NT AUTHORITY\\SYSTEM")

    assert (receipt.outcome, receipt.cause, receipt.launched_as) == ("succeeded", "", "NT AUTHORITY\\SYSTEM")


def test_a_guest_whose_clock_is_a_little_behind_is_believed() -> None:
    assert windows_receipt(windows_disk(success_tag="2026-11-22T09:58:30Z"), LAUNCHED, "").outcome == "succeeded"


def test_times_are_compared_whatever_their_zone() -> None:
    tag = LAUNCHED.astimezone(timezone(timedelta(hours=9))).isoformat()

    assert windows_receipt(windows_disk(success_tag=tag), LAUNCHED, "").outcome == "succeeded"


def test_a_success_tag_older_than_the_launch_is_a_failure() -> None:
    receipt = windows_receipt(windows_disk(success_tag="2026-11-22T09:57:00Z"), LAUNCHED, "")

    assert receipt.outcome == "failed"
    assert "before this launch" in receipt.cause


def test_without_a_success_tag_the_last_line_of_the_error_log_is_the_cause() -> None:
    disk = windows_disk(success_tag=Fact.missing(), error_lines=("first", "SYSPRP Package X was installed"))

    receipt = windows_receipt(disk, LAUNCHED, "")

    assert (receipt.outcome, receipt.cause) == ("failed", "SYSPRP Package X was installed")
    assert receipt.excerpt == ("first", "SYSPRP Package X was installed")


@pytest.mark.parametrize("lines", [Fact.missing(), Fact.of(())])
def test_without_a_tag_and_without_an_error_log_it_failed_and_says_so(lines: Fact[tuple[str, ...]]) -> None:
    receipt = windows_receipt(windows_disk(success_tag=Fact.missing(), error_lines=lines), LAUNCHED, "")

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
    assert windows_receipt(disk, LAUNCHED, "").outcome == "unknown"  # type: ignore[arg-type]
