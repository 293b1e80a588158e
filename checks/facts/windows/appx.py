"""Store packages (AppX, MSIX) of a Windows guest: only those in which users and the image differ."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class StorePackage:
    """One package in which a user's installation differs from what is provisioned for all users."""

    name: str
    """`Microsoft.MicrosoftEdge.Stable`"""
    installed: str
    """The highest version that a user has."""
    provisioned: str
    """The version that is provisioned; empty where none is."""


@dataclass(frozen=True, slots=True)
class StorePackages:
    """The comparison, which the guest itself makes. All but the last are absent where Windows has no such packages."""

    unprovisioned_packages: Fact[tuple[StorePackage, ...]]
    """The first 40 by name that a user has and that are not provisioned."""
    unprovisioned_packages_total: Fact[int]
    newer_packages: Fact[tuple[StorePackage, ...]]
    """The first 40 by name of which a user has a newer version than is provisioned."""
    newer_packages_total: Fact[int]
    store_auto_download: Fact[int]
    """The policy `AutoDownload` of the Store: 2 is off; absent where there is no policy."""
