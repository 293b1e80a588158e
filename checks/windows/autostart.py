"""How services start in an image that is uploaded: network, name resolution, firewall and the ways in."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import Setting, WindowsGuest
from checks.windows.upload import CHECKLIST, NOT_SET, Wanted, differences, for_upload

_CLIENT = 1
_AUTOMATIC, _MANUAL = "automatic", "manual"
_STARTS = {"0": "boot", "1": "system", "2": _AUTOMATIC, "3": _MANUAL, "4": "disabled"}
_AUTOMATICALLY = (
    "BFE", "Dhcp", "Dnscache", "IKEEXT", "iphlpsvc", "nsi", "mpssvc", "RemoteRegistry", "W32Time", "WinRM",
)  # fmt: skip
_BY_HAND = ("Netlogon", "Netman", "TermService", "WerSvc")
_TABLE = (
    *(Wanted(name, (_AUTOMATIC,)) for name in _AUTOMATICALLY),
    *(Wanted(name, (_MANUAL,)) for name in _BY_HAND),
)


@check(
    "WIN-AUTOSTART-001",
    "services start as Microsoft's list for uploaded images says",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="They are what gives a machine its address, its names, its firewall and its ways in. One that is disabled is "
    "found out on the first machine that nobody can reach.",
    fix="Set-Service -Name NAME -StartupType Automatic (or Manual, as the problem says).",
    source=CHECKLIST,
    grade="D",
)
def check_services_start(guest: WindowsGuest) -> list[Problem]:
    seen = [
        Setting(item.name, _STARTS.get(item.value, f"start {item.value}"))
        for item in guest.vhd_upload.service_starts.value
    ]
    # The serial console's helper comes with every server, and with clients as a capability that may be left out.
    console = Wanted("sacsvr", (_AUTOMATIC, NOT_SET) if guest.product_type.value == _CLIENT else (_AUTOMATIC,))
    return differences(seen, (*_TABLE, console), "service")
