"""What others left, in good order."""

from __future__ import annotations

from typing import Any

from checks.facts import Artifact, Fact
from checks.healthy.azure import os_disk
from checks.healthy.build import build


def artifact(kind: str = "disk", **overrides: Any) -> Artifact:
    """Return a managed disk that is attached to nothing, a snapshot, or a file."""
    in_azure = kind != "file"
    resource = os_disk(disk_state="Unattached", encryption="EncryptionAtRestWithPlatformKey")
    healthy = {
        "kind": kind,
        "id": resource.id if in_azure else "/images/golden.vhdx",
        "platform": "linux",
        "format": {"disk": "managed disk", "snapshot": "snapshot"}.get(kind, "vhdx"),
        "size_bytes": resource.size_bytes,
        "modified": Fact.missing() if in_azure else "2026-11-22T10:00:00+00:00",
        "sha256": Fact.missing(),
        "resource": resource if in_azure else Fact.missing(),
    }
    return build(Artifact, healthy, overrides)
