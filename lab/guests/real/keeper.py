"""Keeps one program alive exactly as long as its owner: `python keeper.py PROGRAM ARGUMENT...`.

The owner holds the other end of this process's standard input. When the owner ends, however it ends, that pipe closes
and the program is killed. PR_SET_PDEATHSIG set by the owner would not do: it fires when the *thread* that started the
program ends, and a pool's worker thread ends early. Here the main thread starts it, so the signal is right: it covers
the keeper itself being killed. It runs alone, without the rest of the project, so that it starts at once.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent thread ends. Source: prctl(2)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def keep(program: list[str], inherited: list[int]) -> int:
    """Run `program` until it ends or standard input closes. Returns its exit code, negative for a signal."""
    child = subprocess.Popen(  # noqa: S603 - the owner's own argument list
        program,
        stdin=subprocess.DEVNULL,
        pass_fds=inherited,
        preexec_fn=die_with_parent,
    )
    for descriptor in inherited:
        os.close(descriptor)  # so that the owner sees an end of file when the program ends
    ended = os.pidfd_open(child.pid)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(ended, select.POLLIN)
    if not any(descriptor == ended for descriptor, _ in poll.poll()):
        child.kill()
    return child.wait()


if __name__ == "__main__":
    descriptors = [int(number) for number in sys.argv[1].split(",") if number]
    sys.exit(keep(sys.argv[2:], descriptors) & 0xFF)
