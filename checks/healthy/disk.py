"""What a reader saw of a stopped disk."""

from __future__ import annotations

from typing import Any

from checks.facts import Coverage, DiskVolume
from checks.healthy.build import build


def coverage(**overrides: Any) -> Coverage:
    """Return the coverage of a disk that was read whole: a boot partition and a root file system."""
    healthy = {
        "size_bytes": 32 * 1024**3,
        "bytes_read": 4 * 1024**2,
        "files_examined": 14,
        "volumes": (DiskVolume("partition 1", "none", ""), DiskVolume("partition 2", "ext4", "")),
        "read_sha256": "0" * 64,
        "isolation": ("no-environment", "memory"),
    }
    return build(Coverage, healthy, overrides)
