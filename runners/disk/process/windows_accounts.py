"""Who is at home in a stopped Windows: its accounts, profiles and saved logons. Names and kinds, never a password."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from runners.disk.process.registry import Key
from runners.disk.process.tree import Missing, Unreadable
from runners.disk.process.windows_system import MOST_NAMES, Look, Windows, fingerprint, number

_ACCOUNTS = r"SAM\Domains\Account"
_WINLOGON = r"Microsoft\Windows NT\CurrentVersion\Winlogon"
_PROFILES = r"Microsoft\Windows NT\CurrentVersion\ProfileList"
# C:\Users\Public and Default belong to Windows; defaultuser0 is made and removed by Setup.
_OF_WINDOWS = ("PUBLIC", "DEFAULT")
# S-1-5-21-...: an account of this machine or of a domain; S-1-12-1-...: one of Entra.
_PEOPLE = re.compile(r"S-1-(5-21|12-1)-[\d-]+", re.IGNORECASE)
_DISABLED = 0x0001
_CONTROL = 0x38
"""Where an account's flags are in its value F."""


@dataclass(frozen=True, slots=True)
class _Account:
    rid: int
    name: str
    state: str


def _local_accounts(windows: Windows) -> list[dict[str, Any]]:
    users = windows.registry.key("SAM", rf"{_ACCOUNTS}\Users")
    subkeys = users.subkeys()
    names = {int(key().value("").type): name for name, key in users.subkey("Names").subkeys().items()}
    rids = {int(name, 16): key for name, key in subkeys.items() if name.upper() != "NAMES"}
    if set(names) != set(rids):
        raise Unreadable("the SAM hive names other accounts than it has: it is damaged")
    if len(rids) > MOST_NAMES:
        raise Unreadable(f"the SAM hive has {len(rids)} accounts, more than the {MOST_NAMES} that are listed")
    return [asdict(_Account(rid, names[rid][:64], _state(key()))) for rid, key in sorted(rids.items())]


def _state(account: Key) -> str:
    data = bytes(account.value("F").data)
    if len(data) < _CONTROL + 2:
        raise Unreadable("an account in the SAM hive is damaged")
    return "disabled" if struct.unpack_from("<H", data, _CONTROL)[0] & _DISABLED else "enabled"


def _machine_sid(windows: Windows) -> str:
    data = bytes(windows.registry.key("SAM", _ACCOUNTS).value("V").data)
    if len(data) < 12:
        raise Unreadable("the machine's SID in the SAM hive is cut")
    return "S-1-5-21-" + "-".join(map(str, struct.unpack("<III", data[-12:])))


def _profiles(windows: Windows) -> list[dict[str, str]]:
    found = []
    for sid, key in windows.registry.key("SOFTWARE", _PROFILES).subkeys().items():
        # ImagePath is missing where a profile was only half made. A name of a key that ends in .bak is one that failed.
        if _PEOPLE.match(sid):
            try:
                folder = key().text("ProfileImagePath")
            except Missing:
                folder = ""
            found.append({"sid": sid[:128], "folder": folder[:260]})
    return found


def _profile_folders(windows: Windows) -> tuple[str, ...]:
    return tuple(name for name in windows.homes() if name.upper() not in _OF_WINDOWS)


def _winlogon(windows: Windows) -> Key:
    return windows.registry.key("SOFTWARE", _WINLOGON)


def _automatic_logon(windows: Windows) -> bool:
    key = _winlogon(windows)
    return number(key, "AutoAdminLogon") != 0 or number(key, "AutoLogonCount") != 0


def _logon_password(windows: Windows) -> bool:
    try:
        return len(_winlogon(windows).value("DefaultPassword").data.strip(b"\0")) > 0
    except Missing:
        return False


def _secret(name: str) -> Look:
    """Return what tells whether LSA keeps a secret: its key has CurrVal, whose content is encrypted."""

    def look(windows: Windows) -> bool:
        secrets = windows.registry.key("SECURITY", "Policy").subkey("Secrets")
        try:
            return len(secrets.subkey(name).subkey("CurrVal").value("").data) > 0
        except Missing:
            return False

    return look


def _cached_logons(windows: Windows) -> int:
    """Return how many slots of cached logons (NL$1, NL$2, ...) are used: an empty one is all zeros."""
    key = windows.key("SECURITY", "Cache")
    values = key.values() if key else {}
    slots = [item for name, item in values.items() if re.fullmatch(r"NL\$\d+", name, re.IGNORECASE)]
    return sum(1 for item in slots if any(item.data))


ACCOUNTS: Mapping[str, Look] = {
    "local_accounts": _local_accounts,
    "profiles": _profiles,
    "profile_folders": _profile_folders,
    "computer_name": lambda windows: windows.registry.system(r"Control\ComputerName\ComputerName").text("ComputerName")[
        :64
    ],
    "machine_sid": _machine_sid,
    "machine_guid": lambda windows: fingerprint(
        windows.registry.key("SOFTWARE", r"Microsoft\Cryptography").text("MachineGuid")
    ),
    "automatic_logon": _automatic_logon,
    "logon_password": _logon_password,
    "logon_secret": _secret("DefaultPassword"),
    "cached_logons": _cached_logons,
    "machine_account": _secret("$MACHINE.ACC"),
}
