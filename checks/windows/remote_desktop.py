"""Remote Desktop of an image that is uploaded: how anybody gets into the machines made from it."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, NOT_SET, Wanted, differences, for_upload

_KEY = (
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server (RDP-Tcp: WinStations\RDP-Tcp below it; Policies: those of "
    "Terminal Services)"
)
_REACHED = (
    Wanted("fDenyTSConnections", ("0",)),
    Wanted("Policies fDenyTSConnections", ("0", NOT_SET)),
    Wanted("RDP-Tcp PortNumber", ("3389",)),
    Wanted("RDP-Tcp LanAdapter", ("0",)),
)
_NETWORK_LEVEL = (Wanted("RDP-Tcp UserAuthentication", ("1",)),)
_KEPT = (
    Wanted("Policies KeepAliveEnable", ("1",)),
    Wanted("Policies KeepAliveInterval", ("1",)),
    Wanted("RDP-Tcp KeepAliveTimeout", ("1",)),
    Wanted("Policies fDisableAutoReconnect", ("0",)),
    Wanted("RDP-Tcp fInheritReconnectSame", ("1",)),
    Wanted("RDP-Tcp fReconnectSame", ("0",)),
    Wanted("RDP-Tcp MaxInstanceCount", ("4294967295", "-1")),
)
_NO_CERTIFICATE = (Wanted("RDP-Tcp SSLCertificateSHA1Hash", (NOT_SET,)),)


@check(
    "WIN-RDP-001",
    "Remote Desktop answers on its usual port and every adapter",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Azure's own rules and tools lead to port 3389. A machine that refuses there has no other door.",
    fix="Set fDenyTSConnections to 0, PortNumber to 3389 and LanAdapter to 0, as Microsoft's list shows.",
    source=CHECKLIST,
    grade="D",
)
def check_remote_desktop_answers(guest: WindowsGuest) -> list[Problem]:
    return differences(guest.vhd_upload.rdp_settings.value, _REACHED, _KEY)


@check(
    "WIN-RDP-002",
    "Remote Desktop asks who is there before it opens a session",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Without network level authentication every machine made from the image shows its sign-in screen to strangers.",
    fix=r"Set UserAuthentication in HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp to 1.",
    source=CHECKLIST,
    grade="D",
)
def check_network_level_asked(guest: WindowsGuest) -> list[Problem]:
    return differences(guest.vhd_upload.rdp_settings.value, _NETWORK_LEVEL, _KEY)


@check(
    "WIN-RDP-003",
    "Remote Desktop keeps sessions alive and takes any number of them",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Connections through Azure are cut when they are idle; without these settings sessions stay behind, half dead, "
    "until nobody gets in.",
    fix="Set the values as Microsoft's list shows under remote desktop registry settings.",
    source=CHECKLIST,
    grade="D",
)
def check_sessions_kept(guest: WindowsGuest) -> list[Problem]:
    return differences(guest.vhd_upload.rdp_settings.value, _KEPT, _KEY)


@check(
    "WIN-RDP-004",
    "Remote Desktop has no certificate of its own",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="A certificate that is set here belongs to this one machine. Those made from the image name it without having "
    "its key, and refuse every connection.",
    fix="Remove-ItemProperty -Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp' "
    "-Name SSLCertificateSHA1Hash",
    source=CHECKLIST,
    grade="D",
)
def check_rdp_certificate_absent(guest: WindowsGuest) -> list[Problem]:
    return differences(guest.vhd_upload.rdp_settings.value, _NO_CERTIFICATE, _KEY)


@check(
    "WIN-RDP-005",
    "nothing but Remote Desktop listens on its port",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Whoever has the port first keeps Remote Desktop from it, on every machine made from the image.",
    fix="netstat -anob shows the program behind port 3389: give it another port, or remove it.",
    source=CHECKLIST,
    grade="D",
)
def check_rdp_port_free(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed=name, expected="Remote Desktop alone", where="port 3389")
        for name in guest.vhd_upload.rdp_port_strangers.value_or(())
    ]
