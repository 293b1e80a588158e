"""The action Run Command: one script at a time, no exit code, and only the end of what it printed.

The Linux answer is recorded in test_vm_run_command_with_parameters; the Windows one is quoted in azure-cli#23625. That
a script waits for one of managed Run Command to end is the lab's own: its guests run one script at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.faults import spoiled_output
from lab.arm.locks import refuse_if_locked
from lab.arm.machine import Machine
from lab.arm.script_parameters import parameters_of, with_arguments
from lab.guests.guest import ScriptResult

TAIL = 4096
"""How many bytes of each stream come back: its last ones."""

_COMMANDS = {"linux": "RunShellScript", "windows": "RunPowerShellScript"}


async def run(call: Call) -> Response:
    """POST runCommand."""
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    content = await call.content()
    if str(content.get("commandId", "")).lower() != _COMMANDS[machine.guest.platform].lower():
        raise errors.entity_missing()
    parameters = parameters_of(content, "parameters")
    lines = content.get("script") or []
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise errors.body_invalid("script is a list of lines")
    if machine.generalized:
        raise errors.generalized("runCommand", machine.name)
    machine.refuse_in_transition("runCommand")
    if (await machine.live(call.cloud.in_thread)).power != "running":
        raise errors.not_running()
    if machine.command_running:
        raise errors.command_in_progress()
    machine.command_running = True
    script = with_arguments(machine.guest.platform, "\n".join(lines), parameters)
    operation = call.cloud.operations.start(_result(call, machine, script), call.api_version)
    return call.cloud.operations.accepted(operation)


async def run_script(
    call: Call, machine: Machine, script: str, runner: Callable[[str], ScriptResult] | None = None
) -> ScriptResult:
    """Run `script` in the guest, after those that wait for it. Raises `ArmError` where the agent does not answer.

    `runner` is what runs it there, where that is not the guest's own `run`.
    """
    async with machine.script_turn:
        if not await machine.agent_ready(call.cloud.in_thread):
            raise errors.agent_silent(machine.name)
        run = asyncio.ensure_future(call.cloud.in_thread(runner or machine.guest.run, script))
        await asyncio.wait([run])
        if run.exception() is not None and not await machine.agent_ready(call.cloud.in_thread):
            raise errors.agent_silent(machine.name)  # the machine went off, or its agent did, while the script ran
        return spoiled_output(run.result(), call.fault)


async def _result(call: Call, machine: Machine, script: str) -> dict[str, Any]:
    try:
        await call.take_time()
        result = await run_script(call, machine, script)
    finally:
        machine.command_running = False
    return answer(machine.guest.platform, result)


def answer(platform: str, result: ScriptResult) -> dict[str, Any]:
    """Return Azure's answer for what a script left: cut, and without its exit code."""
    out, err = (stream[-TAIL:].decode("utf-8", "replace") for stream in (result.stdout, result.stderr))
    if platform == "linux":
        text = f"Enable succeeded: \n[stdout]\n{out}\n[stderr]\n{err}"
        return {"value": [_status("ProvisioningState/succeeded", text)]}
    streams = (("StdOut", out), ("StdErr", err))
    return {"value": [_status(f"ComponentStatus/{name}/succeeded", text) for name, text in streams]}


def _status(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "level": "Info", "displayStatus": "Provisioning succeeded", "message": message}
