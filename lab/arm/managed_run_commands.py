"""Managed Run Command: create, change, get, list and delete.

Recorded in test_run_command_v2: PUT 201 and PATCH 200 with Azure-AsyncOperation alone, DELETE 202 with Location too,
and a script that fails (exit code 127) while the operation and the provisioning succeed. Documented: what
treatFailureAsDeploymentFailure and asyncExecution change. Not found in any record, so our own, stricter reading: that a
VM which is not running refuses DELETE as well (as it does for extensions), and the code of a failed deployment.
The lab never sends a script elsewhere: scripts by URI and output blobs are refused. Simulated guests run scripts as the
accounts of their scenario (runAsUser); in any other guest such a script fails with a message that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.responses import Response

from lab.arm import errors, times
from lab.arm.call import Call
from lab.arm.json_response import ArmJson, value_list
from lab.arm.locks import refuse_if_locked
from lab.arm.machine import Machine
from lab.arm.managed_run_command import KEPT_BYTES, ManagedRunCommand, Run
from lab.arm.run_command import run_script
from lab.arm.script_parameters import parameters_of, with_variables
from lab.guests.guest import GuestWithAccounts, LogonError, ScriptResult

_SECRET = ("protectedParameters", "runAsPassword")
_NOT_PLAYED = (
    "outputBlobUri",
    "errorBlobUri",
    "outputBlobManagedIdentity",
    "errorBlobManagedIdentity",
)
_FLAGS = ("asyncExecution", "treatFailureAsDeploymentFailure")


async def put(call: Call) -> Response:
    """PUT a managed run command: it is written down and run, again where it was there."""
    machine = await _writable(call)
    content = await call.content()
    location = content.get("location")
    if not isinstance(location, str) or not location:
        raise errors.location_missing()
    properties = _properties(content)
    _checked_source(properties)
    old = machine.run_commands.get(call.name("command").lower())
    command = ManagedRunCommand(
        id=old.id if old else f"{machine.id}/runCommands/{call.name('command')}",
        location=location,
        properties={key: value for key, value in properties.items() if key not in _SECRET},
        tags=_tags(content),
        protected=parameters_of(properties, "protectedParameters"),
        password=str(properties.get("runAsPassword") or ""),
        provisioning="Updating" if old else "Creating",
    )
    machine.run_commands[command.name.lower()] = command
    return _begin(call, machine, command, status=200 if old else 201)


async def patch(call: Call) -> Response:
    """PATCH a managed run command: it is changed and run again."""
    machine = await _writable(call)
    command = _find(call, machine)
    content = await call.content()
    changes = _properties(content)
    properties = command.patched({key: value for key, value in changes.items() if key not in _SECRET})
    _checked_source(properties)
    parameters_of(properties, "parameters")
    if "protectedParameters" in changes:
        command.protected = parameters_of(changes, "protectedParameters")
    command.properties = properties
    command.password = str(changes.get("runAsPassword") or command.password)
    if (tags := _tags(content)) is not None:
        command.tags = tags
    command.provisioning = "Updating"
    return _begin(call, machine, command, status=200)


async def get(call: Call) -> Response:
    """GET a managed run command; with $expand=instanceView what its last run left."""
    command = _find(call, call.machine())
    return ArmJson(command.model(with_view=_expanded(call)))


async def list_of_machine(call: Call) -> Response:
    """GET the managed run commands of a VM."""
    commands = call.machine().run_commands.values()
    return value_list([command.model(with_view=_expanded(call)) for command in commands])


async def delete(call: Call) -> Response:
    """DELETE a managed run command; 204 where there is none."""
    machine = call.machine()
    if call.name("command").lower() not in machine.run_commands:
        return Response(status_code=204)
    command = _find(call, machine)
    refuse_if_locked(call.cloud, command.id, "delete")
    await _refuse_unless_running(call, machine)
    command.provisioning = "Deleting"
    return call.cloud.operations.accepted(
        call.cloud.operations.start(_deleted(call, machine, command), call.api_version)
    )


async def _writable(call: Call) -> Machine:
    machine = call.machine()
    refuse_if_locked(call.cloud, machine.id, "write")
    await _refuse_unless_running(call, machine)
    return machine


async def _refuse_unless_running(call: Call, machine: Machine) -> None:
    if machine.generalized:
        raise errors.generalized("runCommand", machine.name)
    machine.refuse_in_transition("runCommand")
    if (await machine.live(call.cloud.in_thread)).power != "running":
        raise errors.extensions_while_stopped()


def _find(call: Call, machine: Machine) -> ManagedRunCommand:
    command = machine.run_commands.get(call.name("command").lower())
    if command is None:
        kind = f"virtualMachines/{machine.name}/runCommands"
        raise errors.resource_missing(kind, call.name("command"), call.name("group"))
    return command


def _expanded(call: Call) -> bool:
    return "instanceview" in call.query("$expand").lower()


def _tags(content: dict[str, Any]) -> dict[str, str] | None:
    tags = content.get("tags")
    if tags is not None and not (isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values())):
        raise errors.body_invalid("tags are an object of strings")
    return tags


def _properties(content: dict[str, Any]) -> dict[str, Any]:
    properties = content.get("properties") or {}
    if not isinstance(properties, dict):
        raise errors.body_invalid("properties are an object")
    for key in _NOT_PLAYED:
        if properties.get(key) is not None:
            raise errors.not_in_the_lab(f"{key} of managed Run Command: read the output from the instance view")
    for key in _FLAGS:
        if not isinstance(properties.get(key, False), bool | None):
            raise errors.body_invalid(f"{key} is true or false")
    seconds = properties.get("timeoutInSeconds") or 0
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
        raise errors.body_invalid("timeoutInSeconds is a number of seconds")
    parameters_of(properties, "parameters")
    return {key: value for key, value in properties.items() if value is not None}


def _checked_source(properties: dict[str, Any]) -> None:
    source = properties.get("source")
    script = source.get("script") if isinstance(source, dict) else None
    if isinstance(source, dict) and not isinstance(script, str):
        given = ", ".join(sorted(source)) or "nothing"
        raise errors.not_in_the_lab(f"managed Run Command with {given} as its source: give source.script")
    if not isinstance(script, str):
        raise errors.body_invalid("properties.source.script is the script's text")


def _begin(call: Call, machine: Machine, command: ManagedRunCommand, *, status: int) -> Response:
    command.run = Run.waiting()
    operation = call.cloud.operations.start(_provisioned(call, machine, command), call.api_version)
    return ArmJson(command.model(), status, headers=call.cloud.operations.headers(operation, location=False))


async def _provisioned(call: Call, machine: Machine, command: ManagedRunCommand) -> None:
    ended = "Failed"
    try:
        await call.take_time()
        running = call.cloud.begin(_executed(call, machine, command))
        if not command.flag("asyncExecution"):
            await running
        failed = command.run.state in ("Failed", "TimedOut")
        if failed and command.flag("treatFailureAsDeploymentFailure"):
            raise errors.run_command_failed(command.name, command.run.message)
        ended = "Succeeded"
    finally:
        command.provisioning = ended


async def _executed(call: Call, machine: Machine, command: ManagedRunCommand) -> None:
    """Run the script and write down how it ended. Raises `ArmError` where the agent does not answer."""
    begun = Run("Running", "Execution in progress", started=times.now())
    command.run = begun
    user = str(command.properties.get("runAsUser") or "")
    if user and not isinstance(machine.guest, GuestWithAccounts):
        message = "Execution failed: this guest runs scripts as root or SYSTEM only here, and runAsUser was given"
        command.run = replace(begun, state="Failed", message=message, exit_code=-1, ended=times.now())
        return
    parameters = (*parameters_of(command.properties, "parameters"), *command.protected)
    script = with_variables(machine.guest.platform, command.properties["source"]["script"], parameters)
    running = call.cloud.begin(run_script(call, machine, script, _account(machine, user, command.password)))
    await asyncio.wait([running], timeout=command.timeout or None)
    if not running.done():  # a guest can't be told to stop a script, so it may still go on there
        message = "Execution failed: failed to execute command: command terminated with exit status=-1"
        command.run = replace(begun, state="TimedOut", message=message, exit_code=-1, ended=times.now())
        return
    failure = running.exception()
    if isinstance(failure, LogonError):
        message = f"Execution failed: failed to start a process as {user}: {failure}"
        command.run = replace(begun, state="Failed", message=message, exit_code=-1, ended=times.now())
        return
    if failure is not None:
        command.run = replace(begun, state="Failed", message=str(failure), exit_code=-1, ended=times.now())
        raise failure
    command.run = _ended(begun, running.result())


def _account(machine: Machine, user: str, password: str) -> Callable[[str], ScriptResult]:
    """Return what runs a script in the guest as that account, or as the service itself where none was given."""
    guest = machine.guest
    return partial(guest.run_as, user, password) if user and isinstance(guest, GuestWithAccounts) else guest.run


def _ended(begun: Run, result: ScriptResult) -> Run:
    output, error = (stream[-KEPT_BYTES:].decode("utf-8", "replace") for stream in (result.stdout, result.stderr))
    failure = "Execution failed: failed to execute command: command terminated with exit status="
    return replace(
        begun,
        state="Failed" if result.exit_code else "Succeeded",
        message=f"{failure}{result.exit_code}" if result.exit_code else "Execution completed",
        exit_code=result.exit_code,
        output=output,
        error=error,
        ended=times.now(),
    )


async def _deleted(call: Call, machine: Machine, command: ManagedRunCommand) -> None:
    await call.take_time()
    if machine.run_commands.get(command.name.lower()) is command:
        del machine.run_commands[command.name.lower()]
