"""The reports of a large fleet: how long each rendering takes, and how large it is."""

from __future__ import annotations

import time
from itertools import cycle, islice

from reports.evidence import Evidence
from reports.render import RENDERINGS
from tests.bench import machine
from tests.bench.parts import PARTS
from tests.bench.table import Table
from tests.reports import samples

_RESULTS = 60


def measure(small: bool) -> Table:
    """Measure it."""
    about, targets = machine.described(), 5 if small else 1000
    record = large(targets)
    rows = [_timed("evidence.json", record.to_bytes)]
    content = record.to_bytes()
    rows.append(_timed("reading evidence.json back", lambda: Evidence.from_bytes(content).to_bytes()))
    rows += [_timed(name, lambda render=render: b"".join(render(record))) for name, render in RENDERINGS.items()]
    total = sum(float(row[1].split()[0]) for row in rows)
    notes = (f"All of it, one after the other in one process: {total:.1f} s.",)
    how = (
        f"A record of {targets:,} targets with {_RESULTS} results each, all proven; "
        "each rendering once, in one process. Size is of the file as written."
    )
    return Table("rendering", PARTS["rendering"], how, ("file", "time", "size"), tuple(rows), notes, about, small)


def large(targets: int) -> Evidence:
    """Return a record of many targets, made of the results and targets of a small one."""
    small = samples.proven()
    names = [f"vm{number:04d}" for number in range(targets)]
    chosen = tuple(
        item.model_copy(update={"name": name}) for name, item in zip(names, cycle(small.targets), strict=False)
    )
    results = tuple(
        row.model_copy(update={"target": name, "check": f"{row.check}-{number:02d}"})
        for name in names
        for number, row in enumerate(islice(cycle(small.results), _RESULTS))
    )
    return small.model_copy(update={"targets": chosen, "results": results, "coverage": {}})


def _timed(name: str, make: object) -> tuple[str, str, str]:
    assert callable(make)
    begun = time.perf_counter()
    content = make()
    return name, f"{time.perf_counter() - begun:.2f} s", f"{len(content) / 1024**2:.1f} MiB"
