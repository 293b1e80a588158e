"""Windows Setup: whether it runs now, and whether the next start runs it."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, WindowsDisk, WindowsGuest
from checks.parts import problems_of

_MINI_SETUP = 2
_GENERALIZED = 4
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


@check(
    "WIN-SETUP-002",
    "Windows Setup does not run, and is not due at the next start",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep on top of a Setup that has not come to its end seals an installation that no machine can finish.",
    fix="Restart the VM, wait until the desktop or the sign-in shows, and look again. Do not edit the values; build "
    "the VM anew where they stay.",
    source="community record of the values of a finished machine",
    grade="C",
)
def check_setup_ended(guest: WindowsGuest) -> list[Problem]:
    facts = guest.installation
    return problems_of(
        lambda: _not_zero(facts.setup_in_progress, "SystemSetupInProgress"),
        lambda: _not_zero(facts.oobe_in_progress, "OOBEInProgress"),
        # A command (CmdLine) alone arms nothing: Windows runs it only where SetupType is not 0.
        lambda: _not_zero(facts.setup_type, "SetupType"),
    )


@check(
    "WIN-SETUP-003",
    "Setup and the first-start setup are marked as due",
    phase="post",
    platform="windows",
    severity="warning",
    why="On a finished machine both marks are 0. A sealed disk where they are 0 may skip its first start.",
    fix="Seal again with sysprep /generalize /oobe /shutdown, unless the VM was generalized; do not set the values.",
    source="community record of the values of a finished machine",
    grade="C",
)
def check_setup_marked(disk: WindowsDisk) -> list[Problem]:
    return problems_of(
        lambda: _zero(disk.setup_in_progress, "SystemSetupInProgress"),
        lambda: _zero(disk.oobe_in_progress, "OOBEInProgress"),
    )


@check(
    "WIN-SETUP-004",
    "GeneralizationState is not that of a finished machine",
    phase="post",
    platform="windows",
    severity="warning",
    why="7 is the value of a machine that is set up, and 3 is left where a run was broken off; 4 was seen on sealed"
    " disks. No document of Microsoft's explains it, so it never proves anything, and scripts that wait for 7 "
    "wait for the wrong value.",
    fix="Look at the other rules of Sysprep's outcome; if they pass, tell which Windows it was seen on.",
    source="https://github.com/cloudbase/cloudbase-init (waits for 7 on clones), and community records of 4 and 3",
    grade="C",
)
def check_generalization_state_changed(disk: WindowsDisk) -> list[Problem]:
    where = r"SYSTEM hive, Setup\Status\SysprepStatus\GeneralizationState"
    seen = disk.generalization_state.value_or(_GENERALIZED)
    return [] if seen == _GENERALIZED else [problem(observed=seen, expected=_GENERALIZED, where=where)]


def _zero(fact: Fact[int], name: str) -> list[Problem]:
    if fact.value_or(0):
        return []
    return [problem(observed="0 or no value", expected="not 0", where=rf"SYSTEM hive, Setup, {name}")]


def _not_zero(fact: Fact[int], name: str) -> list[Problem]:
    seen = fact.value_or(0)
    return [problem(observed=seen, expected=0, where=rf"HKLM\SYSTEM\Setup, {name}")] if seen else []


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
