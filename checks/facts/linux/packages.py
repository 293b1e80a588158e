"""Packages of a Linux guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class RepositoryFault:
    """One file of package sources with something that must not be in an image."""

    fault: Literal["credentials", "private"]
    """`private`: an address that exists only in a private network."""
    path: str


@dataclass(frozen=True, slots=True)
class LinuxPackages:
    """Package managers and what they left."""

    package_work: Fact[tuple[str, ...]]
    """Package managers that run now, processes and units."""
    broken_packages: Fact[int]
    """Packages that `dpkg --audit` complains of; absent where there is no dpkg."""
    repository_faults: Fact[tuple[RepositoryFault, ...]]
