"""The channel of Azure's action Run Command: no network line of sight, one script at a time, 4,096 bytes back."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from runners.errors import AzureError, ChannelError, RefusedError
from runners.guest.channel import Output
from runners.scheduler import Scheduler

ANSWER_LIMIT = 4096
"""The last 4,096 bytes of both streams come back. Source: Microsoft's page on the action Run Command."""
_PATIENCE = timedelta(minutes=10)
_PAUSE = 15.0

# Linux, one entry: "Enable succeeded: \n[stdout]\nhello\n\n[stderr]\n", also "Enable failed: failed to execute command:
# command terminated with exit status=1\n[stdout]\n...\n[stderr]\n..."
_LINUX = re.compile(r"\A.*?\[stdout\]\n(?P<stdout>.*)\n\[stderr\]\n?(?P<stderr>.*)\Z", re.DOTALL)
# Windows, two entries: ComponentStatus/StdOut/succeeded and ComponentStatus/StdErr/succeeded
_WINDOWS = re.compile(r"ComponentStatus/(StdOut|StdErr)/", re.IGNORECASE)


class RunCommandChannel:
    """Runs scripts through the action Run Command of one VM.

    `start` runs the action with a script (command id RunShellScript or RunPowerShellScript) and returns its
    result, `{"value": [{"code": ..., "message": ...}, ...]}`. `where` names the VM in messages.

    While another script runs in the VM, ARM answers 409 Conflict ("Run command extension execution is in progress"):
    the channel waits and tries again for ten minutes.
    """

    name = "run-command"
    answer_limit = ANSWER_LIMIT

    def __init__(
        self,
        start: Callable[[str], Awaitable[Mapping[str, Any]]],
        scheduler: Scheduler,
        *,
        where: str = "the VM",
        patience: timedelta = _PATIENCE,
    ) -> None:
        self._start = start
        self._scheduler = scheduler
        self._where = where
        self._patience = patience

    async def run(self, script: str) -> Output:
        """Run `script` and return what came back of its output.

        Raises `ChannelError` for a result without output, `RefusedError` when the VM stays busy and nothing was run,
        `AzureError` when ARM refuses or fails.
        """
        deadline = self._scheduler.now() + self._patience
        while True:
            try:
                return read_result(await self._start(script))
            except AzureError as error:
                if error.status != 409 or error.code.lower() != "conflict":
                    raise
                if self._scheduler.now() >= deadline:
                    raise RefusedError(
                        f"running a script in {self._where}: another Run Command has been in progress for "
                        f"{self._patience.total_seconds() / 60:.0f} minutes, and Azure runs one at a time. "
                        f"Wait for it to end, then run again. Azure said: {error}",
                        status=error.status,
                        code=error.code,
                    ) from None
            await self._scheduler.pause(_PAUSE)


def read_result(result: Mapping[str, Any]) -> Output:
    """Return the output in a Run Command result of Linux or Windows. Raises `ChannelError` for any other form."""
    entries = result.get("value")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries) or not entries:
        raise ChannelError(
            f"Run Command ended without output; its result holds: {', '.join(map(str, result)) or 'nothing'}"
        )
    streams = {"stdout": "", "stderr": ""}
    windows = False
    for entry in entries:
        stream = _WINDOWS.match(str(entry.get("code", "")))
        if stream:
            windows = True
            streams[stream[1].lower()] += str(entry.get("message") or "")
    if windows:
        return Output(**streams)
    message = str(entries[0].get("message") or "")
    linux = _LINUX.fullmatch(message)
    # Without the marks the whole text is taken for output: whether it is an answer is the frame's matter.
    return Output(stdout=linux["stdout"], stderr=linux["stderr"]) if linux else Output(stdout=message)
