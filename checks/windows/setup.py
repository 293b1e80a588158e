"""What Windows will do at its next start, as the SYSTEM hive of the stopped disk says."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsDisk
from checks.parts import problems_of

_MINI_SETUP = 2
# C:\Windows\System32\oobe\windeploy.exe, also seen as oobe\windeploy.exe
_FIRST_START = r"oobe\windeploy.exe"


@check(
    "WIN-SETUP-001",
    "the next start runs Windows' first-start setup",
    phase="post",
    platform="windows",
    severity="blocker",
    why="These two values arm the setup that gives a new machine its own identity. A disk without them starts as the "
    "source machine did, with its name and its SID.",
    fix="Seal again with sysprep /generalize /oobe /shutdown, unless the VM was generalized; do not set the values.",
    source="community record: a good and a broken template compared, July 2026",
    grade="C",
)
def check_setup_armed(disk: WindowsDisk) -> list[Problem]:
    return problems_of(lambda: _type(disk), lambda: _command(disk))


def _type(disk: WindowsDisk) -> list[Problem]:
    where = r"SYSTEM hive, Setup\SetupType"
    if disk.setup_type.absent:
        return [problem(observed="no value", expected=_MINI_SETUP, where=where)]
    seen = disk.setup_type.value
    return [] if seen == _MINI_SETUP else [problem(observed=seen, expected=_MINI_SETUP, where=where)]


def _command(disk: WindowsDisk) -> list[Problem]:
    seen = disk.setup_command.value_or("no value")
    if _FIRST_START in seen.lower():
        return []
    return [problem(observed=seen or "empty", expected=f"... {_FIRST_START}", where=r"SYSTEM hive, Setup\CmdLine")]
