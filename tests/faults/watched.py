"""A simulated guest that counts what was done to it, whatever anybody says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.guests.answer_frame import SentScript
from lab.guests.guest import Guest, ScriptResult
from lab.guests.simulated import SimulatedGuest
from lab.scenario import Machine


class WatchedGuest(SimulatedGuest):
    """A simulated guest, and how often it was launched and powered on."""

    launches = 0
    starts = 0

    def run(self, script: str) -> ScriptResult:
        """Answer a script; one that launches the step counts, whether or not its answer arrives."""
        result = super().run(script)
        if SentScript.read(script).headers.get("step") == "launch" and result.exit_code == 0:
            self.launches += 1
        return result

    def start(self) -> None:
        """Power the machine on."""
        self.starts += 1
        super().start()

    @property
    def sealed(self) -> bool:
        """Whether its disk is that of a sealed system."""
        return self._disk_name != self._settings.disk


def watched(machine: Machine) -> Guest:
    """Make the guest of a machine, for `lab.serve`."""
    settings: Mapping[str, Any] = machine.spec.guest.simulated or {}
    return WatchedGuest.from_scenario(machine.name, machine.spec.platform, settings)
