"""What is asked of a Windows image that is uploaded (probe `vhd_upload`, sent with `profile: vhd-upload`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it stands; numbers as text, as PowerShell prints them: 4294967295 of the registry is `-1`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class VhdUpload:
    """Settings in lists: one that is not set is not in its list."""

    rdp_settings: Fact[tuple[Setting, ...]]
    """Values of the keys `Terminal Server`, `RDP-Tcp` below it, and `Policies`, which names it Terminal Services."""
    rdp_port_strangers: Fact[tuple[str, ...]]
    """Processes other than Remote Desktop's that listen on port 3389."""
    service_starts: Fact[tuple[Setting, ...]]
    """2 automatic, 3 manual, 4 disabled; a service that does not exist is not in the list."""
    firewall_profiles_off: Fact[tuple[str, ...]]
    firewall_rules_on: Fact[tuple[str, ...]]
    """Those of the rules that let Remote Desktop and ping in that are enabled, by their names."""
    azure_platform_rules: Fact[tuple[str, ...]]
    """`Inbound`, `Outbound`: directions in which rules named AzurePlatform allow 168.63.129.16."""
    boot_settings: Fact[tuple[Setting, ...]]
    """As `bcdedit` prints them, with the object before the name: `{bootmgr} timeout`."""
    persistent_routes: Fact[int]
    winhttp_proxy: Fact[Literal["direct", "bypassed", "proxy"]]
    """Whether WinHTTP asks a proxy, and whether it goes past it to 168.63.129.16."""
    power_plan: Fact[str]
    """The GUID of the active one."""
    system_settings: Fact[tuple[Setting, ...]]
    """Values of several keys: partmgr, TimeZoneInformation, Environment, CrashControl, LocalDumps."""
    hypervisor_tools: Fact[tuple[str, ...]]
    """Services of other hypervisors' guest tools."""
