"""The process that our scripts run in, in a Windows guest."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-PROCESS-001",
    "our scripts run with all rights of an administrator",
    phase="pre",
    platform="windows",
    severity="blocker",
    waivable=False,
    why="Sysprep starts for an administrator only, and without these rights half of what was looked for here was not "
    "to be seen.",
    fix="Give the channel's account membership of Administrators; for a local account over WinRM that User Account "
    "Control filters, set LocalAccountTokenFilterPolicy to 1, or use the built-in Administrator.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-process-overview",
    grade="D",
)
def check_process_elevated(guest: WindowsGuest) -> list[Problem]:
    if guest.installation.elevated.value:
        return []
    return [problem(observed="no administrator's rights", expected="all of them", where="the process of our scripts")]


@check(
    "WIN-PROCESS-002",
    "our scripts run in a 64-bit process",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="A 32-bit process is shown another registry and another System32, so what it reports of updates, policies and "
    "Sysprep's providers is not what Sysprep will meet.",
    fix="Let the channel start the 64-bit Windows PowerShell: "
    r"%WINDIR%\Sysnative\WindowsPowerShell\v1.0\powershell.exe from a 32-bit program.",
    source="https://learn.microsoft.com/windows/win32/winprog64/registry-redirector",
    grade="D",
)
def check_process_64_bit(guest: WindowsGuest) -> list[Problem]:
    if guest.installation.process_64_bit.value:
        return []
    return [problem(observed="32 bits", expected="64 bits", where="the process of our scripts")]
