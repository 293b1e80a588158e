"""What Sysprep's error log can say: which line is the cause, what it means and what to do about it. Data, and pure.

Failures that only a clone shows (stuck at OOBE, an ERROR HANDLER window) are in no log of the sealed machine, so they
are not here; nor are codes for which no source was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks.windows.sysprep_log import HARMLESS

_LONGEST = 300
_ARTICLES = "https://github.com/MicrosoftDocs/SupportArticles-docs/blob/main/support/windows-client/deployment"
_APPX = f"{_ARTICLES}/sysprep-fails-remove-or-update-store-apps.md"
_REARM = f"{_ARTICLES}/error-occurs-when-running-sysprep-generalize.md"
_CAPTURE = (
    "https://github.com/MicrosoftDocs/SupportArticles-docs (Configuration Manager, windows-11-image-capture-fail)"
)
_DSC = "https://github.com/MicrosoftDocs/azure-docs/issues/80346"
_COMMUNITY = "community record, single source"

# 2026-11-22 18:20:07, Error                 SYSPRP Package Microsoft.OneDriveSync_21220... was installed for a user
_LINE = re.compile(r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), (?P<level>Error|Warning)\s+(?P<text>\S.*)")
# Package Microsoft.OneDriveSync_21220.1024.5.0_neutral__8wekyb3d8bbwe was installed for a user, but not provisioned
_PACKAGE = re.compile(r"Package (?P<package>[\w.~+-]{1,200}) was installed for a user")
# C:\Users\jane.doe\AppData\Local, \\?\C:\Users\jane
_USER_FOLDER = re.compile(
    r"(?i)(\\(?:Users|Documents and Settings)\\)(?:[^\\\"'/:*?<>|\r\n]+(?=\\)|[^\\\s\"'/:*?<>|,;]+)"
)
# S-1-5-21-1004336348-1177238915-682003330-512
_ACCOUNT_SID = re.compile(r"S-1-5-21(?:-\d+){3,}")


@dataclass(frozen=True, slots=True)
class KnownError:
    """One way in which Sysprep fails."""

    pattern: re.Pattern[str]
    cause: str
    """What it means; `{package}` is the package that the line names."""
    remedy: str
    source: str
    grade: str
    """How sure the source is, as in checks/catalogue.py."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a log's lines say together."""

    line: str
    """The line that names the cause, without its time."""
    cause: str
    """What it means; empty where it is not known."""
    remedy: str
    source: str = ""

    @property
    def sentence(self) -> str:
        """The cause and the line that says so."""
        return f"{self.cause}: {self.line}" if self.cause else self.line


def _known(pattern: str, cause: str, remedy: str, source: str, grade: str) -> KnownError:
    return KnownError(re.compile(pattern, re.IGNORECASE), cause, remedy, source, grade)


_FOR_A_USER = "a Store package is installed for a user and not for all"
_PROVISION = (
    "Remove it for every user and deprovision it (Remove-AppxPackage -AllUsers, Remove-AppxProvisionedPackage), or "
    "provision it for all, and keep the Store from updating meanwhile. On Windows 10 22H2 first install what fixed the "
    "regression of KB5032278"
)

CAUSES: tuple[KnownError, ...] = (
    _known(
        # SYSPRP Package Microsoft.PPIProjection_10.0.15063.0_neutral_neutral_cw5n1h2txyewy (MiracastView) ...
        r"MiracastView|PPIProjection",
        "the package MiracastView was left behind by the upgrade to Windows 10 1709",
        "Restore its XML file or folder as Microsoft's article says, then remove the package",
        f"{_ARTICLES}/miracastview-cause-sysprep-error-upgrade-windows-10-1709.md",
        "D",
    ),
    _known(
        r"Package \S+ was installed for a user",
        "package {package} is installed for a user and not for all",
        _PROVISION,
        _APPX,
        "D",
    ),
    _known(
        # SYSPRP RearmWindows: ... slc.dll, SLReArmWindows ... 0xc004d307, also written as -1073425657
        r"0xc004d307|-1073425657",
        "Windows has been rearmed as often as it allows",
        "Rebuild the image from its source; a count that is used up can't be given back",
        _REARM,
        "D",
    ),
    _known(
        r"0xc004f075",
        "the licensing service refused to rearm Windows, as it may on an evaluation or with sppsvc stopped",
        "Look at `slmgr /dlv` and at the service sppsvc; rebuild from a licensed source where it is an evaluation",
        "community record of several builders",
        "C",
    ),
    _known(
        r"0x800F0975|0x80070975|dwRet = 0x975\b|reserved storage is in use",
        "an update or a servicing operation uses reserved storage",
        "Install all updates, restart until none is pending, then seal again",
        _CAPTURE,
        "D",
    ),
    _known(
        r"0x80310039|BitLocker is on for the OS volume|BitLocker-On",
        "a volume is not fully decrypted",
        "Run `manage-bde -off C:`, wait until its conversion status is Fully Decrypted, and keep Windows from "
        "encrypting again (registry value PreventDeviceEncryption)",
        "https://learn.microsoft.com/windows/win32/secprov/getconversionstatus-win32-encryptablevolume (code); "
        "community records of several builders (Sysprep's text)",
        "C",
    ),
    _known(
        r"0x8007139f|updates that require a reboot|gle=?\s*0x0*36b7",
        "an update waits for a restart",
        "Restart until no restart is pending, then seal again",
        "community records of three builders",
        "C",
    ),
    _known(
        r"senseGuid|Windows Advanced Threat Protection|SenseClient",
        "Microsoft Defender for Endpoint is onboarded, and its keys are protected",
        "Offboard the machine, or follow Defender's own procedure for images, then seal again",
        "https://github.com/actions/runner-images/issues/9659",
        "I",
    ),
    _known(
        # SYSPRP Failed to query pending CBS operations; hr = 0x80080005
        r"Failed to query pending CBS operations",
        "Windows' servicing (TrustedInstaller) does not start",
        "Start the service TrustedInstaller, wait until it idles, then seal again",
        "https://github.com/GoogleCloudPlatform/compute-image-windows/issues/156",
        "I",
    ),
    _known(
        r"DscCore\.dll",
        "files of Desired State Configuration are missing, which Sysprep calls to clean up",
        "Repair the Windows Management Framework, or remove its value from Sysprep's list of cleanup providers",
        _DSC,
        "I",
    ),
    _known(
        r"Not running DLLs|couldn't update the recorded state|0x8007001f|dwRet = (?:31|0x1f)\b",
        "an earlier run of Sysprep was broken off half-way",
        "Go back to a snapshot from before that run; editing the recorded state by hand is folklore",
        "community records of several builders",
        "C",
    ),
    _known(
        r"VMAgentDisabler",
        "an update of Azure's guest agent left a provider that Sysprep can't load",
        "Unhide VMAgentDisabler.dll (attrib -H), or remove its value in SysPrepExternal\\Generalize; update the agent",
        "https://github.com/hashicorp/packer/issues/9261",
        "I",
    ),
    _known(
        r"spbcd\.dll|Sysprep_Generalize_Bcd",
        "the boot configuration, or the partition that holds it, can't be reached",
        "Make the system partition active and give it back to Windows, then seal again",
        "vendor's support page for an application appliance, seen as an excerpt",
        "E",
    ),
    _known(
        r"wevtapi\.dll|EventLog.*0x80070003|0x80070003.*event log",
        "event logs were moved away from their default folder",
        "Put the logs' paths back, then seal again",
        _COMMUNITY,
        "C",
    ),
)
"""Lines that name a cause, the more special ones first."""

CODES: tuple[KnownError, ...] = (
    _known(r"0x80073cf2|0x3cf2\b", _FOR_A_USER, _PROVISION, _APPX, "D"),
    _known(
        r"SLReArmWindows",
        "Windows could not be rearmed",
        "Look at `slmgr /dlv` for the rearm count that remains, and rebuild the image where it is 0",
        _REARM,
        "D",
    ),
    _known(
        r"0x80070005|dwRet = 0x5\b",
        "access was denied to something that Sysprep must change",
        "Look in setupact.log for what it was; security software (Defender for Endpoint) protects its keys like this",
        "https://github.com/actions/runner-images/issues/9659",
        "I",
    ),
)
"""Codes that follow upon a cause, and tell of it where its own line is not there."""

FOLLOWERS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # SYSPRP ActionPlatform::LaunchModule: Failure occurred while executing '...' from C:\...; dwRet = 0x3cf2
        r"Failure occurred while executing",
        # SYSPRP SysprepSession::Validate: Error in validating actions from C:\...\Generalize.xml; dwRet = 0x3cf2
        r"Error in (?:validating|executing) (?:actions|action)",
        # SYSPRP RunPlatformActions:Failed while validating Sysprep session actions; dwRet = 0x3cf2
        r"Failed while (?:validating|executing)",
        # SYSPRP RunDlls:An error occurred while running registry sysprep DLLs, halting sysprep execution. dwRet = 0x2
        r"halting sysprep execution",
        # SYSPRP WinMain:Hit failure while pre-validate sysprep generalize internal providers; hr = 0x80073cf2
        r"WinMain:Hit failure",
        r"A fatal error occurred while trying to sysprep the machine",
        r"was not able to validate your Windows installation",
        # SYSPRP Exit code of RemoveAllApps thread was 0x3cf2.
        r"Exit code of \S+ thread",
    )
)
"""Lines that say only that something has failed."""


def diagnose(lines: Iterable[str]) -> Diagnosis | None:
    """Return which of these lines is the cause and what it means; None where they tell of no failure.

    The first line that names a cause counts, and what follows is its consequence; then the first known code; then the
    first line that says more than that something failed; then any.
    """
    texts = [_text(line) for line in lines]
    telling = [text for text in texts if not any(pattern.search(text) for pattern in HARMLESS)]
    for known in (CAUSES, CODES):
        for text in telling:
            found = next((item for item in known if item.pattern.search(text)), None)
            if found is not None:
                package = _PACKAGE.search(text)
                cause = found.cause.format(package=package["package"] if package else "of the Store")
                return Diagnosis(text, cause, found.remedy, found.source)
    own = [text for text in telling if not any(pattern.search(text) for pattern in FOLLOWERS)]
    first = next(iter(own or telling), None)
    if first is None:
        return None
    return Diagnosis(first, "", "Look in setupact.log, beside the error log, at the lines before it")


def excerpt(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that may be kept: errors and warnings in the log's own form, and those that are known.

    Names of users' folders and account SIDs are taken out, and long lines are cut.
    """
    return tuple(_redacted(line.strip())[:_LONGEST] for line in lines if _LINE.match(line.strip()) or _is_known(line))


def since(lines: Sequence[str], started: datetime) -> tuple[str, ...]:
    """Return the lines that were written at `started`, which is the guest's own local time without a zone, or later.

    A line without a time belongs to the one before it; the first ones, whose line was cut off, to none.
    """
    found: list[str] = []
    fresh = all(_moment(line) is None for line in lines)
    for line in lines:
        moment = _moment(line)
        fresh = fresh if moment is None else moment >= started
        if fresh:
            found.append(line)
    return tuple(found)


def _moment(line: str) -> datetime | None:
    found = _LINE.match(line.strip())
    try:
        return datetime.fromisoformat(found["time"]) if found else None
    except ValueError:  # the 31st of February: a damaged line
        return None


def _text(line: str) -> str:
    found = _LINE.match(line.strip())
    return _redacted(found["text"] if found else line.strip())[:_LONGEST]


def _redacted(text: str) -> str:
    return _ACCOUNT_SID.sub("S-1-5-21-...", _USER_FOLDER.sub(r"\1...", text))


def _is_known(line: str) -> bool:
    return any(item.pattern.search(line) for item in (*CAUSES, *CODES)) or any(
        pattern.search(line) for pattern in (*FOLLOWERS, *HARMLESS)
    )
