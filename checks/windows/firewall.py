"""Windows' firewall in an image that is uploaded: on, open for Remote Desktop and ping, open to Azure's platform."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, for_upload

_WAYS_IN = ("RemoteDesktop-UserMode-In-TCP", "RemoteDesktop-UserMode-In-UDP", "FPS-ICMP4-ERQ-In")
_DIRECTIONS = ("Inbound", "Outbound")


@check(
    "WIN-FIREWALL-001",
    "the firewall is on for every profile",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Machines made from the image meet networks that nobody has chosen yet, with every service open to them.",
    fix="Set-NetFirewallProfile -Profile Domain,Private,Public -Enabled True",
    source=CHECKLIST,
    grade="D",
)
def check_firewall_on(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="off", expected="on", where=f"firewall profile {name}")
        for name in guest.vhd_upload.firewall_profiles_off.value
    ]


@check(
    "WIN-FIREWALL-002",
    "the firewall lets Remote Desktop and ping in",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Without these rules nobody reaches a machine made from the image, not even to see that it runs.",
    fix="Set-NetFirewallRule -Name RemoteDesktop-UserMode-In-TCP, RemoteDesktop-UserMode-In-UDP, FPS-ICMP4-ERQ-In "
    "-Enabled True",
    source=f"{CHECKLIST}; the rules' names are recalled",
    grade="D",
)
def check_ways_in_open(guest: WindowsGuest) -> list[Problem]:
    enabled = set(guest.vhd_upload.firewall_rules_on.value)
    return [
        problem(observed="not enabled", expected="enabled", where=f"firewall rule {name}")
        for name in _WAYS_IN
        if name not in enabled
    ]


@check(
    "WIN-FIREWALL-003",
    "rules named AzurePlatform let Azure's platform in and out",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="168.63.129.16 is where the agent, DHCP and health probes live. A policy that closes it leaves a machine that "
    "Azure cannot talk to.",
    fix="New-NetFirewallRule -DisplayName AzurePlatform -Direction Inbound -RemoteAddress 168.63.129.16 -Profile Any "
    "-Action Allow -EdgeTraversalPolicy Allow; and the same with -Direction Outbound, without -EdgeTraversalPolicy.",
    source=CHECKLIST,
    grade="D",
)
def check_platform_reached(guest: WindowsGuest) -> list[Problem]:
    allowed = set(guest.vhd_upload.azure_platform_rules.value)
    return [
        problem(observed="no rule", expected="a rule that allows 168.63.129.16", where=f"AzurePlatform, {direction}")
        for direction in _DIRECTIONS
        if direction not in allowed
    ]
