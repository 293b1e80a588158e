"""One managed run command: a script that stays a resource of its VM, and what its last run left.

Recorded in test_run_command_v2: the document's keys in their order, timeoutInSeconds 0 where none was given, and the
instance view of a script that failed. `Execution completed` is quoted in public logs; the other messages are our own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lab.arm import times
from lab.arm.script_parameters import Parameter
from lab.merge_patch import copy, merge

Execution = Literal["Pending", "Running", "Failed", "Succeeded", "TimedOut"]

KEPT_BYTES = 4096
"""How much of each stream the instance view holds: its end (documented)."""


@dataclass(frozen=True)
class Run:
    """What a run of the script did so far."""

    state: Execution
    message: str
    exit_code: int = 0
    output: str = ""
    error: str = ""
    started: datetime | None = None
    ended: datetime | None = None

    @classmethod
    def waiting(cls) -> Run:
        """Return a run that has not begun."""
        return cls("Pending", "Execution pending")

    @property
    def view(self) -> dict[str, Any]:
        """The instance view."""
        view: dict[str, Any] = {
            "exitCode": self.exit_code,
            "executionState": self.state,
            "executionMessage": self.message,
            "output": self.output,
            "error": self.error,
        }
        if self.started is not None:
            view["startTime"] = times.coarse(self.started)
        if self.ended is not None:
            view["endTime"] = times.coarse(self.ended)
        return view


@dataclass
class ManagedRunCommand:
    """One managed run command. Changed from the server's event loop only."""

    id: str
    location: str
    properties: dict[str, Any]
    """As the client gave them, without what never comes back: protectedParameters, runAsPassword."""
    tags: dict[str, str] | None = None
    protected: tuple[Parameter, ...] = ()
    password: str = field(default="", repr=False)
    """Of runAsUser."""
    provisioning: str = "Creating"
    run: Run = field(default_factory=Run.waiting)

    @property
    def name(self) -> str:
        """The name."""
        return self.id.rpartition("/")[2]

    @property
    def timeout(self) -> int:
        """Seconds after which the script is given up; 0 for never."""
        return int(self.properties.get("timeoutInSeconds") or 0)

    def flag(self, key: str) -> bool:
        """Return a property that is true or false; false where it was not given."""
        return bool(self.properties.get(key))

    def patched(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Return the properties after a PATCH."""
        merged: dict[str, Any] = merge(self.properties, properties)
        return merged

    def model(self, *, with_view: bool = False) -> dict[str, Any]:
        """Return the document as ARM shows it."""
        given = copy(self.properties)
        last = {key: given.pop(key) for key in ("asyncExecution", "treatFailureAsDeploymentFailure") if key in given}
        seconds = given.pop("timeoutInSeconds", None) or 0
        properties = given | {"timeoutInSeconds": seconds, "provisioningState": self.provisioning} | last
        properties.setdefault("asyncExecution", False)
        if with_view:
            properties["instanceView"] = self.run.view
        model: dict[str, Any] = {
            "name": self.name,
            "id": self.id,
            "type": "Microsoft.Compute/virtualMachines/runCommands",
            "location": self.location,
        }
        if self.tags is not None:
            model["tags"] = dict(self.tags)
        return model | {"properties": properties}
