"""What a Windows guest says beside its server roles: its role in a domain, and what clients and products have."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class ServerRoles:
    """What else the probe of the server roles finds."""

    domain_role: Fact[int]
    """`Win32_ComputerSystem.DomainRole`: 0 to 3 workstations and member servers, 4 and 5 domain controllers."""
    client_features: Fact[tuple[str, ...]]
    """Those of Hyper-V's and IIS's optional features that are enabled on a client edition; absent on servers."""
    sql_instances: Fact[tuple[str, ...]]
    """Names of SQL Server's instances. One that was only prepared for an image has no name yet. Absent without any."""
