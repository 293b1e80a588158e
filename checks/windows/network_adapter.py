"""The network adapter that a Windows guest reaches Azure by."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-DHCP-001",
    "the primary network adapter has its address from DHCP",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Azure assigns addresses by DHCP, and its agent finds the platform so. A machine that keeps the source VM's "
    "address does not reach the network.",
    fix="Set-NetIPInterface -InterfaceIndex N -Dhcp Enabled; Set-DnsClientServerAddress -InterfaceIndex N "
    "-ResetServerAddresses. Give the VM a fixed address in Azure instead.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-windows",
    grade="D",
)
def check_address_from_dhcp(guest: WindowsGuest) -> list[Problem]:
    if guest.azure_guest.primary_adapter_dhcp.value:
        return []
    where = "Win32_NetworkAdapterConfiguration.DHCPEnabled"
    return [problem(observed="a fixed address", expected="DHCP", where=where)]
