"""What is on the lab's Windows disks: the few files and the two hives that say whether Sysprep finished.

Values are those that the documents and the field report for each state; no Windows was at hand to record them from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lab.images.hive import Tree as Hive
from lab.images.hive import write_hive

WRITTEN = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

SUCCESS_TAG = "Windows/System32/Sysprep/Sysprep_succeeded.tag"

Tree = Mapping[str, bytes]
"""Path below the root of the volume, with forward slashes -> content."""

_COMPLETE = "IMAGE_STATE_COMPLETE"
_RESEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"

_LOG_START = """\
2026-11-22 18:20:01, Info                  SYSPRP ========================================================
2026-11-22 18:20:01, Info                  SYSPRP ===          Beginning of a new sysprep run          ===
2026-11-22 18:20:01, Info                  SYSPRP ========================================================
2026-11-22 18:20:01, Info                  SYSPRP ParseCommands:Found supported command line option 'GENERALIZE'
"""
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
    return _system(_COMPLETE, sealed=False)


def sealed() -> Tree:
    """Return it after `sysprep /generalize /oobe /shutdown` succeeded."""
    return {
        **_system(_RESEALED, sealed=True),
        **_log("setupact", _LOG_START + _LOG_END),
        **_log("setuperr", ""),
        SUCCESS_TAG: b"",
    }


def unsealed() -> Tree:
    """Return it after Sysprep's validation refused a Store package: nothing was sealed, the log says why."""
    return {
        **_system(_COMPLETE, sealed=False),
        **_log("setupact", _LOG_START + _APPX_ERRORS),
        **_log("setuperr", _APPX_ERRORS),
    }


def _system(image_state: str, *, sealed: bool) -> dict[str, bytes]:
    software: Hive = {
        "Microsoft": {
            "Windows": {"CurrentVersion": {"Setup": {"State": {"ImageState": image_state}}}},
            "Windows NT": {
                "CurrentVersion": {"ProductName": "Windows Server 2022 Datacenter", "CurrentBuild": "20348"}
            },
        }
    }
    system: Hive = {
        "ControlSet001": {"Control": {"ComputerName": {"ComputerName": {"ComputerName": "GOLDENVM"}}}},
        "Select": {"Current": 1, "Default": 1, "Failed": 0, "LastKnownGood": 1},
        "Setup": {
            "SetupType": 2 if sealed else 0,
            "CmdLine": "oobe\\windeploy.exe" if sealed else "",
            "OOBEInProgress": int(sealed),
            "SystemSetupInProgress": int(sealed),
            "Status": {"SysprepStatus": {"GeneralizationState": 4 if sealed else 7, "CleanupState": 2}},
        },
    }
    return {
        "Windows/System32/config/SOFTWARE": write_hive(software, name="SOFTWARE", written=WRITTEN),
        "Windows/System32/config/SYSTEM": write_hive(system, name="SYSTEM", written=WRITTEN),
        "Windows/Setup/State/State.ini": f"[State]\r\nImageState={image_state}\r\n".encode("utf-16"),
        "Windows/System32/Sysprep/sysprep.exe": b"constructed place holder\r\n",
        "Users/Public/desktop.ini": b"",
    }


def _log(name: str, text: str) -> dict[str, bytes]:
    content = text.replace("\n", "\r\n").encode()
    return {f"Windows/System32/Sysprep/Panther/{name}.log": content}
