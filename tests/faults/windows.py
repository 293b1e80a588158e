"""What strikes runs on Windows: everything at the calls that only they make, and the most telling at the others."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.campaign import Clean
from tests.faults.cell import CONNECTIONS, OTHERS, REFUSALS, RUN_COMMAND, Call, Cell, cells
from tests.faults.crash import Crash, crashes

FAMILIES = (*REFUSALS, *CONNECTIONS, *OTHERS)
TELLING = (
    "the connection drops, and it was done",
    "no PowerState",
    "somebody replaces the VM",
)
"""What strikes all calls."""
TITLES = tuple(family.title for family in FAMILIES if family.strikes(Call(RUN_COMMAND, 1, "POST", begins=True)))
"""What strikes a call that brings a script into the guest; the rows of both ways to seal Windows."""
EVENTS = ("prepare.end", "launch.intent", "launch.confirmed", "stopped.begin")
"""Where another thing was done in the guest than on Linux: at these entries of the journal a run is killed."""


def acts_in_guest(call: Call) -> bool:
    """Return whether a call prepares Windows, asks it again after that, launches Sysprep or watches it."""
    return call.operation == RUN_COMMAND and call.number > 1


def of_managed_command(call: Call) -> bool:
    """Return whether a call launches Sysprep through managed Run Command, or watches what was so launched."""
    return call.operation.startswith("runCommands/") or (call.operation == RUN_COMMAND and call.number > 3)


def struck(seen: Clean) -> Iterator[Cell]:
    """Return the cells of Windows whose Sysprep shuts it down."""
    yield from cells(FAMILIES, filter(acts_in_guest, seen.calls))
    others = [call for call in seen.calls if not acts_in_guest(call)]
    yield from cells((family for family in FAMILIES if family.title in TELLING), others, "d")


def struck_quitting(seen: Clean) -> Iterator[Cell]:
    """Return the cells of Windows whose Sysprep quits, and was launched as an account of the guest."""
    return cells(FAMILIES, filter(of_managed_command, seen.calls))


def killed(seen: Clean) -> Iterator[Crash]:
    """Return the crashes of Windows whose Sysprep shuts it down."""
    return crashes([*filter(acts_in_guest, seen.calls)], EVENTS)


def killed_quitting(seen: Clean) -> Iterator[Crash]:
    """Return the crashes of Windows whose Sysprep quits."""
    return crashes([*filter(of_managed_command, seen.calls)], ())
