"""Many VMs that are waited for take one list call a poll."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lab.scenario import Pace
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from runners.azure import Arm, power_state
from runners.cloud import Cloud
from runners.errors import AzureError
from runners.scheduler import ThreadScheduler
from runners.states import FEW, FleetStates
from tests.lab.machines import credential, memory_guest
from tests.runners.guest.machines import InstantScheduler

GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/Microsoft.Compute"
VMS = [f"{GROUP}/virtualMachines/Vm{number}" for number in range(6)]


class CountedArm(Arm):
    """An ARM whose answers are given, and whose calls are counted."""

    def __init__(self) -> None:
        super().__init__(Cloud("https://localhost:1", "x/.default", None, lab=True, poll_seconds=10.0), None)  # type: ignore[arg-type]  # nobody signs in
        self.calls: Counter[str] = Counter()
        self.left_out: set[str] = set()
        self.error: AzureError | None = None

    def instance_view(self, vm: str) -> dict[str, Any]:
        self.calls[vm] += 1
        return {"statuses": [{"code": "PowerState/own"}]}

    def instance_views(self, subscription: str) -> dict[str, dict[str, Any]]:
        self.calls["list"] += 1
        if self.error:
            raise self.error
        return {vm.lower(): {"statuses": [{"code": "PowerState/listed"}]} for vm in VMS if vm not in self.left_out}


@pytest.fixture
def arm() -> CountedArm:
    return CountedArm()


def rounds(arm: CountedArm, vms: list[str], number: int = 1, seconds: float = 10.0) -> list[list[str]]:
    """Glance at all VMs at once, `number` times, so many seconds apart; return what was seen."""
    scheduler = InstantScheduler()

    async def all_rounds() -> list[list[str]]:
        states, seen = FleetStates(arm, scheduler), []
        for _ in range(number):
            views = await asyncio.gather(*(states.glance(vm) for vm in vms))
            seen.append([power_state(view) for view in views])
            scheduler.time += timedelta(seconds=seconds)
        return seen

    return asyncio.run(all_rounds())


def test_many_that_wait_take_one_call_a_poll(arm: CountedArm) -> None:
    seen = rounds(arm, VMS, 5)

    assert arm.calls["list"] == 5
    # The first of all can't know how many will come.
    assert seen[0] == ["own"] * (FEW - 1) + ["listed"] * (len(VMS) - FEW + 1)
    assert seen[1:] == [["listed"] * len(VMS)] * 4


def test_a_list_serves_who_comes_soon_after_it(arm: CountedArm) -> None:
    rounds(arm, VMS, 9, seconds=1.0)

    assert arm.calls["list"] == 1


def test_few_are_looked_at_one_by_one(arm: CountedArm) -> None:
    assert rounds(arm, VMS[: FEW - 1], 3) == [["own"] * (FEW - 1)] * 3
    assert arm.calls["list"] == 0


def test_a_vm_that_the_list_leaves_out_is_looked_at(arm: CountedArm) -> None:
    arm.left_out = {VMS[0]}

    assert rounds(arm, VMS, 2)[1] == ["own"] + ["listed"] * 5


def test_who_may_not_list_looks_at_each(arm: CountedArm) -> None:
    arm.error = AzureError("listing: HTTP 403 AuthorizationFailed", status=403)

    assert rounds(arm, VMS, 3)[2] == ["own"] * len(VMS)
    assert arm.calls["list"] == 1


def test_an_outage_is_told_to_all_who_wait(arm: CountedArm) -> None:
    arm.error = AzureError("listing: HTTP 503", status=503)

    with pytest.raises(AzureError, match="503"):
        rounds(arm, VMS)


def test_a_list_that_does_not_come_keeps_nobody_from_looking(arm: CountedArm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runners.states._LIST_SECONDS", 0.01)
    arm.cloud = replace(arm.cloud, poll_seconds=0.01)
    hanging, scheduler = threading.Event(), ThreadScheduler(len(VMS) + 1)
    monkeypatch.setattr(arm, "instance_views", lambda _: hanging.wait(60) and {})

    async def glances() -> list[str]:
        states = FleetStates(arm, scheduler)
        views = await asyncio.gather(*(states.glance(vm) for vm in VMS))
        hanging.set()
        return [power_state(view) for view in views]

    try:
        assert asyncio.run(glances()) == ["own"] * len(VMS)
    finally:
        hanging.set()
        scheduler.close()


@pytest.fixture
def running() -> Iterator[Lab]:
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario, guests=memory_guest) as lab:
        yield lab


def test_the_lab_lists_the_states_of_its_vms(running: Lab) -> None:
    arm = Arm(
        Cloud(running.endpoint, f"{running.endpoint}/.default", running.ca_file, lab=True, poll_seconds=1.0),
        credential(running),
    )
    ids = [str(target["id"]) for target in running.fleet["targets"]]
    views = arm.instance_views(ids[0].split("/")[2])
    arm.close()

    assert {power_state(views[vm.lower()]) for vm in ids} == {"running"}
