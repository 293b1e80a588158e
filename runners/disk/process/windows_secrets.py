"""Files of a stopped Windows that hold secrets: their paths, and whether there is one in them, never the secret."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runners.disk.process.tree import LARGEST_FILE, Missing
from runners.disk.process.windows_seal import decoded
from runners.disk.process.windows_system import Look, Windows

_ROAMING, _LOCAL = "Users/*/AppData/Roaming", "Users/*/AppData/Local"
_OF_SYSTEM = "Windows/System32/config/systemprofile/AppData"
# By the same pattern the same places are looked at before the step (runners/probes/windows/state.ps1) and by the sealed
# guest itself (runners/generalize/scripts/look/secrets.ps1).
ANSWER_FILES = (
    "unattend.xml",
    "autounattend.xml",
    "Windows/Panther/unattend.xml",
    "Windows/Panther/autounattend.xml",
    "Windows/Panther/Unattend/*.xml",
    "Windows/System32/Sysprep/unattend.xml",
    "Windows/System32/Sysprep/Panther/unattend.xml",
    "Windows/Temp/*unattend*.xml",
)
# <AdministratorPassword><Value>cABhAHMAcwA=</Value>   Setup writes *SENSITIVE*DATA*DELETED* over what it has used.
FILLED_ELEMENT = (
    r"<(?:\w+:)?\w*Password\b[^<>]*(?<!/)>"
    # Some tags later, before the element ends: its value. Or none, and the element holds the password itself.
    r"(?:[^<]*(?:<(?!/(?:\w+:)?\w*Password\s*>)[^<]*){0,16}?<(?:\w+:)?Value\b[^<>]*(?<!/)>)?"
    r"(?:\s|<!--(?:(?!-->)[\s\S]){0,512}-->)*"
    r"(?!\*SENSITIVE)(?:[^<\s]|<!\[CDATA\[(?!\]))"
)
_FILLED_ELEMENT = re.compile(FILLED_ELEMENT, re.IGNORECASE)
# "protectedSettings": "MIIB..."
_PROTECTED = re.compile(r'"protectedSettings"\s*:\s*"[^"]')
_RUN_COMMAND = r"\microsoft.cplat.core.runcommand"
# Windows makes it by itself in every profile.
_IN_EVERY_PROFILE = "DFBE70A7E5CC19A398EBF1B96859CE5D"
_TOOLS = (".azure", ".aws", ".ssh", ".kube", ".docker/config.json", ".git-credentials", ".config/gcloud")


def _answer_files(windows: Windows) -> tuple[str, ...]:
    return tuple(sorted({*windows.found(*ANSWER_FILES), *_named(windows)}))


def _named(windows: Windows) -> tuple[str, ...]:
    """Return the answer file that Setup was told to use, where it is on this drive."""
    try:
        path = windows.registry.key("SYSTEM", "Setup").text("UnattendFile")
    except Missing:
        return ()
    inner = path[3:].replace("\\", "/") if path[:3].upper() == "C:\\" else ""
    return windows.found(inner) if inner and "*" not in inner else ()


def _answer_files_with_password(windows: Windows) -> tuple[str, ...]:
    return tuple(path for path in _answer_files(windows) if has_password(_text(windows, path)))


def has_password(text: str) -> bool:
    """Return whether an answer file holds a password: in its element, or in a Value wherever that stands there."""
    # UTF-16 without its mark is legible once its zeros are gone.
    return _FILLED_ELEMENT.search(text.replace("\0", "")) is not None


def _protected_settings(windows: Windows) -> tuple[str, ...]:
    found = windows.found("Packages/Plugins/*/*/RuntimeSettings/*.settings")
    others = [path for path in found if _RUN_COMMAND not in path.lower()]
    return tuple(path for path in others if _PROTECTED.search(_text(windows, path)))


def _text(windows: Windows, path: str) -> str:
    return decoded(windows.volume.content(path[3:].replace("\\", "/"), LARGEST_FILE))


def _shell_histories(windows: Windows) -> tuple[str, ...]:
    history = "Microsoft/Windows/PowerShell/PSReadLine/*_history.txt"
    return windows.filled(
        f"{_ROAMING}/{history}",
        f"{_OF_SYSTEM}/Roaming/{history}",
        "Users/*/Documents/PowerShell_transcript*.txt",
        "Users/*/Documents/*/PowerShell_transcript*.txt",
    )


def _stored_credentials(windows: Windows) -> tuple[str, ...]:
    found = windows.found(
        f"{_ROAMING}/Microsoft/Credentials/*",
        f"{_LOCAL}/Microsoft/Credentials/*",
        f"{_ROAMING}/Microsoft/Vault/*/*.vcrd",
        f"{_LOCAL}/Microsoft/Vault/*/*.vcrd",
        f"{_ROAMING}/Microsoft/Crypto/RSA/S-1-5-21-*/*",
        f"{_ROAMING}/Microsoft/Crypto/Keys/*",
    )
    return tuple(path for path in found if not path.upper().endswith(_IN_EVERY_PROFILE))


SECRETS: Mapping[str, Look] = {
    "answer_files": _answer_files,
    "answer_files_with_password": _answer_files_with_password,
    "custom_data": lambda windows: windows.found("AzureData/CustomData.bin"),
    "protected_settings": _protected_settings,
    "shell_histories": _shell_histories,
    "tool_credentials": lambda windows: windows.filled(*(f"Users/*/{tool}" for tool in _TOOLS)),
    "stored_credentials": _stored_credentials,
    "ssh_host_keys": lambda windows: windows.found("ProgramData/ssh/ssh_host_*"),
    "ssh_authorized_keys": lambda windows: windows.filled(
        "ProgramData/ssh/administrators_authorized_keys", "Users/*/.ssh/authorized_keys"
    ),
}
