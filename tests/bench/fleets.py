"""Fleets of 1 to 1,000 simulated targets, generalized in one process."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import fleet, machine
from tests.bench.command import ALONE, Took, run
from tests.bench.parts import PARTS
from tests.bench.table import Table
from tests.faults.truth import MOST_UPDATES

_SMALL_SIZES = (1, 2)
SCALE, _SMALL_SCALE = 10, 100
"""By how much everything that Azure takes is shortened; our own work is not."""
_MOST_SECONDS = 1800
HEAD = (
    *("targets", "proven", "wall", "over the slowest", "CPU", "peak memory"),
    *("ARM calls per target", "most updates of a VM", "429s", "one after another"),
)


def _sizes() -> tuple[int, ...]:
    """Return the sizes of the fleets; the first must be 1, with which the others are compared."""
    return tuple(map(int, os.environ.get("SEALPROOF_BENCH_FLEETS", "1,10,100,1000").split(",")))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a fleet took."""

    count: int
    took: Took
    proven: int
    calls: int
    most_updates: int
    refused: int
    lost: tuple[str, ...]
    """Each target that was not proven, and why."""


def measure(small: bool) -> Table:
    """Measure it."""
    about, scale = machine.described(), _SMALL_SCALE if small else SCALE
    with tempfile.TemporaryDirectory() as folder:
        found = [_generalize(Path(folder), count, scale) for count in (_SMALL_SIZES if small else _sizes())]
    alone = found[0].took.wall
    rows = tuple(_row(item, alone) for item in found)
    notes = (
        f"The slowest target's own time is that of the fleet of 1, which is that target: {alone:.1f} s.",
        "One after another is extrapolated from it (wall time times targets), not run.",
        *(f"{item.count:,} targets: {_judged(item, alone)}" for item in found if item.count in (100, 1000)),
        *(f"Not proven: {text}" for item in found for text in item.lost[:5]),
        "Updates are the most in any three minutes of what Azure counts as changes of a VM (Run Commands, the flag), "
        f"of which it allows {MOST_UPDATES}: {_within(found)}.",
        "Calls and updates are the lab's own count. The lab shares the cores with what it serves.",
        "Without pytest-randomly and pytest-rerunfailures, which only our own tests install.",
    )
    return Table("fleets", PARTS["fleets"], _how(scale), HEAD, rows, notes, about, small)


def _generalize(folder: Path, count: int, scale: int) -> Measured:
    """Take a fleet of `count` along the whole path in one process, against a lab in another."""
    scenario, targets = fleet.write(folder, count, scale)
    evidence = folder / f"evidence{count}"
    with fleet.served(scenario, folder) as lab:
        took = run(
            [
                *(str(Path(sys.executable).parent / "sealproof"), "--fleet", str(targets), "--generalize", "-q"),
                *ALONE,
                *("--arm-endpoint", lab.endpoint, "--ca", str(lab.ca), "--evidence", str(evidence)),
            ],
            lab.environment,
            _MOST_SECONDS,
        )
        asked, most_updates = lab.calls(), lab.most_updates()
    record = json.loads((evidence / "latest" / "evidence.json").read_text(encoding="utf-8"))
    proven = sum(item["outcome"] == "proven" for item in record["targets"])
    refused = sum(number for (_, _, status), number in asked.items() if status == 429)
    calls = sum(number for (_, call, _), number in asked.items() if " blob/" not in call)
    lost = tuple(f"{item['name']}: {_why(item)}" for item in record["targets"] if item["outcome"] != "proven")
    return Measured(count, took, proven, calls, most_updates, refused, lost)


def _why(target: dict[str, Any]) -> str:
    reasons = [reason["text"] for reason in target.get("gate", {}).get("reasons", ())]
    return f"{target['outcome']}. {' '.join((target.get('note', ''), *reasons))[:300]}"


def _row(item: Measured, alone: float) -> tuple[str, ...]:
    took = item.took
    return (
        f"{item.count:,}",
        f"{item.proven:,}",
        f"{took.wall:.1f} s",
        f"{took.wall / alone:.2f}",
        f"{took.cpu:.1f} s",
        f"{took.peak / 1024**2:.0f} MiB",
        f"{item.calls / item.count:.0f}",
        str(item.most_updates),
        str(item.refused),
        f"{alone * item.count / 60:.0f} min (extrapolated)" if item.count > 1 else "",
    )


def _judged(item: Measured, alone: float) -> str:
    lost = item.count - item.proven
    nothing = "nothing lost" if not lost else f"{lost} not proven"
    if item.count == 100:
        ratio = item.took.wall / alone
        return f"{ratio:.2f} times the slowest, wanted at most 1.5: {'held' if ratio <= 1.5 else 'missed'}; {nothing}."
    peak = item.took.peak / 1e9
    return f"{peak:.3f} GB in one process, wanted under 1 GB: {'held' if peak < 1 else 'missed'}; {nothing}."


def _within(found: list[Measured]) -> str:
    return "held" if all(item.most_updates <= MOST_UPDATES for item in found) else "missed"


def _how(scale: int) -> str:
    return (
        "Half Linux, half Windows, simulated, generalized along the whole path by one process with its defaults, and "
        f"the lab in another, which enforces Azure's throttling. What Azure takes is shortened {scale} times: a "
        f"Run Command or deallocation {fleet.OPERATION_SECONDS} s, Sysprep or waagent up to {fleet.LAUNCH_SECONDS} s "
        f"(each target between half and all of it), Retry-After {fleet.RETRY_AFTER} s. Our own work, the lab's and the "
        "limits of throttling are not shortened, so fleets come out worse here than in Azure."
    )
