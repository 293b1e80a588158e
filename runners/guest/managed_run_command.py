"""The channel of managed Run Command: a script that runs as an account of the guest.

The script is a resource of its VM (`runCommands/NAME`) until it is deleted: it would be captured with the VM, so it is
deleted as soon as the script has ended. That it was provisioned says nothing of how it ended: its instance view does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from runners.azure import Arm
from runners.errors import AzureError, ChannelError, ObservationError, RefusedError
from runners.guest.channel import Output
from runners.guest.run_command import ANSWER_LIMIT
from runners.operation import settle
from runners.scheduler import Scheduler

_TIME_LIMIT = 300
"""Seconds after which the platform gives the script up."""
_ENDED = ("succeeded", "failed", "timedout", "canceled")
_GIVEN_UP = ("timedout", "canceled")
_DELETED_WITHIN = timedelta(minutes=2)
"""How long the deletion is waited for: the VM may be going down, or be one that answers nothing."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who a script runs as."""

    user: str
    password: str = field(repr=False)


class ManagedRunCommandChannel:
    """Runs scripts in one Windows VM as `account`. The guest's service Secondary Logon must be able to start."""

    name = "managed-run-command"
    answer_limit = ANSWER_LIMIT

    def __init__(
        self, arm: Arm, scheduler: Scheduler, vm: str, account: Account, *, location: str, within: timedelta
    ) -> None:
        """`location` is the VM's: Azure is not asked for it here, since a launch must not wait for an answer."""
        self._arm = arm
        self._scheduler = scheduler
        self._vm = vm
        self._account = account
        self._location = location
        self._within = within

    async def run(self, script: str) -> Output:
        """Run `script`, delete what it leaves on the VM, and return its output.

        Raises `RefusedError` where Azure refused it, so that nothing was run, and `AzureError` or `ChannelError` where
        its answer is lost. What could not be deleted is told on standard error.
        """
        name = f"sealproof-{secrets.token_hex(6)}"
        try:
            operation = await self._scheduler.call(
                self._arm.begin_managed_run_command, self._vm, name, self._body(script)
            )
        except RefusedError:
            raise
        except AzureError as error:
            raise _and_left(error, await self._delete(name)) from None  # it may be there although the answer is lost
        left = ""
        try:
            try:
                deadline = self._scheduler.now() + self._within
                await settle(self._scheduler, operation, self._within)
                output = read_view(name, await self._ended(name, deadline))
            finally:
                left = await self._delete(name)
        except ObservationError as error:
            raise _and_left(error, left) from None
        return Output(output.stdout, f"{output.stderr}\n{left}".strip()) if left else output

    def _body(self, script: str) -> dict[str, Any]:
        return {
            "location": self._location,
            "properties": {
                "source": {"script": script},
                "runAsUser": self._account.user,
                "runAsPassword": self._account.password,
                "timeoutInSeconds": _TIME_LIMIT,
                "asyncExecution": False,
                "treatFailureAsDeploymentFailure": False,
            },
        }

    async def _ended(self, name: str, deadline: datetime) -> Mapping[str, Any]:
        """Return the instance view once the script has ended: the operation may be over before that."""
        while True:
            view = await self._scheduler.call(self._arm.managed_run_command_view, self._vm, name)
            if str(view.get("executionState", "")).lower() in _ENDED:
                return view
            if self._scheduler.now() >= deadline:
                state = view.get("executionState", "unknown")
                raise ChannelError(f"the script of {self.name} is still {state} after {self._within}")
            await self._scheduler.pause(self._arm.cloud.poll_seconds)

    async def _delete(self, name: str) -> str:
        """Delete the resource. Returns what a person must do where that failed, and an empty text otherwise."""
        try:
            operation = await self._scheduler.call(self._arm.begin_delete_managed_run_command, self._vm, name)
            await settle(self._scheduler, operation, _DELETED_WITHIN)
        except ObservationError as error:
            return f"the Run Command {name} stays on the VM and must be deleted before it is captured: {error}"
        return ""


def _and_left(error: ObservationError, left: str) -> ObservationError:
    """Return the error of a script whose answer is lost, with what stays on the VM where something does."""
    return ChannelError(f"{error}; {left}") if left else error


def read_view(name: str, view: Mapping[str, Any]) -> Output:
    """Return the output in an instance view; of a script that did not succeed its standard error says so at its end.

    Raises `ChannelError` for a script that Azure gave up and that printed nothing: nobody knows how far it came.
    """
    state, code = str(view.get("executionState", "")), view.get("exitCode", 0)
    out, err = str(view.get("output") or ""), str(view.get("error") or "")
    if state.lower() == "succeeded" and code == 0:
        return Output(out, err)
    if state.lower() in _GIVEN_UP and not out.strip() and not err.strip():
        raise ChannelError(f"the script of {name} was given up by Azure ({state}); it may have run")
    told = f"Run Command says {state}, exit code {code}: {str(view.get('executionMessage') or '')[:300]}"
    return Output(out, f"{err}\n{told}".strip())
