"""What machines made from the image need at their first start on Azure (probe `azure_guest`)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class AzureGuest:
    """Services and settings. A service starts: 0 boot, 1 system, 2 automatic, 3 manual, 4 disabled."""

    cdrom_start: Fact[int]
    removable_storage_denials: Fact[tuple[str, ...]]
    """Policies that are on: `Deny_All` (removable storage), `Deny_Read` (CD and DVD)."""
    primary_adapter_dhcp: Fact[bool]
    """Whether the adapter with the default gateway has its address from DHCP; absent where none has IP."""
    push_service_start: Fact[int]
    """dmwappushservice."""
    secondary_logon_start: Fact[int]
    """seclogon."""
    logs_without_folder: Fact[tuple[str, ...]]
    """Event logs whose file lies in a folder that does not exist; at most 20."""
