"""What others left -> `Artifact`: a managed disk or a snapshot through ARM, or a file that lies here."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.facts import Artifact, Fact, LinuxDisk, WindowsDisk
from runners.azure import Arm
from runners.disk.file import open_disk_file
from runners.disk.reader import examine
from runners.errors import DiskError, ObservationError
from runners.fleet import Target
from runners.observe.azure import managed_disk
from runners.observe.disk import parse
from runners.scheduler import Scheduler

_CHUNK = 4 * 1024 * 1024
_LINUX = frozenset({"ext2", "ext3", "ext4", "xfs", "lvm"})


async def observe_resource(arm: Arm, scheduler: Scheduler, target: Target) -> Artifact:
    """Observe a managed disk or a snapshot through ARM.

    Raises `AzureError` where it can't be read, and `ObservationError` where nobody says what system it holds.
    """
    get = arm.disk if target.kind == "disk" else arm.snapshot
    document = await scheduler.call(get, target.subject)
    said = str((document.get("properties") or {}).get("osType") or "").lower()
    if said and target.platform and said != target.platform:
        raise ObservationError(f"the fleet file or --platform says {target.platform}, and Azure says {said}")
    platform = said or target.platform
    if platform not in ("linux", "windows"):
        raise ObservationError(
            f"Azure names no operating system for this {target.kind}. Say it: platform in the fleet file, or --platform"
        )
    disk = managed_disk(document)
    return Artifact(
        kind=target.kind,
        id=target.subject,
        platform=platform,
        format="managed disk" if target.kind == "disk" else "snapshot",
        size_bytes=disk.size_bytes,
        modified=Fact.missing(),
        sha256=Fact.missing(),
        resource=Fact.of(disk),
    )


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: which one it is, and what its disk says."""

    artifact: Artifact
    disk: LinuxDisk | WindowsDisk


def read_file(target: Target) -> ReadFile:
    """Read the disk in a file, and say which file that is. Blocks.

    Raises `DiskError` where it can't be read, is no disk, is replaced or written to meanwhile, or where its platform
    is not said and can't be told.
    """
    path = Path(target.subject)
    before = _look(path)
    with open_disk_file(path) as source:
        # A fixed VHD is a raw disk with a footer.
        fixed = source.container == "raw" and source.size < before.st_size
        platform = target.platform or _platform(examine(source, "linux"), path)
        disk = parse(examine(source, platform))
        artifact = Artifact(
            kind="file",
            id=target.subject,
            platform=platform,
            format="vhd" if fixed else source.container,
            size_bytes=before.st_size,
            modified=Fact.of(datetime.fromtimestamp(before.st_mtime, UTC).isoformat(timespec="seconds")),
            sha256=Fact.missing(),
            resource=Fact.missing(),
        )
    if target.digest:
        artifact = replace(artifact, sha256=Fact.of(_sha256(path)))
    if _identity(_look(path)) != _identity(before):
        raise DiskError(
            f"{path} was replaced or written to while it was read, so nothing that was seen counts. Wait until whoever "
            "makes it is done, then confirm again"
        )
    return ReadFile(artifact, disk)


def _look(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise DiskError(f"{path}: it can't be read: {error.strerror}. Nothing was judged") from None


def _identity(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                digest.update(part)
    except OSError as error:
        raise DiskError(f"{path}: its SHA-256 could not be taken: {error.strerror}") from None
    return digest.hexdigest()


def _platform(report: dict[str, Any], path: Path) -> str:
    """Return what system a disk holds, by the file systems on it."""
    volumes = (report.get("coverage") or {}).get("volumes") or []
    kinds = {str(volume.get("filesystem")) for volume in volumes}
    linux, windows = bool(kinds & _LINUX), "ntfs" in kinds
    if linux is windows:
        seen = ", ".join(sorted(kinds)) or "no volume"
        raise DiskError(
            f"{path}: nobody can tell whether it holds Linux or Windows ({seen}). Say it: platform in the fleet file, "
            "or --platform"
        )
    return "linux" if linux else "windows"
