"""What is on the lab's Windows disks: the files and hives that say whether Sysprep finished, and what it left.

Values are those that the documents and the field report for each state; no Windows was at hand to record them from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lab.images import hive_log
from lab.images import windows_residue as residue
from lab.images.hive import Tree as Hive
from lab.images.hive import Value, write_hive

WRITTEN = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

SUCCESS_TAG = "Windows/System32/Sysprep/Sysprep_succeeded.tag"

Tree = Mapping[str, bytes]
"""Path below the root of the volume, with forward slashes -> content."""

_COMPLETE = "IMAGE_STATE_COMPLETE"
_RESEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
_RESEALED_TO_AUDIT = "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT"
_SPECIALIZED = "IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE"
_SYSPREP_LOG = "Windows/System32/Sysprep/Panther"

_LOG_START = """\
2026-11-22 18:20:01, Info                  SYSPRP ========================================================
2026-11-22 18:20:01, Info                  SYSPRP ===          Beginning of a new sysprep run          ===
2026-11-22 18:20:01, Info                  SYSPRP ========================================================
"""
_OPTION = "2026-11-22 18:20:01, Info                  SYSPRP ParseCommands:Found supported command line option '{}'\n"
_LOG_END = """\
2026-11-22 18:29:58, Info                  SYSPRP FCreateTagFile:Successfully created tag file
2026-11-22 18:29:59, Info                  SYSPRP ProcessShutdown:Successfully called InitiateSystemShutdownEx
"""
_APPX_ERRORS = """\
2026-11-22 18:20:07, Error                 SYSPRP Package Microsoft.OneDriveSync_21220.1024.5.0_neutral__8wekyb3d8bbwe\
 was installed for a user, but not provisioned for all users. This package will not function properly in the sysprep\
 image.
2026-11-22 18:20:07, Error                 SYSPRP Failed to remove apps for the current user: 0x80073cf2.
2026-11-22 18:20:07, Error                 SYSPRP Exit code of RemoveAllApps thread was 0x3cf2.
2026-11-22 18:20:07, Error                 SYSPRP ActionPlatform::LaunchModule: Failure occurred while executing\
 'SysprepGeneralizeValidate' from C:\\Windows\\System32\\AppxSysprep.dll; dwRet = 0x3cf2
"""


def configured() -> Tree:
    """Return a finished installation that Sysprep never touched."""
    return _system(_COMPLETE)


def sealed() -> Tree:
    """Return it after `sysprep /generalize /oobe /shutdown` succeeded."""
    return {**_system(_RESEALED, setup=2, state=4), **_ran("GENERALIZE", "OOBE", "SHUTDOWN", "QUIET")}


def with_residue() -> Tree:
    """Return it sealed, with one piece of every kind of residue."""
    return {
        **_system(_RESEALED, setup=2, state=4, careless=True),
        **_ran("GENERALIZE", "OOBE", "SHUTDOWN", "QUIET"),
        **residue.files(),
    }


def for_audit() -> Tree:
    """Return it after `sysprep /generalize /audit /shutdown`: the next start waits in audit mode."""
    return {**_system(_RESEALED_TO_AUDIT, setup=1, state=4), **_ran("GENERALIZE", "AUDIT", "SHUTDOWN", "QUIET")}


def not_generalized() -> Tree:
    """Return it after `sysprep /oobe /shutdown`: a first start will run, and the machine's identity is the old one."""
    return {**_system(_SPECIALIZED, setup=2), **_ran("OOBE", "SHUTDOWN", "QUIET")}


def unflushed() -> Tree:
    """Return it sealed, with all that Sysprep changed in the registry still in the hives' transaction logs."""
    old, new = dict(configured()), dict(sealed())
    for name in ("SOFTWARE", "SYSTEM"):
        path = f"Windows/System32/config/{name}"
        new[path], new[f"{path}.LOG1"] = hive_log.unflushed(old[path], new[path])
        new[f"{path}.LOG2"] = b""
    return new


def unsealed() -> Tree:
    """Return it after Sysprep's validation refused a Store package: nothing was sealed, the log says why."""
    return {
        **_system(_COMPLETE),
        **_log("setupact", _LOG_START + _said("GENERALIZE", "OOBE", "SHUTDOWN", "QUIET") + _APPX_ERRORS),
        **_log("setuperr", _APPX_ERRORS),
    }


def _system(image_state: str, *, setup: int = 0, state: int = 7, careless: bool = False) -> dict[str, bytes]:
    hives: dict[str, Hive] = {
        "SOFTWARE": {"Microsoft": _software(image_state)},
        "SYSTEM": _registry(setup, state),
        "SAM": {"SAM": {"Domains": {"Account": {"V": _SID, "Users": _accounts()}}}},
        "SECURITY": {
            "Cache": {"NL$1": bytes(96), "NL$Control": bytes(8)},
            "Policy": {"Secrets": {"DPAPI_SYSTEM": {"CurrVal": {"": b"constructed"}}}},
        },
    }
    if careless:
        more: dict[str, Hive] = {
            "SOFTWARE": {"Microsoft": residue.software()},
            "SYSTEM": {"ControlSet001": residue.control_set()},
            "SAM": {"SAM": {"Domains": {"Account": {"Users": residue.accounts()}}}},
            "SECURITY": residue.security(),
        }
        hives = {name: residue.merged(hive, more[name]) for name, hive in hives.items()}
    written = {name: write_hive(hive, name=name, written=WRITTEN) for name, hive in hives.items()}
    return {
        **{f"Windows/System32/config/{name}": hive for name, hive in written.items()},
        "Windows/Setup/State/State.ini": f"[State]\r\nImageState={image_state}\r\n".encode("utf-16"),
        **_ORDINARY,
    }


def _software(image_state: str) -> Hive:
    return {
        "Cryptography": {"MachineGuid": "5ea1f001-0000-4000-8000-000000000004"},
        "SystemCertificates": {"MY": {"Certificates": {"A2" * 20: {"Blob": _AZURE_CERTIFICATE}}}},
        "Windows": {
            "CurrentVersion": {
                "RunOnce": {},
                "Setup": {"State": {"ImageState": image_state}},
                "WSMAN": {"Listener": {"*+HTTP": {"Port": 5985}}, "Service": {}},
            }
        },
        "Windows NT": {
            "CurrentVersion": {
                "ProductName": "Windows Server 2022 Datacenter",
                "CurrentBuild": "20348",
                "Winlogon": {"AutoAdminLogon": "0", "DefaultUserName": "", "Shell": "explorer.exe"},
                "ProfileList": {
                    "S-1-5-18": {"ProfileImagePath": r"%systemroot%\system32\config\systemprofile"},
                    "S-1-5-21-1-2-3-500": {"ProfileImagePath": r"C:\Users\azureuser"},
                },
            }
        },
    }


def _registry(setup: int, state: int) -> Hive:
    return {
        "ControlSet001": {
            "Control": {
                "ComputerName": {"ComputerName": {"ComputerName": "GOLDENVM"}},
                "Terminal Server": {"WinStations": {"RDP-Tcp": {"PortNumber": 3389}}},
            },
            "Services": {
                "RdAgent": {"Start": 2},
                "WindowsAzureGuestAgent": {"Start": 2},
                "SharedAccess": {
                    "Parameters": {"FirewallPolicy": {"FirewallRules": {"WINRM-HTTP-In-TCP-PUBLIC": _RULE}}}
                },
            },
        },
        "Select": {"Current": 1, "Default": 1, "Failed": 0, "LastKnownGood": 1},
        "Setup": {
            "SetupType": setup,
            "CmdLine": "oobe\\windeploy.exe" if setup else "",
            "OOBEInProgress": int(setup > 0),
            "SystemSetupInProgress": int(setup > 0),
            "Status": {"SysprepStatus": {"GeneralizationState": state, "CleanupState": 2}},
        },
    }


def _accounts() -> Hive:
    known = {"azureuser": 500, "Guest": 501, "DefaultAccount": 503, "WDAGUtilityAccount": 504}
    return {
        **{f"{rid:08X}": {"F": residue.account(disabled=rid != 500)} for rid in known.values()},
        "Names": {name: {"": Value(rid, b"")} for name, rid in known.items()},
    }


def _ran(*options: str) -> dict[str, bytes]:
    """Return what a run of Sysprep that succeeded leaves: its logs and its tag."""
    return {**_log("setupact", _LOG_START + _said(*options) + _LOG_END), **_log("setuperr", ""), SUCCESS_TAG: b""}


def _said(*options: str) -> str:
    return "".join(_OPTION.format(option) for option in options)


def _log(name: str, text: str) -> dict[str, bytes]:
    content = text.replace("\n", "\r\n").encode()
    return {f"{_SYSPREP_LOG}/{name}.log": content}


# The domain of the machine's accounts: S-1-5-21-1-2-3, whose last parts end the value V
_SID = bytes(32) + b"".join(part.to_bytes(4, "little") for part in (1, 2, 3))
_RULE = "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Public|LPort=5985|RA4=LocalSubnet|App=System|"
_AZURE_CERTIFICATE = b"constructed: CN=Windows Azure CRP Certificate Generator"
_ORDINARY: Tree = {
    "Windows/System32/Sysprep/sysprep.exe": b"constructed place holder\r\n",
    "Windows/System32/Tasks/Microsoft/Windows/Defrag/ScheduledDefrag": b"<Task/>",
    "Windows/OEM/SetupComplete.cmd": b"rem constructed: Azure's own\r\n",
    "Windows/Fonts/desktop.ini": b"",
    "ProgramData/Microsoft/Crypto/RSA/MachineKeys/f686aace6942fb7f7ceb231212eef4a4_constructed": b"constructed",
    "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/desktop.ini": b"",
    "System Volume Information/tracking.log": b"",
    "Users/Public/desktop.ini": b"",
    "Users/Default/NTUSER.DAT": b"",
    "Users/azureuser/NTUSER.DAT": b"",
    **{
        f"Windows/System32/winevt/Logs/{name}.evtx": b"ElfFile\0".ljust(69_632, b"\0")
        for name in ("Application", "Security", "System")
    },
}
COMPRESSED = "Windows/Temp"
"""A folder whose files NTFS compresses."""
LINKS: Mapping[str, str] = {"Users/All Users": r"C:\ProgramData", "Users/Default User": r"C:\Users\Default"}
"""Junctions that every Windows has: path -> where it leads."""
