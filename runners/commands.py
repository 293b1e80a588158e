"""The commands of plain tests: into a target's guest by the way that reaches it, one at a time, and few."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError

from runners.errors import ChannelError
from runners.fleet import Target
from runners.guest.channel import Output
from runners.votes import Votes
from runners.world import World

COMMAND_LIMIT = 8
"""How many commands all plain tests together may run in one guest. Azure allows some 12 updates of a VM in a
burst, and counts each command as one; the observation and the step need the rest. Source: https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits"""


class Commands:
    """Runs commands in the guests of a run. Thread-safe; each call blocks until its command has ended."""

    def __init__(
        self, world: World, targets: Mapping[str, Target], votes: Votes, loop: Callable[[], asyncio.AbstractEventLoop]
    ) -> None:
        self._world = world
        self._targets = targets
        self._votes = votes
        self._loop = loop
        self._turns = {name: threading.Lock() for name in targets}
        self._count: Counter[str] = Counter()

    def run(self, target: str, platform: str, script: str) -> Output:
        """Run a script in the target's guest. Raises `ChannelError`, `AzureError`."""
        with self._turns[target]:
            if self._votes.over(target):
                raise ChannelError(
                    f"{target}: its gate was decided, so no command is run in its guest any more: it could meet the "
                    "step. A plain test that comes too late is a veto (docs/writing-checks.md)."
                )
            if self._count[target] >= COMMAND_LIMIT:
                raise ChannelError(
                    f"{target}: plain tests have run {COMMAND_LIMIT} commands in its guest and may run no more: over "
                    "Run Command each takes some 20 s, and Azure limits them. Write a check with a probe instead: all "
                    "probes travel in one command (docs/writing-checks.md)."
                )
            self._count[target] += 1
            channel = self._world.channel(self._targets[target], platform)
            try:
                return asyncio.run_coroutine_threadsafe(channel.run(script), self._loop()).result()
            except CancelledError:
                raise ChannelError(f"{target}: the run ended before the command did") from None
