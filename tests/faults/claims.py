"""Runs in processes of their own that are killed at an event of their journal, and the time that passes after that."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.server import Lab
from runners.generalize.claim_tag import PREFIX
from tests.faults.fleet import environment, way
from tests.runners.runs import ORDERED

SEALPROOF = str(Path(sys.executable).with_name("sealproof"))
_LONG_AGO = "2026-01-01T00:00:00Z"


class Process:
    """One run of `sealproof --generalize` against a lab, in a process group of its own."""

    def __init__(self, running: Lab, folder: Path, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        self.root = folder / "evidence"
        self._log = (folder / "output.txt").open("w+")
        self._process = subprocess.Popen(
            [SEALPROOF, *way(running), "--generalize", "-q", *options],
            cwd=folder,
            env={**os.environ, **ORDERED, **environment(running)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def evidence(self) -> Path:
        """The folder of the run."""
        return (self.root / "latest").resolve()

    @property
    def text(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def journal(self, target: str) -> str:
        file = self.root / "latest" / "journal" / f"{target}.jsonl"
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def await_event(self, target: str, event: str, seconds: float = 300) -> None:
        """Wait until the target's journal has the event. Raises `AssertionError` where it never does."""
        mark = f'"event":"{event}"'
        self.await_truth(lambda: mark in self.journal(target), f"{target} never came to {event}", seconds)

    def await_truth(self, truth: Callable[[], bool], otherwise: str, seconds: float = 300) -> None:
        """Wait until something holds. Raises `AssertionError` where it never does, or the run ends before."""
        pause = threading.Event()
        for _ in range(int(seconds / 0.01)):
            over = self._process.poll() is not None
            if truth():
                return
            if over:
                break
            pause.wait(0.01)
        raise AssertionError(f"{otherwise}:\n{self.text}")

    def await_text(self, words: str, seconds: float = 120) -> None:
        """Wait until the run has printed these words. Raises `AssertionError` where it never does."""
        pause = threading.Event()
        for _ in range(int(seconds / 0.02)):
            if words in " ".join(self.text.split()):
                return
            pause.wait(0.02)
        raise AssertionError(f"never said: {words}\n{self.text}")

    def kill_at(self, target: str, event: str) -> Path:
        """Kill the run, its reader included, as soon as the target's journal has the event; return its evidence."""
        self.await_event(target, event)
        return self.kill()

    def kill(self) -> Path:
        """Kill the run, its reader included; return its evidence."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return self.evidence

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the run alone."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 600) -> int:
        """Wait for the run's end; return its exit code."""
        return self._process.wait(seconds)

    def close(self) -> None:
        """End the run, whatever it does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()


def let_claims_expire(running: Lab, names: Sequence[str] = ()) -> None:
    """Let the claims on these VMs (all, without names) be as old as if nobody had renewed them for months."""
    for machine in running._running.machines.values():
        if not names or machine.name in names:
            machine.tags = {
                name: re.sub(r"until=\S+", f"until={_LONG_AGO}", value) if name.startswith(PREFIX) else value
                for name, value in machine.tags.items()
            }
