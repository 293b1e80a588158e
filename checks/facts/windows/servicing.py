"""Restarts that are due, and the servicing of Windows itself (probe `servicing`)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Servicing:
    """What waits for a restart, and how Windows' own servicing does."""

    restart_signs: Fact[tuple[str, ...]]
    """Those of the keys RebootPending, PackagesPending (component servicing) and RebootRequired (Windows Update) that
    exist."""
    pending_renames: Fact[int]
    """Files that the next start renames or deletes."""
    computer_rename_pending: Fact[bool]
    busy_processes: Fact[tuple[str, ...]]
    """Those of TiWorker, TrustedInstaller, MoUsoCoreWorker, SetupHost, msiexec and sysprep that run; not those that
    our own questions started."""
    installer_start: Fact[int]
    """How the service TrustedInstaller starts: 2 automatic, 3 manual, 4 disabled."""
    reserve_scenario: Fact[int]
    """`ActiveScenario` of reserved storage: 0 while nobody uses it; absent where Windows has none."""
    component_store: Fact[str]
    """What DISM noted of the component store: `Healthy`, `Repairable` or `NonRepairable`."""
