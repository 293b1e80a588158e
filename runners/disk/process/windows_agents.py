"""What acts by itself on machines made from a stopped Windows: agents, scheduled tasks, programs of a start."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runners.disk.process.windows_system import Look, Windows

_TASKS = "Windows/System32/Tasks"
# Tasks that Windows and its browser make for themselves outside of the folder Microsoft.
_OF_WINDOWS = re.compile(
    r"MicrosoftEdgeUpdate.*|MicrosoftEdgeShadowStack.*|CreateExplorerShellUnelevatedTask", re.IGNORECASE
)
_RUN_ONCE = r"Microsoft\Windows\CurrentVersion\RunOnce"
_SENSE = r"Microsoft\Windows Advanced Threat Protection"
_WORKSPACES = r"Services\HealthService\Parameters\Service Connector Services"
_IDENTITIES = {
    "Configuration Manager": ("Windows/SMSCFG.ini",),
    "Azure Arc": ("ProgramData/AzureConnectedMachineAgent/Config/agentconfig.json",),
    "Puppet": ("ProgramData/PuppetLabs/puppet/etc/ssl/private_keys/*", "ProgramData/PuppetLabs/puppet/etc/ssl/certs/*"),
    "Chef": ("chef/client.pem",),
    "Salt": (
        "salt/conf/pki/minion/minion.pem",
        "ProgramData/Salt Project/Salt/conf/pki/minion/minion.pem",
    ),
}


def _agent_services(windows: Windows) -> tuple[str, ...]:
    names = ("RdAgent", "WindowsAzureGuestAgent")
    return tuple(name for name in names if windows.system(rf"Services\{name}") is not None)


def _virtual_desktop(windows: Windows) -> tuple[str, ...]:
    found = []
    if windows.system(r"Services\RDAgentBootLoader") is not None:
        found.append("RDAgentBootLoader")
    if windows.key("SOFTWARE", r"Microsoft\RDInfraAgent") is not None:
        found.append("RDInfraAgent")
    return tuple(found)


def _with_identity(windows: Windows) -> tuple[str, ...]:
    found = {product for product, paths in _IDENTITIES.items() if windows.found(*paths)}
    workspaces = windows.system(_WORKSPACES)
    if workspaces is not None and workspaces.subkeys():
        found.add("Log Analytics agent")
    sense = windows.key("SOFTWARE", _SENSE)
    if sense is not None and any(name.lower() == "senseguid" for name in sense.values()):
        found.add("Defender for Endpoint")
    return tuple(sorted(found))


def _scheduled_tasks(windows: Windows) -> tuple[str, ...]:
    windows.required(_TASKS)
    found = windows.found(f"{_TASKS}/*", f"{_TASKS}/*/*")
    inner = [path.removeprefix("C:\\Windows\\System32\\Tasks\\") for path in found]
    files = [name for name in inner if not windows.volume.is_folder(f"{_TASKS}/{name}".replace("\\", "/"))]
    return tuple(
        f"\\{name}" for name in files if not name.upper().startswith("MICROSOFT\\") and not _OF_WINDOWS.fullmatch(name)
    )


def _startup_programs(windows: Windows) -> tuple[str, ...]:
    key = windows.key("SOFTWARE", _RUN_ONCE)
    once = [f"RunOnce, {name[:128]}" for name in (key.values() if key else {})]
    files = windows.found("ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/*")
    return (*once, *(path for path in files if not path.lower().endswith("\\desktop.ini")))


def _setup_scripts(windows: Windows) -> tuple[str, ...]:
    # Azure's own SetupComplete.cmd is in the folder OEM too, and runs SetupComplete2.cmd where there is one.
    return windows.found("Windows/Setup/Scripts/*", "Windows/OEM/SetupComplete2.cmd")


AGENTS: Mapping[str, Look] = {
    "agent_services": _agent_services,
    "virtual_desktop_agents": _virtual_desktop,
    "agents_with_identity": _with_identity,
    "scheduled_tasks": _scheduled_tasks,
    "startup_programs": _startup_programs,
    "setup_scripts": _setup_scripts,
}
