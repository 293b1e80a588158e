"""powerOff, deallocate, start and generalize."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.locks import refuse_if_locked
from lab.arm.machine import Machine
from lab.scenario import Power


async def power_off(call: Call) -> Response:
    """POST powerOff: the VM is stopped, and stays allocated."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    _refuse_if_generalized(machine, "powerOff")
    machine.refuse_in_transition("powerOff")
    ending: Power = "deallocated" if machine.platform_power == "deallocated" else "stopped"
    return _begin(call, machine, "stopping", ending, machine.guest.power_off)


async def deallocate(call: Call) -> Response:
    """POST deallocate: the VM is stopped and gives its host back. A generalized VM may be deallocated."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "delete")
    machine.refuse_in_transition("deallocate")
    return _begin(call, machine, "deallocating", "deallocated", machine.guest.power_off)


async def start(call: Call) -> Response:
    """POST start: refused for a generalized VM, for ever, and while a SAS of its disk is outstanding."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    _refuse_if_generalized(machine, "Start VM")
    machine.refuse_in_transition("start")
    for disk in call.cloud.disks.values():
        if disk.machine is machine and disk.shared:
            raise errors.disk_shared(disk.name)
    return _begin(call, machine, "starting", "running", machine.guest.start)


async def generalize(call: Call) -> Response:
    """POST generalize: looks at the power state and at nothing in the guest. Answers at once, with an empty body."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    machine.refuse_in_transition("generalize")
    stopped = machine.platform_power != "running"
    if not stopped and call.cloud.scenario.behaviour.generalize_after_guest_shutdown == "allowed":
        stopped = await call.cloud.in_thread(machine.guest.power) == "stopped"
    if not stopped:
        raise errors.generalize_while_running(machine.name)
    if not machine.generalized:
        machine.generalized = True
        machine.touch()
    return Response(status_code=200)


def _refuse_if_generalized(machine: Machine, operation: str) -> None:
    if machine.generalized:
        raise errors.generalized(operation, machine.name)


def _begin(call: Call, machine: Machine, transition: str, ending: Power, act: Callable[[], None]) -> Response:
    machine.transition = transition
    operation = call.cloud.operations.start(_change(call, machine, ending, act), call.api_version)
    return call.cloud.operations.accepted(operation)


async def _change(call: Call, machine: Machine, ending: Power, act: Callable[[], None]) -> None:
    try:
        await call.take_time()
        wanted = "running" if ending == "running" else "stopped"
        if await call.cloud.in_thread(machine.guest.power) != wanted:
            await call.cloud.in_thread(act)
        machine.platform_power = ending
        machine.agent_silenced = False  # another boot, or no agent at all
        machine.touch()
    finally:
        machine.transition = ""
