"""Which process wrote something, and whether that process is gone for certain. Linux tells; elsewhere nobody knows."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")


def this_process() -> dict[str, str]:
    """Return what tells this process from every other one: host, boot, namespace, number, and when it was started."""
    return {
        "host": socket.gethostname(),
        "boot": _text(_PROC / "sys/kernel/random/boot_id"),
        "namespace": _link(_PROC / "self/ns/pid"),
        "pid": str(os.getpid()),
        "started": _started(str(os.getpid())),
    }


def is_gone(process: Mapping[str, Any]) -> bool:
    """Return whether a process that `this_process` told of is gone for certain; one of another host never is."""
    here = this_process()
    if not here["started"] or not process.get("started"):
        return False
    if any(process.get(key) != here[key] for key in ("host", "boot", "namespace")):
        return False
    return bool(_started(str(process.get("pid", ""))) != process["started"])


def _started(pid: str) -> str:
    """Return when a process was started, in ticks since the boot; empty where there is none of this number."""
    if not pid.isdecimal():
        return ""
    # 4242 (a name) with ) in it) S 1 ... ; the start is the 22nd field, and the second is the name
    fields = _text(_PROC / pid / "stat").rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in ("Z", "X"):
        return ""
    return fields[19]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
