"""Windows Deployment Services: the condition under which Sysprep supports the role."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.announced import problems_of_announced


@check(
    "WIN-WDS-001",
    "Windows Deployment Services are not initialized",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep supports the role only before it is initialized: afterwards its store and its answer policy belong to "
    "this very server.",
    fix="wdsutil /uninitialize-server",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-support-for-server-roles",
    grade="D",
)
def check_deployment_services_uninitialized(guest: WindowsGuest) -> list[Problem]:
    if guest.deployment_services_initialized.absent:
        return problems_of_announced(guest, ("WDS", "WDS-Deployment", "WDS-Transport"), "its service WDSServer")
    if not guest.deployment_services_initialized.value:
        return []
    return [problem(observed="initialized", expected="not initialized", where="Windows Deployment Services")]
