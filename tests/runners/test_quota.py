"""What Azure's answers say of a subscription's quota."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from runners.quota import EASE_SECONDS, RESERVE, Quota


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quota(clock: Clock) -> Quota:
    return Quota(clock)


def left(text: str) -> dict[str, str]:
    return {"x-ms-ratelimit-remaining-resource": text}


def test_a_refusal_holds_as_long_as_azure_says(quota: Quota, clock: Clock) -> None:
    quota.hear("GET", 429, {"Retry-After": "30"})

    assert (quota.wait("GET"), quota.wait("POST")) == (30, 0)
    clock.time += 30
    assert quota.wait("GET") == 0


def test_a_refusal_that_says_nothing_holds_longer_each_time(quota: Quota) -> None:
    held = []
    for _ in range(9):
        quota.hear("POST", 429, {})
        held.append(quota.wait("PUT"))

    assert held == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_answer_ends_a_row_of_refusals(quota: Quota, clock: Clock) -> None:
    quota.hear("GET", 429, {})
    quota.hear("GET", 429, {})
    clock.time += 10
    quota.hear("GET", 200, {})
    quota.hear("GET", 429, {})

    assert quota.wait("GET") == 1


def test_a_shorter_hold_does_not_end_a_longer_one(quota: Quota) -> None:
    quota.hear("GET", 429, {"Retry-After": "600"})
    quota.hear("GET", 429, {"Retry-After": "1"})

    assert quota.wait("HEAD") == 600


def test_the_bucket_of_one_vm_holds_up_nobody_else(quota: Quota) -> None:
    text = "Microsoft.Compute/UpdateVMSubscriptionMaximum;1480,Microsoft.Compute/UpdateVMResource;0"
    quota.hear("PATCH", 429, {"Retry-After": "180"} | left(text))

    assert quota.wait("PATCH") == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        (left("Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;35"), 0),
        (left("Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;0"), 0),
        (left(f"Microsoft.Compute/HighCostGetSubscriptionMaximum;{RESERVE}"), EASE_SECONDS),
        ({"x-ms-ratelimit-remaining-subscription-global-reads": "3749"}, 0),
        ({"X-Ms-Ratelimit-Remaining-Subscription-Reads": "2"}, EASE_SECONDS),
        (left("nonsense"), 0),
        ({"x-ms-ratelimit-remaining-subscription-reads": "many"}, 0),
    ],
)
def test_little_left_slows_the_fleet_down(quota: Quota, headers: Mapping[str, str], seconds: float) -> None:
    quota.hear("GET", 200, headers)

    assert quota.wait("GET") == seconds
