"""Runs of Sealproof on many VMs, each struck by another fault, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.server import Lab, serve
from tests.faults.cell import Call, Cell, calls_of
from tests.faults.fleet import fleet, fleet_file, signed_in
from tests.faults.truth import Visit, broken_rules, shared_disks
from tests.faults.watched import watched
from tests.runners.hurry import hurry
from tests.runners.runs import sealproof

GOOD = ("proven", "sealed")


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one cell."""

    cell: Cell
    outcome: str
    """Of the run that the fault struck."""
    again: str
    """Of the next run; empty where there was no need of one."""
    told: str
    broken: tuple[str, ...]
    """The rules that were broken."""
    updates: int
    """The most updates of the VM in one run."""

    def __str__(self) -> str:
        return f"{self.cell}: {self.outcome}, then {self.again or '-'}; {'; '.join(self.broken)}: {self.told}"


@contextmanager
def quick_lab(scenario: Path) -> Iterator[Lab]:
    """Run a lab whose guests are watched."""
    with serve(scenario, guests=watched) as running:
        yield running


def visit(lab: Lab, folder: Path, names: Sequence[str], *options: str) -> Visit:
    """Run Sealproof on some VMs of a lab, from a folder of its own."""
    folder.mkdir()
    before = len(lab.requests)
    with signed_in(lab) as way, hurry():
        more = ("-q", "-k", "executor", "--generalize", "--concurrency=16", *options)
        run = sealproof(folder, *way, f"--fleet={fleet_file(lab, folder, names)}", *more)
    return Visit(run, lab.requests[before:])


def clean_calls(folder: Path, platform: str) -> list[Call]:
    """Return the calls of a run that nothing strikes."""
    folder.mkdir()
    with quick_lab(fleet(folder, ["clean"], platform)) as lab:
        seen = visit(lab, folder / "run", ["clean"])
        assert seen.run.target("clean").outcome == "proven", seen.told("clean")
        return calls_of(seen.requests)


def strike(folder: Path, platform: str, cells: Sequence[Cell]) -> list[Finding]:
    """Run Sealproof on a VM for each cell; run it again, from elsewhere, on those that it did not prove."""
    folder.mkdir()
    names = [cell.name for cell in cells]
    with quick_lab(fleet(folder, names, platform, faults=[cell.fault for cell in cells])) as lab:
        visits = [visit(lab, folder / "first", names)]
        left = [name for name in names if visits[0].run.target(name).outcome not in GOOD]
        if left:
            visits.append(visit(lab, folder / "again", left))
        return [_finding(lab, cell, visits[: 1 + (cell.name in left)]) for cell in cells]


def _finding(lab: Lab, cell: Cell, visits: Sequence[Visit]) -> Finding:
    name, last = cell.name, visits[-1]
    broken = broken_rules(lab, name, visits)
    if name in shared_disks(lab) and not any("az disk revoke-access" in text for text in last.told(name)):
        broken.append("its disk is left readable by a SAS, and nobody says so")
    return Finding(
        cell,
        outcome=visits[0].run.target(name).outcome,
        again=last.run.target(name).outcome if len(visits) > 1 else "",
        told=" | ".join(dict.fromkeys(visits[0].told(name)[:2] + last.told(name)[:2]))[:700],
        broken=tuple(broken),
        updates=max(item.updates(name) for item in visits),
    )
