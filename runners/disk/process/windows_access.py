"""Ways into a stopped Windows: Remote Desktop, WinRM, and the certificates that machines are known by."""

from __future__ import annotations

from collections.abc import Mapping

from runners.disk.process.tree import Missing, Unreadable
from runners.disk.process.windows_system import MOST_NAMES, Look, Windows, number

_RDP = r"Control\Terminal Server\WinStations\RDP-Tcp"
_STORES = r"Microsoft\SystemCertificates"
_WSMAN = r"Microsoft\Windows\CurrentVersion\WSMAN"
_RULES = r"Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"
_WINRM_PORTS = ("5985", "5986")
# CN=Windows Azure CRP Certificate Generator, the issuer of what the guest agent decrypts settings with
_AZURE = b"Windows Azure CRP Certificate Generator"


def _rdp_certificate(windows: Windows) -> str:
    return bytes(windows.registry.system(_RDP).value("SSLCertificateSHA1Hash").data)[:32].hex().upper()


def _thumbprints(windows: Windows, store: str) -> tuple[str, ...]:
    key = windows.key("SOFTWARE", rf"{_STORES}\{store}\Certificates")
    names = sorted(name.upper()[:64] for name in (key.subkeys() if key else {}))
    if len(names) > MOST_NAMES:
        raise Unreadable(f"the store {store} has {len(names)} certificates, more than the {MOST_NAMES} that are listed")
    return tuple(names)


def _certificates(windows: Windows) -> list[dict[str, str]]:
    found = []
    for thumbprint in _thumbprints(windows, "MY"):
        blob = bytes(windows.registry.key("SOFTWARE", rf"{_STORES}\MY\Certificates\{thumbprint}").value("Blob").data)
        found.append({"thumbprint": thumbprint, "made_by": "azure" if _AZURE in blob else "other"})
    return found


def _https(windows: Windows) -> tuple[str, ...]:
    key = windows.key("SOFTWARE", rf"{_WSMAN}\Listener")
    return tuple(sorted(name[:128] for name in (key.subkeys() if key else {}) if "HTTPS" in name.upper()))


def _rules(windows: Windows) -> tuple[str, ...]:
    key = windows.system(_RULES)
    values = key.values() if key else {}
    found = [name[:128] for name, item in values.items() if _lets_in(str(item.value))]
    if len(found) > MOST_NAMES:
        raise Unreadable(f"more than {MOST_NAMES} rules of the firewall open WinRM")
    return tuple(sorted(found))


def _lets_in(rule: str) -> bool:
    """Return whether a rule of the firewall lets anybody reach WinRM, in a public network too.

    v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Public|LPort=5985|RA4=LocalSubnet|App=System|Name=WinRM|
    A rule without Profile holds in all networks, one without RA4 and RA6 for every address.
    """
    parts = [part.partition("=") for part in rule.split("|") if "=" in part]
    have = {(name.upper(), value.upper()) for name, _, value in parts}
    names = {name for name, _ in have}
    wanted = {("ACTION", "ALLOW"), ("ACTIVE", "TRUE"), ("DIR", "IN")}
    public = "PROFILE" not in names or ("PROFILE", "PUBLIC") in have
    opens = any(("LPORT", port) in have for port in _WINRM_PORTS)
    return wanted <= have and public and opens and not names & {"RA4", "RA6"}


def _service(name: str) -> Look:
    return lambda windows: number(windows.key("SOFTWARE", rf"{_WSMAN}\Service"), name)


def _machine_keys(windows: Windows) -> int:
    folder = "ProgramData/Microsoft/Crypto/RSA/MachineKeys"
    try:
        return len(windows.volume.names(folder))
    except Missing:
        return 0


ACCESS: Mapping[str, Look] = {
    "rdp_certificate": _rdp_certificate,
    "rdp_store": lambda windows: _thumbprints(windows, "Remote Desktop"),
    "winrm_https": _https,
    "winrm_basic": _service("auth_basic"),
    "winrm_unencrypted": _service("allow_unencrypted"),
    "winrm_rules": _rules,
    "certificates": _certificates,
    "machine_keys": _machine_keys,
}
