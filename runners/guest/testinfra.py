"""The channel through any testinfra backend: ssh://, paramiko://, winrm://, local:// ..."""

from __future__ import annotations

import importlib
import re
import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

from runners.apart import apart
from runners.errors import ChannelError, StepError
from runners.guest.channel import Output
from runners.guest.linux_command import linux_command
from runners.guest.windows_command import windows_commands

_ANSWER_LIMIT = 4 * 1024 * 1024
_SSH = "-o BatchMode=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
"""ssh gives a host up that went away, and asks nobody anything: it would do so where no one is."""
_BACKEND_ERRORS = (
    ("paramiko", "SSHException"),
    ("winrm.exceptions", "WinRMError"),
    ("winrm.exceptions", "WinRMTransportError"),
    ("winrm.exceptions", "WinRMOperationTimeoutError"),
)


class TestinfraChannel:
    """Runs scripts on the host that a testinfra host specification names, such as `ssh://root@10.0.0.4?sudo=true`.

    The scripts need root or an elevated administrator: without that, facts that could not be read are unknown.
    testinfra is imported at the first script, so that a broken backend is an error of this channel alone.
    """

    __test__ = False  # pytest would take the class for a test by its name
    name: str
    answer_limit = _ANSWER_LIMIT

    def __init__(
        self,
        host_spec: str,
        *,
        within: timedelta = timedelta(minutes=10),
        places: AbstractAsyncContextManager[object] | None = None,
        platform: str = "linux",
        password: Callable[[], str] | None = None,
    ) -> None:
        """`password` finds the one that the WinRM backend needs, at each script, and raises `StepError`.

        `within` is how long an answer is waited for; `places` bounds how many hosts are at work at once.
        """
        self.name = host_spec.partition("://")[0] if "://" in host_spec else "testinfra"
        self._host_spec = host_spec
        self._platform = platform
        self._within = within
        self._places = places or nullcontext()
        self._password = password

    async def run(self, script: str) -> Output:
        """Run `script` and return all of its output.

        Raises `ChannelError` when the host can't be reached, or has not answered in time.
        """
        async with self._places:
            try:
                return await apart(partial(self._run, script), self._within.total_seconds())
            except TimeoutError:
                raise ChannelError(
                    f"running a script through {self.name}: no answer within {self._within.total_seconds() / 60:g} "
                    "minutes. It may still run there; look whether the host hangs, such as on a network drive."
                ) from None

    def _run(self, script: str) -> Output:
        secret = self._secret()
        try:
            # Not `from testinfra import host` above: a backend may need an extra package, such as pywinrm.
            host: Any = importlib.import_module("testinfra").get_host(self._host_spec, **self._more)
            if secret:
                # The host specification would need it quoted, and would be in messages.
                host.backend.conn_args["password"] = secret
            result = self._start(host, script)
            return Output(stdout=_text(result.stdout_bytes), stderr=_text(result.stderr_bytes))
        except _backend_errors() as error:
            seen = self._without_password(str(error), secret)[:500]
            raise ChannelError(
                f"running a script through {self.name}: {seen}. Check that the host is up and that "
                "`python -m pytest` with testinfra reaches it with the same host specification."
            ) from None

    @property
    def _more(self) -> dict[str, str]:
        return {"ssh_extra_args": _SSH} if self.name in ("ssh", "safe-ssh") else {}

    def _secret(self) -> str:
        try:
            return self._password() if self._password is not None else ""
        except StepError as error:
            raise ChannelError(str(error)) from None

    def _without_password(self, text: str, secret: str) -> str:
        if secret:
            text = text.replace(secret, "***")
        # winrm://Administrator:secret@10.0.0.4: errors of a backend may quote it
        found = re.search(r"://[^:/@]*:([^@]+)@", self._host_spec)
        return text.replace(found[1], "***") if found else text

    def _start(self, host: Any, script: str) -> Any:
        if self._platform == "linux":
            return host.run("sh -c %s", linux_command(script))
        *before, last = windows_commands(script, secrets.token_hex(8))
        for number, command in enumerate(before, start=1):
            result = host.run(command)
            if result.rc != 0:
                seen = _text(result.stderr_bytes).strip()[:300]
                raise ChannelError(
                    f"sending a script through {self.name}: piece {number} of {len(before)} could not be laid down in "
                    f"the guest's temporary folder (exit status {result.rc}): {seen}. "
                    "Nothing was run; make room there, or reach this guest through Run Command."
                )
        return host.run(last)


def _backend_errors() -> tuple[type[Exception], ...]:
    """Return what testinfra's backends raise: Python's own errors, and those of libraries that it has loaded."""
    found = (getattr(sys.modules.get(module), name, None) for module, name in _BACKEND_ERRORS)
    return (RuntimeError, OSError, ImportError, ValueError, *(error for error in found if error is not None))


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
