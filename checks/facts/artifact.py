"""A disk, a snapshot or a file that is judged by itself, without a VM (vantage `artifact`): types only."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.azure import OsDisk
from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Artifact:
    """What somebody else's builder left: which it is, so that another can find the very same."""

    kind: str
    """`disk`, `snapshot` or `file`."""
    id: str
    """ARM id, or the file's path."""
    platform: str
    """`linux` or `windows`: as Azure or the fleet file says, or as the disk shows."""
    format: str
    """`managed disk`, `snapshot`, or how the file holds the disk: `vhd`, `vhdx`, `qcow2`, `raw`."""
    size_bytes: int
    """Of a file, how long it is; of a disk, how much it holds."""
    modified: Fact[str]
    """When the file was last written to, ISO 8601 UTC; absent where it is no file."""
    sha256: Fact[str]
    """Of the whole file, in hex; absent where nobody asked for it, or it is no file."""
    resource: Fact[OsDisk]
    """The disk or snapshot as Azure has it; absent where it is a file."""
