"""Azure's limits on calls: told always, enforced where a scenario says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.arm.errors import ArmError
from lab.arm.throttle import Throttle, bucket_labels
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from lab.throttling import Throttling
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import Arm, memory_guest


class Seconds:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def left(throttle: Throttle, label: str, resource: str = "vm") -> int:
    told = throttle.headers("UpdateVM", resource, method="POST")["x-ms-ratelimit-remaining-resource"]
    return int(dict(item.split(";") for item in told.split(","))[f"Microsoft.Compute/{label}"])


def refused(throttle: Throttle, resource: str = "vm") -> ArmError:
    with pytest.raises(ArmError) as caught:
        throttle.take("UpdateVM", resource)
    return caught.value


def test_a_vm_takes_twelve_updates_in_a_burst_and_then_one_every_fifteen_seconds() -> None:
    clock = Seconds()
    throttle = Throttle(Throttling(enforced=True), clock)
    for number in range(12):
        throttle.take("UpdateVM", "vm")
        assert left(throttle, "UpdateVMResource") == 11 - number
    error = refused(throttle)
    assert (error.status, error.code, error.headers["retry-after"]) == (429, "OperationNotAllowed", "15")
    clock.now = 14.0
    assert refused(throttle).headers["retry-after"] == "1"
    clock.now = 15.1
    throttle.take("UpdateVM", "vm")
    assert refused(throttle).headers["retry-after"] == "15"


def test_each_vm_has_its_own_bucket_and_all_share_the_subscription_s() -> None:
    throttle = Throttle(Throttling(enforced=True, buckets={"UpdateVMSubscriptionMaximum": 13}), Seconds())
    for _ in range(12):
        throttle.take("UpdateVM", "one")
    throttle.take("UpdateVM", "two")
    assert left(throttle, "UpdateVMResource", "two") == 11
    error = refused(throttle, "two")
    assert error.more["details"][0]["target"] == "UpdateVMSubscriptionMaximum"
    assert json.loads(error.more["details"][0]["message"])["allowedRequestCount"] == 13


def test_a_refused_call_takes_nothing_and_a_full_bucket_stays_full() -> None:
    clock = Seconds()
    throttle = Throttle(Throttling(enforced=True, buckets={"UpdateVMResource": 1}, refill_seconds=10), clock)
    throttle.take("UpdateVM", "vm")
    for _ in range(5):
        refused(throttle)
    clock.now = 1000.0
    assert left(throttle, "UpdateVMResource") == 1
    assert left(throttle, "UpdateVMSubscriptionMaximum") == 1500


def test_nothing_is_refused_unless_the_scenario_says_so() -> None:
    throttle = Throttle(Throttling(), Seconds())
    for _ in range(30):
        throttle.take("UpdateVM", "vm")
    assert left(throttle, "UpdateVMResource") == 0


def test_the_buckets_are_azure_s() -> None:
    assert {"UpdateVMResource", "DeleteVMResource", "LowCostGetResource", "GetOperationResource"} <= set(
        bucket_labels()
    )


@pytest.fixture
def limited(closing: Callable[[Lab], None]) -> Iterator[Callable[..., Arm]]:
    clients: list[Arm] = []

    def start(**throttling: Any) -> Arm:
        scenario = load_scenario(SCENARIO).model_copy(update={"throttling": Throttling(**throttling)})
        clients.append(Arm(serve(scenario, guests=memory_guest).start()))
        return clients[-1]

    yield start
    for client in clients:
        client.close()
        closing(client.running)


def test_the_thirteenth_update_of_a_vm_is_refused_by_the_wire(limited: Callable[..., Arm]) -> None:
    arm = limited(enforced=True)
    answers = [arm("POST", f"{arm.machine}/generalize") for _ in range(13)]
    assert [answer.status_code for answer in answers] == [409] * 12 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 15
    assert answers[-1].json()["error"]["details"][0]["target"] == "UpdateVMResource"
    assert "UpdateVMResource;0" in answers[-1].headers["x-ms-ratelimit-remaining-resource"]
    # what belongs to the VM counts against the VM; another VM has its own bucket, and so has stopping this one
    assert arm("PUT", f"{arm.machine}/runCommands/one", json={"location": "westeurope"}).status_code == 429
    assert arm("POST", f"{arm.machine}/deallocate").status_code == 202
    other = arm.machine.replace("Linux01", "windows01")
    assert arm("POST", f"{other}/generalize").status_code == 409
