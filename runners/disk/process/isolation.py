"""Walls around the reader process, put up by itself before it looks at the disk."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def isolate(memory: int, processor: int) -> list[str]:
    """Limit memory (bytes) and processor time (seconds), and leave the network. Returns what held.

    Resource limits are the least: where they can't be set, the process ends with the error.
    """
    held = ["memory", "cpu", "no-file-writes", "no-core-dump"]
    for kind, limit, hard in (
        (resource.RLIMIT_AS, memory, memory),
        # At the hard limit Linux kills, as anybody may; the signal of the other one says what ended the process.
        (resource.RLIMIT_CPU, processor, processor + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (limit, hard))
    if _environment_is_empty():
        held.append("no-environment")
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "prctl"):
        return held
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
        held.append("dies-with-parent")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        held.append("no-new-privileges")
    # Root may leave the network at once; others only from a user namespace, where the host permits one.
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        held.append("network-namespace")
    return held


def close_doors() -> list[str]:
    """Forbid to open any file or socket, or to start a process, from here on. Returns what held."""
    # A new descriptor always gets the lowest free number, so a limit of just that number leaves none.
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, lowest))
    held = []
    try:
        os.close(os.open("/", os.O_RDONLY))
    except OSError:
        held.append("no-new-files")
    # The limit on processes does not bind root, so it is not said to hold.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return held


def _environment_is_empty() -> bool:
    """Ask the system: Python itself adds LC_CTYPE to what os.environ shows in the C locale."""
    try:
        return Path("/proc/self/environ").read_bytes() == b""
    except OSError:
        return not set(os.environ) - {"LC_CTYPE"}
