"""The keeper: its program lives as long as its owner, however either ends."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.guests.real import keeper

# Says its own process id, then waits for ever.
PROGRAM = [sys.executable, "-I", "-c", "import os, signal; print(os.getpid(), flush=True); signal.pause()"]


def kept(program: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", str(Path(keeper.__file__)), "", *program]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def program_of(process: subprocess.Popen[bytes]) -> int:
    """Return a descriptor that becomes readable when the kept program has ended."""
    assert process.stdout is not None
    return os.pidfd_open(int(process.stdout.readline()))


def ends(program: int) -> bool:
    return bool(select.select([program], [], [], 20)[0])


def test_program_is_killed_when_its_owner_lets_go() -> None:
    with kept(PROGRAM) as process:
        program = program_of(process)
        assert process.stdin is not None
        process.stdin.close()
        assert ends(program)
        assert process.wait(20) != 0
        os.close(program)


def test_program_is_killed_when_the_keeper_is() -> None:
    with kept(PROGRAM) as process:
        program = program_of(process)
        process.send_signal(signal.SIGKILL)
        assert ends(program)
        os.close(program)


def test_program_is_killed_when_its_owner_is_killed() -> None:
    owner = (
        "import subprocess, sys, os, signal\n"
        "process = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)\n"
        "signal.pause()\n"
    )
    command = [sys.executable, "-I", "-c", owner, sys.executable, "-I", str(Path(keeper.__file__)), "", *PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        program = program_of(process)
        process.kill()
        assert ends(program)
        os.close(program)


@pytest.mark.parametrize("code", [0, 7])
def test_keeper_ends_as_its_program_does(code: int) -> None:
    with kept(["/bin/sh", "-c", f"exit {code}"]) as process:
        assert process.wait(20) == code
