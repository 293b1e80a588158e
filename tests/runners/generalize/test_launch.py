"""What the guest says of a launch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runners.generalize.launch import Launch, tail
from runners.guest.channel import Output

NONCE = "ab" * 16
LAUNCH = Launch(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


def confirmed(*lines: str) -> Launch | None:
    return LAUNCH.confirmed_by(Output("".join(f"sealproof[{NONCE}]: {line}\r\n" for line in lines)), NONCE)


def test_an_answer_names_the_account_and_the_guests_own_time() -> None:
    seen = confirmed("started 2026-11-22T13:00:05+01:00", "launched as GOLDEN\\builder")

    assert seen is not None
    assert (seen.confirmed, seen.launched_as) == (True, "GOLDEN\\builder")
    assert seen.since == datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("time", ["2026-11-22T13:00:05", "soon", "2026-02-31T00:00:00Z"])
def test_without_a_usable_time_ours_counts_and_what_its_clock_may_be_behind(time: str) -> None:
    seen = confirmed(f"started {time}", "launched as root")

    assert seen is not None
    assert seen.since == LAUNCH.at - timedelta(minutes=2)


def test_another_answer_confirms_nothing() -> None:
    assert confirmed("started 2026-11-22T13:00:05+01:00") is None
    assert LAUNCH.confirmed_by(Output("sealproof[00]: launched as root"), NONCE) is None


def test_the_end_of_what_a_guest_printed_is_short() -> None:
    assert tail("a\n\nb\nc\nd\n") == "b / c / d"
    assert tail(" \n") == "the guest printed nothing"
    assert len(tail("x" * 1000)) == 400
