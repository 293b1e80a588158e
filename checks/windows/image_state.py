"""ImageState: how far Windows Setup and Sysprep have come, in the registry and in State.ini."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, WindowsDisk, WindowsGuest
from checks.parts import problems_of

_COMPLETE = "IMAGE_STATE_COMPLETE"
_SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
_SOURCE = "https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-states"
_KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State, ImageState"
_FILE = r"C:\Windows\Setup\State\State.ini, ImageState"


@check(
    "WIN-STATE-001",
    "Windows is completely set up",
    phase="pre",
    platform="windows",
    severity="blocker",
    waivable=False,
    why="Any other state means that Setup or an earlier Sysprep is still at work or died. Sysprep on top of that "
    "fails, or seals an installation that no machine can finish.",
    fix="Restart the VM and look again. A state that stays is broken: build the VM anew. Do not edit the value; that "
    "hides the damage.",
    source=_SOURCE,
    grade="D",
)
def check_image_state_complete(guest: WindowsGuest) -> list[Problem]:
    return _differences(guest.image_state, _COMPLETE, _KEY)


@check(
    "WIN-STATE-002",
    "the registry and State.ini agree on how far Windows is set up",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Setup and Sysprep write both. Where they differ, one of the two was edited, or not written when a run died.",
    fix="Restart the VM and look again. Do not edit either: build the VM anew where the difference stays.",
    source=_SOURCE,
    grade="D",
)
def check_image_states_equal(guest: WindowsGuest) -> list[Problem]:
    return _differences(guest.installation.image_state_file, guest.image_state.value_or("no value"), _FILE)


@check(
    "WIN-IMAGE-001",
    "Sysprep left Windows sealed for its first start",
    phase="post",
    platform="windows",
    severity="blocker",
    waivable=False,
    proves="deprovisioned",
    why="Only this state says that the generalize pass came to its end. Whatever the exit code and the platform's "
    "label say, a disk in another state makes machines that share an identity or do not start.",
    fix=r"Read C:\Windows\System32\Sysprep\Panther\setuperr.log, remove the cause, and seal again unless the VM was "
    "generalized.",
    source=_SOURCE,
    grade="D",
)
def check_image_state_sealed(disk: WindowsDisk) -> list[Problem]:
    return problems_of(
        lambda: _differences(disk.image_state, _SEALED, _KEY),
        lambda: _differences(disk.image_state_file, _SEALED, _FILE),
    )


def _differences(fact: Fact[str], expected: str, where: str) -> list[Problem]:
    state = fact.value_or("no value")
    return [] if state == expected else [problem(observed=state, expected=expected, where=where)]
