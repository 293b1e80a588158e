"""The protocol of a channel into a guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Output:
    """What a script printed. Untrusted: at most what the channel lets through, possibly cut at its start."""

    stdout: str
    stderr: str = ""


class Channel(Protocol):
    """A way to run one script in a guest.

    `run` returns what the script printed, or raises `ChannelError` when it could not be run at all. There is no exit
    code: Azure's action Run Command gives none, so nothing here may depend on one.
    """

    name: str
    """For evidence: `run-command`, `ssh`, ..."""
    answer_limit: int
    """How many bytes of standard output come back at most (Run Command: the last 4,096 of both streams)."""

    async def run(self, script: str) -> Output:
        """Run `script` (POSIX sh or Windows PowerShell 5.1, as the guest's platform asks) as root or SYSTEM."""
        ...
