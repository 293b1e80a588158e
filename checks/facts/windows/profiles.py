"""User profiles of a Windows guest."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class UserProfiles:
    """Profiles of people: without those of Windows, of services, and of the built-in administrator."""

    extra_profiles: Fact[tuple[str, ...]]
    """The folders of the first 40."""
    extra_profiles_total: Fact[int]
