"""The settings of a Windows image that Microsoft's list for uploaded images has nothing to say about."""

from __future__ import annotations

from typing import Any

from checks.facts import Setting


def vhd_upload() -> dict[str, Any]:
    """Return the healthy facts of the topic."""
    return {
        "rdp_settings": (
            Setting("fDenyTSConnections", "0"),
            Setting("Policies KeepAliveEnable", "1"),
            Setting("Policies KeepAliveInterval", "1"),
            Setting("Policies fDisableAutoReconnect", "0"),
            Setting("RDP-Tcp PortNumber", "3389"),
            Setting("RDP-Tcp LanAdapter", "0"),
            Setting("RDP-Tcp UserAuthentication", "1"),
            Setting("RDP-Tcp KeepAliveTimeout", "1"),
            Setting("RDP-Tcp fInheritReconnectSame", "1"),
            Setting("RDP-Tcp fReconnectSame", "0"),
            Setting("RDP-Tcp MaxInstanceCount", "-1"),
        ),
        "rdp_port_strangers": (),
        "service_starts": (
            Setting("BFE", "2"),
            Setting("Dhcp", "2"),
            Setting("Dnscache", "2"),
            Setting("IKEEXT", "2"),
            Setting("iphlpsvc", "2"),
            Setting("nsi", "2"),
            Setting("mpssvc", "2"),
            Setting("RemoteRegistry", "2"),
            Setting("W32Time", "2"),
            Setting("WinRM", "2"),
            Setting("sacsvr", "2"),
            Setting("Netlogon", "3"),
            Setting("Netman", "3"),
            Setting("TermService", "3"),
            Setting("WerSvc", "3"),
        ),
        "firewall_profiles_off": (),
        "firewall_rules_on": ("RemoteDesktop-UserMode-In-TCP", "RemoteDesktop-UserMode-In-UDP", "FPS-ICMP4-ERQ-In"),
        "azure_platform_rules": ("Inbound", "Outbound"),
        "boot_settings": (
            Setting("{bootmgr} displaybootmenu", "Yes"),
            Setting("{bootmgr} timeout", "5"),
            Setting("{bootmgr} bootems", "Yes"),
            Setting("{bootmgr} integrityservices", "Enable"),
            Setting("{current} integrityservices", "Enable"),
            Setting("{current} recoveryenabled", "No"),
            Setting("{current} bootstatuspolicy", "IgnoreAllFailures"),
            Setting("{current} ems", "Yes"),
            Setting("{emssettings} emsport", "1"),
            Setting("{emssettings} emsbaudrate", "115200"),
        ),
        "persistent_routes": 0,
        "winhttp_proxy": "direct",
        "power_plan": "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c",
        "system_settings": (
            Setting("SanPolicy", "1"),
            Setting("RealTimeIsUniversal", "1"),
            Setting("TEMP", r"%SystemRoot%\TEMP"),
            Setting("TMP", r"%SystemRoot%\TEMP"),
            Setting("CrashDumpEnabled", "2"),
            Setting("DumpFile", r"%SystemRoot%\MEMORY.DMP"),
            Setting("NMICrashDump", "1"),
            Setting("DumpFolder", r"C:\CrashDumps"),
            Setting("DumpType", "2"),
            Setting("DumpCount", "10"),
        ),
        "hypervisor_tools": (),
    }
