"""What a careless build leaves on a Windows disk: one piece of every kind that the stopped disk is searched for.

Where agents and tools keep such things is documented or recalled; the contents are place holders, and every secret is
made up.
"""

from __future__ import annotations

from collections.abc import Mapping

from lab.images.hive import Tree as Hive
from lab.images.hive import Value

PASSWORD = "Constructed-Password-1"  # noqa: S105 - made up, so that tests can look for it where it must not be
_ANSWERS = f"""\
<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend"><settings pass="oobeSystem"><component>
<UserAccounts><AdministratorPassword><Value>{PASSWORD}</Value></AdministratorPassword></UserAccounts>
</component></settings></unattend>
"""
_USED_ANSWERS = _ANSWERS.replace(PASSWORD, "*SENSITIVE*DATA*DELETED*")
_SETTINGS = '{"runtimeSettings":[{"handlerSettings":{"protectedSettings":"TUlJQg==","publicSettings":{}}}]}'
_HOME = "Users/builder"
_ROAMING, _LOCAL = f"{_HOME}/AppData/Roaming", f"{_HOME}/AppData/Local"
_THUMBPRINT = "5EA1F001" * 5


def files() -> dict[str, bytes]:
    """Return the files, by their path below the root of the volume."""
    text: Mapping[str, str] = {
        "Windows/Panther/unattend.xml": _USED_ANSWERS,
        "Windows/Temp/packer-unattend.xml": _ANSWERS + "<!-- constructed -->\n" * 800,
        "AzureData/CustomData.bin": "constructed",
        "Packages/Plugins/Contoso.Agent/1.0/RuntimeSettings/0.settings": _SETTINGS,
        "Packages/Plugins/Microsoft.CPlat.Core.RunCommandWindows/1.1.18/Downloads/script0.ps1": "# constructed",
        "Packages/Plugins/Microsoft.CPlat.Core.RunCommandWindows/1.1.18/RuntimeSettings/0.settings": _SETTINGS,
        "WindowsAzure/Logs/WaAppAgent.log": "constructed",
        f"{_ROAMING}/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt": f"net use Z: {PASSWORD}",
        f"{_HOME}/Documents/20261122/PowerShell_transcript.BUILD.abc.20261122.txt": "constructed",
        f"{_HOME}/.azure/msal_token_cache.bin": "constructed",
        f"{_HOME}/.ssh/authorized_keys": "ssh-ed25519 constructed",
        f"{_HOME}/.docker/config.json": "{}",
        f"{_LOCAL}/Microsoft/Credentials/5EA1F0015EA1F0015EA1F0015EA1F001": "constructed",
        f"{_ROAMING}/Microsoft/Crypto/RSA/S-1-5-21-1-2-3-1001/key": "constructed",
        f"{_LOCAL}/Temp/setup.log": "constructed",
        "ProgramData/ssh/ssh_host_ed25519_key": "constructed",
        "ProgramData/ssh/ssh_host_ed25519_key.pub": "constructed",
        "ProgramData/ssh/administrators_authorized_keys": "ssh-ed25519 constructed",
        "Windows/SMSCFG.ini": "[Configuration - Client Properties]",
        "ProgramData/AzureConnectedMachineAgent/Config/agentconfig.json": "{}",
        "Windows/System32/Tasks/packer-elevated": "<Task/>",
        "Windows/System32/Tasks/Contoso/Report": "<Task/>",
        "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/build.cmd": "rem constructed",
        "Windows/Setup/Scripts/SetupComplete.cmd": "rem constructed",
        "Windows/OEM/SetupComplete2.cmd": "rem constructed",
        "pagefile.sys": "constructed",
        "Windows/MEMORY.DMP": "constructed",
        "System Volume Information/{5ea1f001-0000-4000-8000-000000000001}{3808876b-c176-4e48-b7ae-04046e6cc752}": "x",
        "$Recycle.Bin/S-1-5-21-1-2-3-1001/$R5EA1F0.txt": "constructed",
        "$Recycle.Bin/S-1-5-21-1-2-3-1001/$I5EA1F0.txt": "constructed",
        "Windows.old/Windows/notepad.exe": "constructed",
        "Windows/SoftwareDistribution/Download/5ea1f001/update.cab": "constructed",
        "DeprovisioningScript.ps1": "# constructed",
    }
    logs = {"Windows/System32/winevt/Logs/Security.evtx": b"ElfFile\0".ljust(1_118_208, b"\0")}
    return {path: content.encode() for path, content in text.items()} | logs


def software() -> Hive:
    """Return what the SOFTWARE hive has besides, below Microsoft."""
    return {
        "Windows NT": {
            "CurrentVersion": {
                "Winlogon": {"AutoAdminLogon": "1", "DefaultUserName": "builder", "DefaultPassword": PASSWORD},
                "ProfileList": {"S-1-5-21-1-2-3-1001": {"ProfileImagePath": r"C:\Users\builder"}},
            }
        },
        "Windows": {
            "CurrentVersion": {
                "RunOnce": {"build": r"C:\build\next.cmd"},
                "WSMAN": {
                    "Listener": {"*+HTTPS": {"certThumbprint": _THUMBPRINT, "Port": 5986}},
                    "Service": {"auth_basic": 1, "allow_unencrypted": 1},
                },
            }
        },
        "SystemCertificates": {
            "MY": {"Certificates": {_THUMBPRINT: {"Blob": b"CN=build.contoso.example"}}},
            "Remote Desktop": {"Certificates": {_THUMBPRINT: {"Blob": b"CN=BUILD"}}},
        },
        "RDInfraAgent": {"IsRegistered": 1},
        "Windows Advanced Threat Protection": {"senseGuid": "5ea1f001-0000-4000-8000-000000000002"},
    }


def control_set() -> Hive:
    """Return what the control set has besides."""
    return {
        "Control": {
            "Terminal Server": {"WinStations": {"RDP-Tcp": {"SSLCertificateSHA1Hash": b"\x5e\xa1\xf0\x01" * 5}}}
        },
        "Services": {
            "RDAgentBootLoader": {"Start": 2},
            "SharedAccess": {
                "Parameters": {
                    "FirewallPolicy": {
                        "FirewallRules": {
                            "{5EA1F001-0000-4000-8000-000000000003}": "v2.31|Action=Allow|Active=TRUE|Dir=In|"
                            "Protocol=6|LPort=5985|LPort=5986|Name=WinRM for the build|"
                        }
                    }
                }
            },
        },
    }


def accounts() -> Hive:
    """Return what SAM\\Domains\\Account\\Users has besides."""
    return {"000003E9": {"F": account(disabled=False)}, "Names": {"builder": {"": Value(1001, b"")}}}


def security() -> Hive:
    """Return what the SECURITY hive has besides."""
    secret: Hive = {"CurrVal": {"": b"constructed"}}
    return {
        "Policy": {"Secrets": {"DefaultPassword": secret, "$MACHINE.ACC": secret}},
        "Cache": {"NL$1": b"\x0a\x00constructed"},
    }


def account(*, disabled: bool) -> bytes:
    """Return the value F of an account: 80 bytes, of which only the flag at 0x38 is told apart."""
    return bytes(0x38) + (0x0211 if disabled else 0x0210).to_bytes(2, "little") + bytes(22)


def merged(first: Hive, second: Hive) -> Hive:
    """Return a key with what both have; the second one's values win."""
    both = dict(first)
    for name, value in second.items():
        old = both.get(name)
        both[name] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return both
