"""The cells of the matrix: which fault strikes which call, made from the calls of a run that nothing struck."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.arm.requests import LoggedRequest

Document = dict[str, Any]
RUN_COMMAND, VIEW, BLOB = "virtualMachines/runCommand", "virtualMachines/instanceView", "blob/get"
MANAGED = "runCommands/put"


@dataclass(frozen=True, slots=True)
class Call:
    """The n-th call of an operation in a clean run of one VM."""

    operation: str
    number: int
    method: str
    begins: bool
    """Whether it begins a long-running operation."""

    def __str__(self) -> str:
        return f"call {self.number} of {self.operation}"


@dataclass(frozen=True, slots=True)
class Family:
    """One way in which calls go wrong: a row of the table."""

    title: str
    fault: Document
    """What a scenario says of it, without operation and call."""
    strikes: Callable[[Call], bool]
    onwards: bool = False
    """Whether every later call of the operation is struck too."""
    calls: int = 1
    """How many calls in a row are struck."""

    def document(self, call: Call, target: str) -> Document:
        """Return the fault of a scenario that strikes `call` of one VM."""
        which: Document = {"from_call": call.number} if self.onwards else {}
        if not self.onwards:
            which = {"calls": [*range(call.number, call.number + self.calls)]}
        return {"operation": call.operation, "target": target} | which | self.fault


@dataclass(frozen=True, slots=True)
class Cell:
    """What strikes a VM of its own: one fault at one call, or two."""

    name: str
    title: str
    """The row of the table that it belongs to."""
    where: str
    faults: tuple[Document, ...] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.title}, {self.where}"


def _begins(call: Call) -> bool:
    return call.begins


def _of(*operations: str) -> Callable[[Call], bool]:
    return lambda call: call.operation in operations


def _repeats(call: Call) -> bool:
    return call.method == "GET" and call.operation != BLOB and call.number > 1


def writes(call: Call) -> bool:
    """Return whether a call may change something."""
    return call.method != "GET"


def once(call: Call) -> bool:
    """Return whether a call writes, or is the first of its operation: what fails like another is not struck twice."""
    return writes(call) or call.number == 1


def _seen(call: Call) -> bool:
    """Return whether what an outsider did meanwhile is looked for: at each reading of the VM and of its tags too."""
    return once(call) or call.operation in ("virtualMachines/get", "tags/getAtMachine")


REFUSALS: Sequence[Family] = (
    Family("429 without Retry-After", {"effect": "refuse", "status": 429}, once),
    Family("429 with Retry-After", {"effect": "refuse", "status": 429, "retry_after": 1}, writes),
    Family("409", {"effect": "refuse", "status": 409}, once),
    Family("500", {"effect": "refuse", "status": 500}, writes),
    Family("503", {"effect": "refuse", "status": 503}, once),
    Family("503, and it was done", {"effect": "refuse", "status": 503, "carried_out": True}, writes),
    Family("503 from there on", {"effect": "refuse", "status": 503}, once, onwards=True),
    Family("Run Command busy, three times", {"effect": "refuse", "status": 409}, _of(RUN_COMMAND, MANAGED), calls=3),
)
CONNECTIONS: Sequence[Family] = (
    Family("the connection drops before anything is done", {"effect": "drop"}, once),
    Family("the connection drops, and it was done", {"effect": "drop", "carried_out": True}, writes),
    Family("TLS breaks before anything is done", {"effect": "break-tls"}, writes),
    Family("TLS breaks, and it was done", {"effect": "break-tls", "carried_out": True}, writes),
    Family("the operation fails inside a 200", {"effect": "operation-fails"}, _begins),
    Family(
        "the operation fails inside a 200, and it was done", {"effect": "operation-fails", "carried_out": True}, _begins
    ),
    Family("the operation never ends", {"effect": "never-ends"}, _begins),
    Family("the operation never ends, and it was done", {"effect": "never-ends", "carried_out": True}, _begins),
    Family("the answer is that of an earlier look, twice", {"effect": "stale"}, _repeats, calls=2),
    Family("no PowerState", {"effect": "no-power-state"}, _of(VIEW)),
    Family("no PowerState from there on", {"effect": "no-power-state"}, _of(VIEW), onwards=True),
    Family("the guest's answer is cut", {"effect": "truncate", "length": 200}, _of(RUN_COMMAND, MANAGED)),
    Family("the guest's answer is damaged", {"effect": "garble"}, _of(RUN_COMMAND, MANAGED)),
    Family("a blob's answer is cut", {"effect": "truncate", "length": 100}, _of(BLOB)),
)
OTHERS: Sequence[Family] = (
    Family("the agent goes silent", {"effect": "silent-agent"}, once),
    Family("somebody deletes the VM", {"effect": "vm-deleted"}, _seen),
    Family("somebody replaces the VM", {"effect": "vm-replaced"}, _seen),
    Family("somebody starts the VM", {"effect": "vm-started"}, _seen),
    Family("somebody wipes its tags", {"effect": "tags-wiped"}, _seen),
)


def calls_of(log: Iterable[LoggedRequest]) -> list[Call]:
    """Return the calls of a run on one VM. Of one operation asked again and again only the first counts: polls.

    Signing in is no call of a VM, and has tests of its own.
    """
    counted: dict[str, int] = {}
    calls: list[Call] = []
    for entry in log:
        number = counted[entry.operation] = counted.get(entry.operation, 0) + 1
        if entry.operation.startswith(("token/", "metadata/")) or (calls and calls[-1].operation == entry.operation):
            continue
        calls.append(Call(entry.operation, number, entry.method, entry.status in (201, 202)))
    return calls


def cells(families: Iterable[Family], calls: Iterable[Call], prefix: str = "c") -> Iterator[Cell]:
    """Return a cell for each call that each family strikes."""
    number, calls = 0, [*calls]
    for family in families:
        for call in filter(family.strikes, calls):
            name = f"{prefix}{number:03}"
            yield Cell(name, family.title, str(call), (family.document(call, name),))
            number += 1
