"""What the real VM answers to pytest-testinfra's commands: `python -m tests.bench.recording` asks it, over SSH as root.

The lab's simulated guests have no such answers. To be recorded again where testinfra or the questions have changed.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import testinfra

from lab.guests.real import RealGuest
from tests.bench.over_ssh import login
from tests.bench.questions import QUESTIONS
from tests.bench.run_command_backend import ANSWERS


def record() -> dict[str, tuple[int, str, str]]:
    """Return exit status, standard output and standard error of each command, by the command."""
    answers = {}
    guest = RealGuest.from_scenario("recorded", {"image": "debian-bookworm"})
    try:
        guest.start()
        with tempfile.TemporaryDirectory() as folder, login(guest, Path(folder) / "ssh") as spec:
            host = testinfra.get_host(spec)
            run = host.backend.run

            def recorded(command: str, *arguments: str, **options: Any) -> Any:
                result = run(command, *arguments, **options)
                said = (result.stdout_bytes.decode(), result.stderr_bytes.decode())
                answers[host.backend.quote(command, *arguments)] = (result.rc, *said)
                return result

            host.backend.run = recorded
            for question in QUESTIONS:
                question(host)
    finally:
        guest.close()
    return answers


if __name__ == "__main__":
    ANSWERS.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
