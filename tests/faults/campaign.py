"""Runs of Sealproof on many VMs, each struck by another fault or crash, and what came of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar
from unittest import mock

from lab.server import Lab, serve
from tests.faults.cell import Call, Cell, calls_of
from tests.faults.crash import Crash, die
from tests.faults.fleet import LINUX, Kind, fleet, fleet_file, signed_in
from tests.faults.nursery import Nursery
from tests.faults.truth import Visit, broken_rules, shared_disks
from tests.faults.watched import watched
from tests.runners.hurry import hurry
from tests.runners.runs import sealproof

T = TypeVar("T")
GOOD = ("proven", "sealed")
CLOCKS = {
    "this host's clock is a day ahead": timedelta(days=1),
    "this host's clock is a day behind": timedelta(days=-1),
}
HELD = timedelta(hours=1)
"""Longer than the claim of a run that is gone holds."""
AT_ONCE = 40
"""How many VMs one lab holds: one run takes them all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one VM."""

    title: str
    """The row of the table that it belongs to."""
    what: str
    outcomes: tuple[str, ...]
    """Of the runs on it, in their order; of one that was killed `killed`."""
    told: str
    broken: tuple[str, ...]
    """The rules that were broken."""
    updates: int
    """The most updates of the VM in one run."""
    struck: bool = True
    """Whether the call came, in the first run: how often a run looks while it waits is a matter of time."""

    @classmethod
    def never(cls, title: str, what: str) -> Finding:
        """Return what is found of a process that was not killed, since the call never came: its run is over."""
        return cls(title, what, (), "", (), 0, struck=False)

    def __str__(self) -> str:
        return f"{self.what}: {', then '.join(self.outcomes)}; {'; '.join(self.broken)}. Told: {self.told}"


@dataclass(frozen=True, slots=True)
class Clean:
    """What a run does that nothing strikes."""

    calls: tuple[Call, ...]
    """Its calls, polls of one thing once."""
    events: tuple[str, ...]
    """The events of its journal."""
    requests: int
    updates: int


@contextmanager
def quick_lab(scenario: Path) -> Iterator[Lab]:
    """Run a lab whose guests are watched."""
    with serve(scenario, guests=watched) as running:
        yield running


def visit(lab: Lab, folder: Path, names: Sequence[str], *options: str, later: timedelta = timedelta(0)) -> Visit:
    """Run Sealproof on some VMs of a lab, from a folder of its own, and so much later."""
    folder.mkdir(parents=True)
    before = len(lab.requests)
    # Each VM is waited for by itself, as in a small fleet: a list of many would be one call of all.
    with signed_in(lab) as way, hurry(later), mock.patch("runners.states.FEW", len(names) + 1):
        more = ("-q", "-k", "executor", "--generalize", "--concurrency=16", *options)
        run = sealproof(folder, *way, f"--fleet={fleet_file(lab, folder, names)}", *more)
    return Visit(run, lab.requests[before:])


def clean(folder: Path, kind: Kind = LINUX) -> Clean:
    """Do a run that nothing strikes."""
    folder.mkdir(parents=True)
    with quick_lab(fleet(folder, ["clean"], kind)) as lab:
        seen = visit(lab, folder / "run", ["clean"])
        assert seen.target("clean").outcome == "proven", seen.told("clean")
        events = tuple(seen.run.events("clean"))
        return Clean(tuple(calls_of(seen.requests)), events, len(seen.requests), seen.updates("clean"))


def strike(folder: Path, some: Iterable[Cell], kind: Kind = LINUX) -> list[Finding]:
    """Let each cell strike a VM of its own.

    Sealproof runs on all of them, and again, from elsewhere, on those that it did not prove.
    """
    found: list[Finding] = []
    for number, batch in enumerate(_batches(some)):
        found += _struck(folder / str(number), kind, batch)
    return found


def _struck(folder: Path, kind: Kind, some: Sequence[Cell]) -> list[Finding]:
    folder.mkdir(parents=True)
    names = [cell.name for cell in some]
    with quick_lab(fleet(folder, names, kind, faults=[fault for cell in some for fault in cell.faults])) as lab:
        visits = [visit(lab, folder / "first", names)]
        missed = {fault.target for fault in lab.unused_faults}
        left = [name for name in names if visits[0].target(name).outcome not in GOOD]
        if left:
            visits.append(visit(lab, folder / "again", left))
        return [
            replace(
                _finding(lab, cell.name, cell.title, str(cell), visits[: 1 + (cell.name in left)]),
                struck=cell.name not in missed,
            )
            for cell in some
        ]


def mistell_the_time(folder: Path) -> list[Finding]:
    """Run Sealproof where the clock of its own host is wrong."""
    found: list[Finding] = []
    for number, (title, wrong_by) in enumerate(CLOCKS.items()):
        name, place = f"t{number}", folder / str(number)
        place.mkdir(parents=True)
        with quick_lab(fleet(place, [name])) as lab:
            visits = [visit(lab, place / "run", [name], later=wrong_by)]
            found.append(_finding(lab, name, title, title, visits))
    return found


def kill(folder: Path, some: Iterable[Crash], kind: Kind = LINUX) -> list[Finding]:
    """Kill a run by each crash, on a VM of its own; then run again, from elsewhere."""
    found: list[Finding] = []
    with Nursery() as nursery:
        for number, batch in enumerate(_batches(some)):
            found += _killed(folder / str(number), kind, nursery, batch)
    return found


def _killed(folder: Path, kind: Kind, nursery: Nursery, some: Sequence[Crash]) -> list[Finding]:
    folder.mkdir(parents=True)
    faults = [{**crash.fault, "target": crash.name} for crash in some if crash.fault is not None]
    names = [crash.name for crash in some]
    with quick_lab(fleet(folder, names, kind, faults=faults)) as lab:
        ends = [die(lab, nursery, folder / crash.name, crash) for crash in some]
        never = [Finding.never(item.title, str(item)) for item, end in zip(some, ends, strict=True) if end != -9]
        some = [crash for crash, end in zip(some, ends, strict=True) if end == -9]
        names = [crash.name for crash in some]
        visits = [visit(lab, folder / "again", names)]
        left = [name for name in names if visits[0].target(name).outcome not in GOOD]
        if left:
            taken = [f"--take-over={item['vm_id']}" for item in lab.fleet["targets"] if item["name"] in left]
            first = [f"--resume={path}" for name in left if (path := _evidence(folder / name)) is not None]
            visits.append(visit(lab, folder / "resumed", left, *taken, *first, later=HELD))
        return [
            _finding(lab, crash.name, crash.title, str(crash), visits[: 1 + (crash.name in left)], ("killed",))
            for crash in some
        ] + never


def _evidence(folder: Path) -> Path | None:
    """Return the evidence folder of the run that was killed in `folder`; None where it was killed before it had one."""
    latest = folder / "evidence" / "latest"
    return latest.resolve() if latest.exists() else None


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Return items in lists of at most `AT_ONCE`."""
    rest = iter(items)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def _finding(
    lab: Lab, name: str, title: str, what: str, visits: Sequence[Visit], before: tuple[str, ...] = ()
) -> Finding:
    broken = broken_rules(lab, name, visits)
    said = (text for item in visits for text in item.told(name))
    if name in shared_disks(lab) and not any("az disk revoke-access" in text for text in said):
        broken.append("its disk is left readable by a SAS, and nobody says so")
    told = dict.fromkeys(text for item in visits for text in item.told(name)[:2])
    return Finding(
        title,
        what,
        outcomes=(*before, *(item.target(name).outcome for item in visits)),
        told=" | ".join(told)[:700],
        broken=tuple(broken),
        updates=max(item.updates(name) for item in visits),
    )
