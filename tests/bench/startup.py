"""Collecting and start-up, against a pytest that has nothing to collect but the same plugins."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench import machine
from tests.bench.command import Took, run
from tests.bench.parts import PARTS
from tests.bench.table import Table

LIMIT = 0.6
_PYTEST = (sys.executable, "-m", "pytest", "-q", "--collect-only")
_COUNT = "import sys, pytest; pytest.main(sys.argv[1:]); print('modules', len(sys.modules))"


def measure(small: bool) -> Table:
    """Measure it."""
    about, runs = machine.described(), 1 if small else 9
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty")
        empty.mkdir()
        (empty / "pytest.ini").write_text("[pytest]\n")
        nothing = ("-c", str(empty / "pytest.ini"), "--rootdir", str(empty), str(empty))
        ways = {
            "an empty pytest, the same plugins": nothing,
            "`--collect-only` (the catalogue)": (),
            "`--collect-only --lab` (two targets)": ("--lab",),
        }
        found: dict[str, list[Took]] = {name: [] for name in ways}
        # In turn, so that what else the machine does weighs on all alike. The first round only warms up.
        for _ in range(runs + 1):
            for name, way in ways.items():
                found[name].append(run((*_PYTEST, *way)))
        modules = {name: _modules(way) for name, way in ways.items()}
    wall = {name: median(item.wall for item in took[1:]) for name, took in found.items()}
    cpu = {name: median(item.cpu for item in took[1:]) for name, took in found.items()}
    base = next(iter(ways))
    rows = tuple(
        (name, f"{wall[name]:.2f} s", f"{cpu[name]:.2f} s", f"{cpu[name] - cpu[base]:+.2f} s", str(modules[name]))
        for name in ways
    )
    added = cpu["`--collect-only --lab` (two targets)"] - cpu[base]
    notes = (
        f"`--collect-only --lab` adds {added:.2f} s of CPU; wanted is at most {LIMIT} s: "
        f"{'held' if added <= LIMIT else 'missed'}.",
        "It imports no azure, jinja2, rich or dissect, as a test holds; Allure comes with allure-pytest.",
    )
    how = (
        f"Whole processes, the median of {runs} run(s) of each in turn after one that warms up. CPU seconds "
        "count, since wall time on a shared machine is the others' too; each process uses one core."
    )
    head = ("what", "wall", "CPU", "more CPU than empty", "modules")
    return Table("startup", PARTS["startup"], how, head, rows, notes, about, small)


def _modules(way: tuple[str, ...]) -> int:
    took = run((sys.executable, "-c", _COUNT, "-q", "--collect-only", *way))
    return int(took.said.rsplit("modules ", 1)[1].split()[0])
