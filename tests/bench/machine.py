"""The machine that measures: how large it is, and how busy with other things."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def described() -> str:
    """Return one sentence about the machine. A load well above 0 makes every time here too long."""
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {os.cpu_count()} cores ({_processor()}), "
        f"{_memory():.0f} GiB, Python {platform.python_version()}; load before it began {os.getloadavg()[0]:.1f}."
    )


def _processor() -> str:
    # model name	: AMD EPYC 7763 64-Core Processor
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> float:
    # MemTotal:       24689764 kB
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return int(line.split()[1]) / 1024**2
    return 0.0


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).is_file() else []
