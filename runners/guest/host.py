"""testinfra's `host` for plain tests, bound to a guest that is reached by a channel of ours.

testinfra's modules (`host.file`, `host.package`, `host.user`...) build commands and read exit status and output; the
backend here sends each command to the guest as one framed script. Over Run Command that takes some 20 s a command.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import testinfra
from testinfra.backend.base import BaseBackend
from testinfra.backend.base import CommandResult as TestinfraResult
from testinfra.host import Host

from runners.errors import FrameError
from runners.guest.channel import Output
from runners.guest.command import command_script, read_result
from runners.guest.frame import OVERHEAD, printable_end
from runners.guest.run_command import ANSWER_LIMIT

# What cmd.exe, or the program behind it, would read as more than text, even between double quotes.
_UNQUOTABLE = re.compile(r'["%\r\n\0]')
_PLAIN = re.compile(r"[\w@+=:,./\\-]+", re.ASCII)


def host_for(channel: str, run: Callable[[str], Output], platform: str, *, name: str = "guest") -> Host:
    """Return the `host` of a target whose fleet entry says `channel`.

    `run-command` sends each command by `run`; any other is a testinfra host specification (`ssh://...`), which
    testinfra reaches by itself.
    """
    return guest_host(run, platform, name=name) if channel == "run-command" else testinfra.get_host(channel)


def guest_host(
    run: Callable[[str], Output], platform: str, *, name: str = "guest", answer_limit: int = ANSWER_LIMIT
) -> Host:
    """Return a `host` whose commands are scripts that `run` runs in a `linux` or `windows` guest.

    `run` blocks until the script has ended, and returns what it printed: at most `answer_limit` bytes. `name` is how
    the target is called. A command fails with `FrameError` where its result did not come back whole: the limit was
    too small for it, above all. What `run` raises is raised.
    """
    kind = WindowsGuestBackend if platform == "windows" else GuestBackend
    host = Host(kind(run, platform, name, answer_limit))
    host.backend.set_host(host)
    return host


class GuestBackend(BaseBackend):  # type: ignore[misc]  # testinfra has no types
    """A testinfra backend: how a command gets into the guest, and its result back."""

    NAME = "sealproof"

    def __init__(self, run: Callable[[str], Output], platform: str, name: str, answer_limit: int) -> None:
        super().__init__(name)
        self._run = run
        self._platform = platform
        self._page_bytes = answer_limit - OVERHEAD

    def run(self, command: str, *args: str, **_kwargs: Any) -> TestinfraResult:
        """Run `command`, with `args` quoted into its `%s`. Raises `FrameError`; see `guest_host`."""
        __tracebackhide__ = True
        line = self.get_command(command, *args)
        nonce = secrets.token_hex(8)
        output = self._run(command_script(self._platform, line, nonce, self._page_bytes))
        try:
            result = read_result(output.stdout, nonce)
        except FrameError as error:
            noise = f" Its standard error ends with: {printable_end(output.stderr)}." if output.stderr.strip() else ""
            raise FrameError(
                f"running a command in {self.get_hostname()}: {error}.{noise} The command: {printable_end(line)}. "
                "Nothing that it may have printed was used."
            ) from None
        return self.result(result.exit_status, self.encode(line), result.stdout, result.stderr)

    def decode(self, data: bytes) -> str:
        """Return output as text: UTF-8, with replacement. (testinfra would ask the guest's Python what it prefers.)"""
        return data.decode("utf-8", errors="replace")

    def encode(self, data: str) -> bytes:
        """Return text as UTF-8."""
        return data.encode("utf-8", errors="surrogateescape")


class WindowsGuestBackend(GuestBackend):
    """The backend of a Windows guest: commands are cmd.exe's, as testinfra's Windows modules expect."""

    @staticmethod
    def quote(command: str, *args: str) -> str:
        """Return `command` with `args` quoted into its `%s`.

        Raises `ValueError` for an argument that nothing quotes: one with a double quote, a percent sign or a line end.
        """
        return command % tuple(_quoted_for_windows(argument) for argument in args) if args else command


def _quoted_for_windows(argument: str) -> str:
    if _UNQUOTABLE.search(argument):
        raise ValueError(
            f"{argument!r} can't be passed to a Windows command: cmd.exe protects no double quote, percent sign or "
            "line end. Write the command out, or an own probe in PowerShell and a check (docs/writing-checks.md)."
        )
    return argument if _PLAIN.fullmatch(argument) else f'"{argument}"'
