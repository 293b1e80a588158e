"""A testinfra backend over Run Command, by the plain Azure SDK: one Run Command for each command of testinfra's.

The lab's simulated guests have no answers for such commands, and take their usual time all the same. What testinfra
then reads is what the real VM answered (`tests.bench.recording`), so that it goes on asking as it does on a VM.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

from azure.identity import DefaultAzureCredential
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import RunCommandInput
from testinfra.backend.base import BaseBackend
from testinfra.host import Host

ENDPOINT = "SEALPROOF_BENCH_ARM"
"""The environment variable with the ARM endpoint; the rest is azure-identity's own."""
ANSWERS = Path(__file__).with_name("answers.json")


class NotAnsweredError(Exception):
    """A command has no answer, so that what testinfra would ask next is not known."""


class RecordedBackend(BaseBackend):  # type: ignore[misc]  # testinfra has no types
    """A VM that answers as the real one did."""

    NAME = "recorded"

    def run(self, command: str, *arguments: str, **_: Any) -> Any:
        """Return the recorded answer. Raises `NotAnsweredError`."""
        line = self.get_command(command, *arguments)
        if line not in _answers():
            raise NotAnsweredError(f"testinfra asks {line!r}: record again by `python -m tests.bench.recording`")
        status, out, err = _answers()[line]
        return self.result(status, line.encode(), out.encode(), err.encode())


class RunCommandBackend(RecordedBackend):
    """The same, with a Run Command before each answer."""

    NAME = "run-command"

    def __init__(self, compute: ComputeManagementClient, resource_group: str, name: str) -> None:
        super().__init__(name)
        self._compute, self._where = compute, (resource_group, name)

    def run(self, command: str, *arguments: str, **options: Any) -> Any:
        """Run it there, wait until it has ended, and return the recorded answer. Raises `NotAnsweredError`."""
        lines = self.get_command(command, *arguments).splitlines()
        sent = RunCommandInput(command_id="RunShellScript", script=lines)
        result = self._compute.virtual_machines.begin_run_command(*self._where, sent).result()
        message = (result.value[0].message if result.value else "") or ""
        if "[stdout]" not in message:
            raise NotAnsweredError(f"a Run Command of {self._where[1]} printed nothing: {message!r}")
        return super().run(command, *arguments, **options)


@functools.cache
def _answers() -> dict[str, tuple[int, str, str]]:
    return dict(json.loads(ANSWERS.read_text(encoding="utf-8")))


def host_of(vm: str) -> Host:
    """Return testinfra's host for a VM by its resource id, of the lab that the environment names."""
    # /subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/V
    _, _, subscription, _, group, *_, name = vm.split("/")
    endpoint = os.environ[ENDPOINT]
    credential = DefaultAzureCredential(disable_instance_discovery=True)
    scopes = [f"{endpoint}/.default"]
    compute = ComputeManagementClient(credential, subscription, base_url=endpoint, credential_scopes=scopes)
    return Host(RunCommandBackend(compute, group, name))
