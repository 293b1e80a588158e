"""A simulated guest that counts what was done to it, whatever anybody says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from lab.guests.answer_frame import SentScript
from lab.guests.guest import Guest, ScriptResult
from lab.guests.settings import OnLaunch
from lab.guests.simulated import SimulatedGuest
from lab.scenario import Machine


class AfterLooks:
    """A timer by which a machine goes off when its power state was asked for so often, however fast the host is."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self._call = call
        self._left = 4

    def start(self) -> None:
        """Begin to wait, which is to be asked."""

    def cancel(self) -> None:
        """Stop waiting: nobody asks any more."""

    def look(self) -> None:
        """Take note that the power state is asked for."""
        self._left -= 1
        if self._left == 0:
            self._call()


class WatchedGuest(SimulatedGuest):
    """A simulated guest, and how often it was launched and powered on.

    Windows goes off some looks after its launch: what watches Sysprep until then is to be struck as well.
    """

    launches = 0
    starts = 0

    def power(self) -> Literal["running", "stopped"]:
        """Return whether the machine runs."""
        with self._lock:
            if isinstance(self._pending, AfterLooks):
                self._pending.look()
            return super().power()

    def _launch(self, launch: OnLaunch, sent: SentScript) -> None:
        if self.platform == "windows" and sent.headers.get("end") != "quit":
            self._timer = AfterLooks
        super()._launch(launch, sent)

    def run(self, script: str) -> ScriptResult:
        """Answer a script; one that launches the step counts, whether or not its answer arrives."""
        return self._counted(script, super().run(script))

    def run_as(self, user: str, password: str, script: str) -> ScriptResult:
        """Answer a script of somebody who logs on; one that launches the step counts as well."""
        return self._counted(script, super().run_as(user, password, script))

    def _counted(self, script: str, result: ScriptResult) -> ScriptResult:
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
