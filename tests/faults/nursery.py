"""Processes of Sealproof that can be killed: each is forked from one that has everything imported, and runs alone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast
from unittest import mock

from reports.journal import Journal
from runners.cli import ROOT, main
from tests.faults.fleet import POLL_SECONDS
from tests.runners.runs import ORDERED

Moment = tuple[str, int, str]
"""An event of the journal, its number among its like, and `before` or `after`: when the process kills itself."""


class Nursery:
    """Starts runs as processes, one at a time."""

    def __enter__(self) -> Nursery:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parent.terminate()
        self._parent.__exit__(kind, error, trace)  # closes its pipes, and waits

    def start(
        self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str], moment: Moment | None
    ) -> int:
        """Start a run in `folder` and return its process id; what it prints goes to out.txt there."""
        self._say([str(folder), [*arguments], dict(environment), moment])
        return int(self._hear())

    def end(self) -> int:
        """Wait for the end of the run; return its exit code, or the number of its signal, negative."""
        return int(self._hear())

    def _say(self, words: list[Any]) -> None:
        stdin = cast(TextIO, self._parent.stdin)
        stdin.write(json.dumps(words) + "\n")
        stdin.flush()

    def _hear(self) -> str:
        line = cast(TextIO, self._parent.stdout).readline()
        assert line, "the process that runs are forked from is gone"
        return line


def _serve() -> None:
    import runners.plugin  # noqa: F401 - imported once, for all that are forked

    for line in sys.stdin:
        folder, arguments, environment, moment = json.loads(line)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _run(Path(folder), arguments, environment, moment)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(folder: Path, arguments: list[str], environment: Mapping[str, str], moment: list[Any] | None) -> None:
    os.chdir(folder)
    os.environ.update({**ORDERED, **environment})
    with (folder / "out.txt").open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["sealproof", "-p", "no:cacheprovider", *arguments]
    with mock.patch("runners.cloud._NEAR_POLL_SECONDS", POLL_SECONDS), _killed_at(moment):
        code = main()
    sys.stdout.flush()
    os._exit(code)


@contextlib.contextmanager
def _killed_at(moment: list[Any] | None) -> Iterator[None]:
    """Let the process kill itself just before or just after it writes an entry into a journal."""
    if moment is None:
        yield
        return
    event, number, when = moment
    seen, write = 0, Journal.append

    def append(self: Journal, name: str, *rest: Any, **more: Any) -> Any:
        nonlocal seen
        seen += name == event
        deadly = name == event and seen == number
        if deadly and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = write(self, name, *rest, **more)
        if deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with mock.patch.object(Journal, "append", append):
        yield


if __name__ == "__main__":
    _serve()
