"""Facts of a stopped Windows disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from checks.facts.fact import Fact
from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.registry import CONFIG, Registry
from runners.disk.process.tree import Unreadable, observe, require, there
from runners.disk.process.unseen import or_all, unseen_by_windows
from runners.disk.process.volumes import unread
from runners.disk.process.windows_access import ACCESS
from runners.disk.process.windows_accounts import ACCOUNTS
from runners.disk.process.windows_agents import AGENTS
from runners.disk.process.windows_leftovers import LEFTOVERS
from runners.disk.process.windows_seal import LOG, SEAL
from runners.disk.process.windows_secrets import SECRETS
from runners.disk.process.windows_system import Look, Windows

_TOPICS: Mapping[str, Mapping[str, Look]] = {
    "log": LOG,
    "accounts": ACCOUNTS,
    "secrets": SECRETS,
    "access": ACCESS,
    "agents": AGENTS,
    "leftovers": LEFTOVERS,
}


def facts(volumes: list[FoundVolume]) -> tuple[dict[str, Any], int]:
    """Return every fact by the name that `WindowsDisk` has for it, and how many files were looked at."""
    try:
        volume = require("the system's volume", lambda: _system_volume(volumes))
    except Unreadable as reason:
        unknown: Fact[Any] = Fact.unknown(str(reason))
        nothing = {topic: dict.fromkeys(looks, unknown) for topic, looks in _TOPICS.items()}
        return {**dict.fromkeys(SEAL, unknown), **nothing}, 0
    windows = Windows(volume, Registry(volume))
    found = {topic: _seen(looks, windows) for topic, looks in _TOPICS.items()}
    return {**_seen(SEAL, windows), **found}, volume.examined


def unseen(volumes: list[FoundVolume]) -> Mapping[str, str]:
    """Return which volumes no fact is of, and why. Never raises: without drive C it is all of them."""
    return or_all(volumes, lambda: unseen_by_windows(_system_volume(volumes), volumes))


def _seen(looks: Mapping[str, Look], windows: Windows) -> dict[str, Fact[Any]]:
    return {name: observe(name, partial(look, windows)) for name, look in looks.items()}


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
    return there("the registry", lambda: volume.record(f"{CONFIG}/SYSTEM"))
