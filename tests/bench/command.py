"""A command run once, and what it took: as a stranger with a stopwatch sees it, from outside."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runners.cli import ROOT
from tests.bench.table import KEPT

ALONE = ("-p", "no:randomly", "-p", "no:rerunfailures")
"""What a run of pytest leaves out: plugins that only our own tests install."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one run of a command took."""

    wall: float
    cpu: float
    """Seconds of all cores, of the process and the children that it waited for."""
    peak: int
    """Bytes of its largest single process."""
    code: int
    said: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 900) -> Took:
    """Run a command from the repository's root. Raises `TimeoutExpired` after `timeout` seconds."""
    surroundings = {**os.environ, "PYTHONPYCACHEPREFIX": str(KEPT / "bytecode"), **(environment or {})}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's machine keeps what it compiled
    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=out, stderr=subprocess.STDOUT)
        try:
            status, usage = _awaited(process, begun + timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        wall = time.monotonic() - begun
        out.seek(0)
        said = out.read().decode(errors="replace")
    peak = usage.ru_maxrss * 1024
    return Took(wall, usage.ru_utime + usage.ru_stime, peak, os.waitstatus_to_exitcode(status), said)


def _awaited(process: subprocess.Popen[bytes], until: float) -> tuple[int, os.struct_rusage]:  # type: ignore[name-defined]
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return status, usage
        if time.monotonic() > until:
            raise subprocess.TimeoutExpired(process.args, until)
        time.sleep(0.005)
