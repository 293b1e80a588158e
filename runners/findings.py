"""What pytest items ask of the engine, wherever it runs: beside them, or in the process that controls the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from reports.evidence import Result, Target
from runners.guest.channel import Output

if TYPE_CHECKING:
    from runners.engine import Engine


class Findings(Protocol):
    """What the engine found, and its way into the guests."""

    def row(self, check: str, target: str) -> Result:
        """Wait until the row is there and return it."""
        ...

    def target(self, name: str) -> Target:
        """Wait until the target is through and return its record."""
        ...

    def platform(self, target: str) -> str:
        """Wait until the target was observed and return its platform: `linux`, `windows`, `unknown`."""
        ...

    def run(self, target: str, platform: str, script: str) -> Output:
        """Run a script in the target's guest, for a plain test. Raises `ChannelError`, `AzureError`."""
        ...


class EngineFindings:
    """The findings of an engine in this process, for one process that shows them: who waits can't vote meanwhile."""

    def __init__(self, engine: Engine, process: str) -> None:
        self._engine = engine
        self._process = process

    def row(self, check: str, target: str) -> Result:
        """Wait until the row is there and return it."""
        board = self._engine.board
        if self._engine.plan.catalogue[check].metadata.phase == "pre":
            # Judged before the gate, so nobody who waits for it waits for votes.
            board.await_row(check, target)
        if board.settled(check, target):
            return board.row(check, target)
        with self._engine.votes.waiting(self._process, target):
            return board.row(check, target)

    def target(self, name: str) -> Target:
        """Wait until the target is through and return its record."""
        with self._engine.votes.waiting(self._process, name):
            return self._engine.board.target(name)

    def platform(self, target: str) -> str:
        """Wait until the target was observed and return its platform."""
        return self._engine.board.platform(target)

    def run(self, target: str, platform: str, script: str) -> Output:
        """Run a script in the target's guest, for a plain test."""
        return self._engine.commands.run(target, platform, script)
