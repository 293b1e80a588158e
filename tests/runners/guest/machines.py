"""A Linux guest of real parts for tests: real shells, on planted files, behind the forms and limits of Run Command."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runners.scheduler import Scheduler

_EVERY = os.environ.get("SEALPROOF_SHELLS") == "all"
SHELLS: Mapping[str, Sequence[str]] = (
    {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]} if _EVERY else {"sh": ["sh"]}
)
"""The shells that scripts are tried in: the host's own; with `make shells` each that a guest may have."""
TAIL = 4096


@functools.cache
def can_unshare() -> bool:
    """Whether a test may have file systems of its own."""
    if not shutil.which("unshare"):
        return False
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def need_shell(name: str) -> Sequence[str]:
    """Return the command of a shell, which is there: `make shells` installs those that it asks for."""
    command = SHELLS[name]
    assert shutil.which(command[0]), f"{command[0]} is not installed here: make shells installs it"
    return command


_WHERE_PLANTED = ("boot", "var/log", "var/spool", "var/tmp", "proc")
"""Folders of the host that are hidden only where something is planted in them; /proc comes last."""


@dataclass
class PlantedGuest:
    """Runs scripts as root of a machine with planted /etc, /var/lib, /run, and /sys, /dev, /proc, /boot where given.

    /lib/modules may be planted too: no host need have the folder, so scripts are told of it where it is planted.

    `run` (the folder behind /run) lives as long as the guest, as a machine's does between two Run Commands.
    """

    root: Path
    files: Mapping[str, str | bytes]
    shell: Sequence[str] = ("sh",)
    links: Mapping[str, str] = field(default_factory=dict)
    path: str = ""

    def __post_init__(self) -> None:
        if not can_unshare():
            pytest.skip("unshare can't make file systems for a test here")
        for folder in ("etc", "var/lib", "run"):
            (self.root / folder).mkdir(parents=True)
        for name, content in self.files.items():
            file = self.root / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
            file.chmod(0o755 if "bin" in file.parts else 0o600)
        for name, target in self.links.items():
            link = self.root / name.lstrip("/")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)

    def run(self, script: str) -> subprocess.CompletedProcess[bytes]:
        """Run `script` and return all that it printed."""
        root = shlex.quote(str(self.root))
        mounts = [f"mount --bind {root}/{folder} /{folder}" for folder in ("etc", "var/lib", "run")]
        if (self.root / "sys").is_dir():
            mounts.append(f"mount --bind {root}/sys /sys")
        if (self.root / "dev").is_dir():
            (self.root / "dev/null").touch()
            mounts += [f"mount --bind /dev/null {root}/dev/null", f"mount --rbind {root}/dev /dev"]
        path = f"PATH={shlex.quote(self.path)}:$PATH; export PATH" if self.path else ":"
        # What is planted is at hand in /mnt, since other folders of the host may be hidden.
        mounts.insert(0, f"mount --bind {root} /mnt")
        if (self.root / "lib/modules").is_dir():
            script = script.replace("/lib/modules", "/mnt/lib/modules")
        # Debian's link to the kernel that starts next is in the root folder, where nothing can be mounted over it.
        script = script.replace(" /vmlinuz ", " /mnt/vmlinuz ")
        # /proc comes last: mount needs the real one.
        mounts += [f"mount --bind {root}/{name} /{name}" for name in _WHERE_PLANTED if (self.root / name).is_dir()]
        (self.root / "script").write_text(script)
        command = " && ".join([*mounts, path, f"exec {shlex.join(self.shell)} /mnt/script"])
        return subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command],
            capture_output=True,
            timeout=120,
            check=False,
        )


@dataclass
class LinuxRunCommand:
    """What `RunCommandChannel` calls: runs the script, and answers as Azure does, with the last 4,096 bytes."""

    guest: PlantedGuest
    scripts: list[str] = field(default_factory=list)
    printed: list[bytes] = field(default_factory=list)

    async def __call__(self, script: str) -> dict[str, Any]:
        self.scripts.append(script)
        done = self.guest.run(script)
        self.printed.append(done.stdout)
        tail = (done.stdout + done.stderr)[-TAIL:]
        stderr = tail[len(tail) - min(len(done.stderr), len(tail)) :]
        stdout = tail[: len(tail) - len(stderr)]
        message = f"Enable succeeded: \n[stdout]\n{stdout.decode()}\n[stderr]\n{stderr.decode()}"
        return {"value": [{"code": "ProvisioningState/succeeded", "level": "Info", "message": message}]}


class InstantScheduler(Scheduler):
    """Calls at once; a pause only moves the clock."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, tzinfo=UTC)
        self.pauses: list[float] = []

    async def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.time
