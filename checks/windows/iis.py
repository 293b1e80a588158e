"""IIS: the condition under which Sysprep supports the role."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.announced import problems_of_announced


@check(
    "WIN-IIS-001",
    "IIS keeps no encrypted settings",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="IIS encrypts credentials with a key of this machine, and Sysprep replaces the key. On machines made from the "
    "image the application pools that use them do not start.",
    fix="Remove the credentials of application pools and virtual directories (attributes that start with [enc: in "
    r"%WINDIR%\System32\inetsrv\config\applicationHost.config) and set them on the new machines.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-support-for-server-roles",
    grade="D",
)
def check_iis_settings_plain(guest: WindowsGuest) -> list[Problem]:
    if guest.encrypted_iis_settings.absent:
        return problems_of_announced(guest, ("Web-Server", "IIS-WebServer"), "its applicationHost.config")
    count = guest.encrypted_iis_settings.value
    if not count:
        return []
    return [problem(observed=f"{count} encrypted attribute(s)", expected="none", where="applicationHost.config")]
