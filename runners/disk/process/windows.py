"""Facts of a stopped Windows disk."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import Any

from dissect.regf.exceptions import RegistryKeyNotFoundError, RegistryValueNotFoundError
from dissect.regf.regf import RegistryHive

from checks.facts.fact import Fact
from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.tree import Missing, Unreadable, observe, require, there
from runners.disk.process.volumes import unread

_CONFIG = "Windows/System32/config"
_SYSPREP = "Windows/System32/Sysprep"
_STATE_KEY = r"Microsoft\Windows\CurrentVersion\Setup\State"
_MOST_LINES, _LONGEST_LINE, _LONGEST_TEXT = 20, 300, 500
_TAIL = 64 * 1024
# ImageState=IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE
_IMAGE_STATE = re.compile(r"^\s*ImageState\s*=\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


def facts(volumes: list[FoundVolume]) -> tuple[dict[str, Fact[Any]], int]:
    """Return every fact by the name that `WindowsDisk` has for it, and how many files were looked at."""
    try:
        volume = require("the system's volume", lambda: _system_volume(volumes))
    except Unreadable as reason:
        return {name: Fact.unknown(str(reason)) for name in _LOOKS}, 0
    return {name: observe(name, partial(look, volume)) for name, look in _LOOKS.items()}, volume.examined


def _system_volume(volumes: list[FoundVolume]) -> NtfsVolume:
    """Return the volume that holds Windows. Raises `Unreadable` unless there is exactly one, cleanly closed."""
    found = [item for item in volumes if item.ntfs is not None and _holds_windows(item.ntfs)]
    if not found:
        raise Unreadable(f"no volume with Windows was found ({unread(volumes) or 'none has its registry'})")
    volume = found[0].ntfs
    if len(found) > 1 or volume is None:
        names = ", ".join(item.name for item in found)
        raise Unreadable(f"several volumes hold Windows ({names}), and it was not looked up which one starts")
    unclean = volume.unclean()
    if unclean:
        raise Unreadable(unclean)
    return volume


def _holds_windows(volume: NtfsVolume) -> bool:
    return there("the registry", lambda: volume.record(f"{_CONFIG}/SYSTEM"))


def _registry(volume: NtfsVolume, hive: str, key: str, value: str) -> tuple[int, Any]:
    """Return type and content of a registry value. Raises `Missing` or `Unreadable`."""
    path = f"{_CONFIG}/{hive}"
    try:
        stream = volume.stream(path)
    except Missing:
        raise Unreadable(f"there is no {path}, so the registry can't be read") from None
    base = stream.read(512)
    total = 0
    for (word,) in struct.iter_unpack("<I", base[:508]):
        total ^= word
    if (
        base[:4] != b"regf"
        or {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total) != struct.unpack_from("<I", base, 508)[0]
    ):
        raise Unreadable(f"the header of {path} is damaged")
    primary, secondary = struct.unpack_from("<II", base, 4)
    if primary != secondary:
        raise Unreadable(f"{path} was not closed cleanly: its last changes are in its log files, which are not read")
    try:
        found = RegistryHive(stream).open(key).value(value)
    except (RegistryKeyNotFoundError, RegistryValueNotFoundError):
        raise Missing(value) from None
    return int(found.type), found.value


def _number(volume: NtfsVolume, key: str, value: str) -> int:
    _, content = _registry(volume, "SYSTEM", key, value)
    if not isinstance(content, int):
        raise Unreadable(f"{value} in the SYSTEM hive is no number")
    return content


def _text(volume: NtfsVolume, hive: str, key: str, value: str) -> str:
    _, content = _registry(volume, hive, key, value)
    if not isinstance(content, str):
        raise Unreadable(f"{value} in the {hive} hive is no text")
    return content[:_LONGEST_TEXT]


def _image_state_file(volume: NtfsVolume) -> str:
    found = _IMAGE_STATE.search(_decode(volume.content("Windows/Setup/State/State.ini", 64 * 1024)))
    if not found:
        raise Unreadable("Windows/Setup/State/State.ini names no ImageState")
    return found[1][:_LONGEST_TEXT]


def _success_tag(volume: NtfsVolume) -> str:
    moment = volume.modified(f"{_SYSPREP}/Sysprep_succeeded.tag").astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _error_lines(volume: NtfsVolume) -> tuple[str, ...]:
    text = _decode(volume.tail(f"{_SYSPREP}/Panther/setuperr.log", _TAIL))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(line[:_LONGEST_LINE] for line in lines[-_MOST_LINES:])


def _decode(data: bytes) -> str:
    """Decode what Windows wrote: UTF-16 with its mark, UTF-8, or what remains legible of another encoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


_LOOKS: dict[str, Callable[[NtfsVolume], Any]] = {
    "image_state": lambda volume: _text(volume, "SOFTWARE", _STATE_KEY, "ImageState"),
    "image_state_file": _image_state_file,
    "setup_type": lambda volume: _number(volume, "Setup", "SetupType"),
    "setup_command": lambda volume: _text(volume, "SYSTEM", "Setup", "CmdLine"),
    "generalization_state": lambda volume: _number(volume, r"Setup\Status\SysprepStatus", "GeneralizationState"),
    "success_tag": _success_tag,
    "error_lines": _error_lines,
}
