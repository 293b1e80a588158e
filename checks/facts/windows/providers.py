"""Functions of DLLs that programs have registered with Sysprep (probe `providers`)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class SysprepProvider:
    """One registered function that Sysprep can't call."""

    phase: str
    """`Cleanup`, `Generalize` or `Specialize`."""
    provider: str
    """File and function, such as `C:\\Windows\\System32\\VMAgentDisabler.dll,Generalize`."""
    state: str
    """`missing` or `hidden` (the file), or `malformed` (the text)."""


@dataclass(frozen=True, slots=True)
class Providers:
    """Sysprep's external providers."""

    broken_providers: Fact[tuple[SysprepProvider, ...]]
