"""What this host must have for building and running real guests."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.guests.real.errors import MissingTools, RealGuestError

NEEDS = Path(__file__).with_name("host-tools.txt")
"""A program and the Debian package that has it, a line; `make real` installs what lacks."""
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


def require_tools() -> None:
    """Raise `MissingTools` unless this host can build and run real guests."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise MissingTools(
            f"a real guest needs a Linux host on x86_64 and this is {platform.system()} on {platform.machine()}."
            " Use a simulated scenario, such as --lab=demo."
        )
    lacking = sorted({package for tool, package in needed() if shutil.which(tool, path=PATH) is None})
    if lacking:
        raise MissingTools(
            "this host lacks programs that the real guest is built and run with. Run `make real`, or install them:\n"
            f"    sudo apt-get install {' '.join(lacking)}"
        )


def needed() -> list[tuple[str, str]]:
    """Return each needed program with its package."""
    lines = NEEDS.read_text(encoding="utf-8").splitlines()
    return [(program, package) for program, package in (line.split() for line in lines)]


def run_tool(command: Sequence[str], log: Path, send: bytes = b"") -> bytes:
    """Run a program; return its standard output. Raises `RealGuestError` with its last words."""
    program = shutil.which(command[0], path=PATH) or command[0]
    environment = {**os.environ, "LC_ALL": "C", "PATH": PATH}
    done = subprocess.run([program, *command[1:]], input=send, capture_output=True, env=environment, check=False)  # noqa: S603 - our own argument lists
    with log.open("ab") as file:
        file.write(done.stderr)
    if done.returncode != 0:
        words = done.stderr[-800:].decode(errors="replace").strip()
        raise RealGuestError(
            f"building the real guest's image failed in {command[0]} (exit code {done.returncode}): {words}\n"
            f"All messages are in {log}. If packages could not be fetched, see whether `apt-get update` works here."
        )
    return done.stdout
