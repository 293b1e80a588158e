"""What a stopped Windows says of its sealing: ImageState, what the next start does, the success tag, Sysprep's logs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC

from runners.disk.process.tree import Missing, Unreadable
from runners.disk.process.windows_system import Look, Windows

_SYSPREP = "Windows/System32/Sysprep"
_STATE_KEY = r"Microsoft\Windows\CurrentVersion\Setup\State"
_MOST_LINES, _LONGEST_LINE, _LONGEST_TEXT = 20, 300, 500
_LOG_TAIL, _ERROR_TAIL = 8 * 1024 * 1024, 256 * 1024
# ImageState=IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE
_IMAGE_STATE = re.compile(r"^\s*ImageState\s*=\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)
# 2026-11-22 18:20:01, Info                  SYSPRP ===          Beginning of a new sysprep run          ===
_BEGINNING = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),.*Beginning of a new sysprep run.*$", re.IGNORECASE | re.MULTILINE
)
# ... SYSPRP ParseCommands:Found supported command line option 'GENERALIZE'
_OPTION = re.compile(r"Found supported command line option '(\w{1,20})'")
_TAGGED = "Successfully created tag file"
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def _image_state_file(windows: Windows) -> str:
    found = _IMAGE_STATE.search(decoded(windows.volume.content("Windows/Setup/State/State.ini", 64 * 1024)))
    if not found:
        raise Unreadable("Windows/Setup/State/State.ini names no ImageState")
    return found[1][:_LONGEST_TEXT]


def _success_tag(windows: Windows) -> str:
    moment = windows.volume.modified(f"{_SYSPREP}/Sysprep_succeeded.tag").astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _error_lines(windows: Windows) -> tuple[str, ...]:
    return _last(_errors(windows))


def _errors(windows: Windows) -> list[str]:
    text = decoded(windows.volume.tail(f"{_SYSPREP}/Panther/setuperr.log", _ERROR_TAIL))
    return [line.strip() for line in text.splitlines() if line.strip()]


def _last(lines: list[str]) -> tuple[str, ...]:
    return tuple(line[:_LONGEST_LINE] for line in lines[-_MOST_LINES:])


def _run(windows: Windows) -> tuple[str, str]:
    """Return when the last run of Sysprep began, and its lines. Raises `Missing` where the log tells of none."""
    path = f"{_SYSPREP}/Panther/setupact.log"
    text = decoded(windows.volume.tail(path, _LOG_TAIL))
    beginnings = list(_BEGINNING.finditer(text))
    if not beginnings:
        if windows.volume.size(path) > _LOG_TAIL:
            raise Unreadable(f"the last {_LOG_TAIL} bytes of {path} do not reach back to where a run of Sysprep began")
        raise Missing(path)
    return beginnings[-1][1], text[beginnings[-1].start() :]


def _run_options(windows: Windows) -> tuple[str, ...]:
    return tuple(sorted({option.upper() for option in _OPTION.findall(_run(windows)[1])}))


def _run_errors(windows: Windows) -> tuple[str, ...]:
    began = _run(windows)[0]
    try:
        lines = _errors(windows)
    except Missing:
        return ()
    # Lines that go on from the one before have no time of their own.
    first = next((place for place, line in enumerate(lines) if _STAMP.match(line) and line[:19] >= began), len(lines))
    return _last(lines[first:])


def decoded(data: bytes) -> str:
    """Decode what Windows wrote: UTF-16 with its mark, UTF-8, or what remains legible of another encoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _setup(name: str) -> Look:
    return lambda windows: windows.registry.key("SYSTEM", "Setup").number(name)


def _status(name: str) -> Look:
    return lambda windows: windows.registry.key("SYSTEM", r"Setup\Status\SysprepStatus").number(name)


SEAL: Mapping[str, Look] = {
    "image_state": lambda windows: windows.registry.key("SOFTWARE", _STATE_KEY).text("ImageState")[:_LONGEST_TEXT],
    "image_state_file": _image_state_file,
    "setup_type": _setup("SetupType"),
    "setup_command": lambda windows: windows.registry.key("SYSTEM", "Setup").text("CmdLine")[:_LONGEST_TEXT],
    "setup_in_progress": _setup("SystemSetupInProgress"),
    "oobe_in_progress": _setup("OOBEInProgress"),
    "generalization_state": _status("GeneralizationState"),
    "cleanup_state": _status("CleanupState"),
    "success_tag": _success_tag,
    "error_lines": _error_lines,
}
LOG: Mapping[str, Look] = {
    "run_began": lambda windows: _run(windows)[0],
    "run_options": _run_options,
    "run_tagged": lambda windows: _TAGGED in _run(windows)[1],
    "run_errors": _run_errors,
}
