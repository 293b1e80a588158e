"""What else is left on a stopped Windows: logs, images of memory, caches, traces of agents. Paths and counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runners.disk.process.tree import Unreadable
from runners.disk.process.windows_system import MOST_NAMES, Look, Windows

_LOGS = "Windows/System32/winevt/Logs"
_EMPTY_LOG = 69_632
"""Bytes of an event log that was just cleared: its header, and one chunk of 64 KiB."""
# {a5c2...}{3808876b-c176-4e48-b7ae-04046e6cc752}: what a shadow copy keeps
_SHADOW_COPY = re.compile(r".*\{3808876b-c176-4e48-b7ae-04046e6cc752\}", re.IGNORECASE)
_MEMORY = (
    "pagefile.sys",
    "swapfile.sys",
    "hiberfil.sys",
    "Windows/MEMORY.DMP",
    "Windows/Minidump/*",
    "Windows/LiveKernelReports/*.dmp",
    "CrashDumps/*",
    "Users/*/AppData/Local/CrashDumps/*",
)


def _event_logs(windows: Windows) -> list[dict[str, Any]]:
    names = [name for name in windows.required(_LOGS) if name.lower().endswith(".evtx")]
    sizes = {name: windows.volume.size(f"{_LOGS}/{name}") for name in names}
    found = [{"name": name[:-5][:200], "size": size} for name, size in sizes.items() if size > _EMPTY_LOG]
    if len(found) > MOST_NAMES:
        raise Unreadable(f"{len(found)} event logs hold events, more than the {MOST_NAMES} that are listed")
    return found


def _shadow_copies(windows: Windows) -> int:
    return sum(1 for name in windows.required("System Volume Information") if _SHADOW_COPY.fullmatch(name))


def _recycled(windows: Windows) -> int:
    # $R...: what was deleted; $I...: from where. desktop.ini is Windows' own.
    return len(windows.found("$Recycle.Bin/*/$R*"))


LEFTOVERS: Mapping[str, Look] = {
    "event_logs": _event_logs,
    "memory_files": lambda windows: windows.filled(*_MEMORY),
    "panther_files": lambda windows: len(windows.names("Windows/Panther")),
    "shadow_copies": _shadow_copies,
    "recycled": _recycled,
    "old_windows": lambda windows: windows.found("Windows.old", "Windows.old.*", "$Windows.~BT", "$Windows.~WS"),
    "downloaded_updates": lambda windows: len(windows.names("Windows/SoftwareDistribution/Download")),
    "temporary_files": lambda windows: sum(
        len(windows.names(folder))
        for folder in ("Windows/Temp", *(f"Users/{home}/AppData/Local/Temp" for home in windows.homes()))
    ),
    "agent_logs": lambda windows: windows.filled("WindowsAzure/Logs", "WindowsAzure/CollectGuestLogsTemp"),
    "run_command_files": lambda windows: windows.found(
        "Packages/Plugins/Microsoft.CPlat.Core.RunCommand*/*/Downloads/*",
        "Packages/Plugins/Microsoft.CPlat.Core.RunCommand*/*/RuntimeSettings/*",
        "Packages/Plugins/Microsoft.CPlat.Core.RunCommand*/*/Status/*",
    ),
    "build_scripts": lambda windows: windows.found("DeprovisioningScript.ps1"),
}
