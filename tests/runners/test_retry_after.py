"""What an answer asks to wait is a number of seconds, or no advice."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from runners.operation import Operation
from runners.quota import Quota
from runners.retry_after import retry_after


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("17", 17),
        ("0", 0),
        ("", 0),
        ("-1", 0),
        ("1.5", 0),
        ("\xb2", 0),
        ("\u0663", 0),
        ("Sun, 22 Nov 2026 20:15:03 GMT", 0),
    ],
)
def test_it_is_in_seconds(text: str, seconds: float) -> None:
    assert retry_after({"Retry-After": text}) == retry_after({"retry-after": text}) == seconds


def test_without_the_header_there_is_no_advice() -> None:
    assert retry_after({}) == 0


def test_who_hears_no_number_waits_as_without_advice() -> None:
    answer = SimpleNamespace(status_code=202, headers={"retry-after": "\xb2", "location": "https://x"}, content=b"")
    assert Operation("deallocating", answer, lambda _: answer, 7.0).delay == 7.0
    quota = Quota(lambda: 0.0)
    quota.hear("GET", 429, answer.headers)
    assert quota.wait("GET") == 1.0


def test_what_is_left_of_a_quota_is_no_number_either() -> None:
    quota = Quota(lambda: 0.0)
    quota.hear("GET", 200, {"x-ms-ratelimit-remaining-subscription-reads": "\xb2"})
    assert quota.wait("GET") == 0
