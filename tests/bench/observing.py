"""A fleet that is only observed: ours, beside plain pytest-testinfra under pytest-xdist."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml

from tests.bench import fleet, machine, ours, plain
from tests.bench.command import Took
from tests.bench.parts import PARTS
from tests.bench.questions import QUESTIONS
from tests.bench.table import Table

SCALE, _SMALL_SCALE = 10, 100
_COUNT, _WORKERS, _QUESTIONS = 10, 8, len(QUESTIONS)
_SMALL = (2, 2, 3)
HEAD = ("what", "VMs", "asked of each", "Run Commands", "wall", "CPU", "peak memory of a process")


def measure(small: bool) -> Table:
    """Measure it."""
    about, scale = machine.described(), _SMALL_SCALE if small else SCALE
    count, workers, questions = _SMALL if small else (_COUNT, _WORKERS, _QUESTIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario, targets = fleet.write(folder, count, scale, observed=True)
        vms = [target["id"] for target in yaml.safe_load(targets.read_text(encoding="utf-8"))["targets"]]
        with fleet.served(scenario, folder) as lab:
            observed = ours.observe(lab, targets, folder / "evidence")
            few = lab.run_commands()
            took = plain.over_run_command(lab, vms, questions, folder / "plain", workers)
            many = lab.run_commands() - few
    xdist = f"pytest-testinfra, `pytest -n {workers} --dist loadfile`"
    rows = (
        _row("ours, `--observe`", count, f"{observed.checks / count:.0f} checks", few, observed.took),
        _row(xdist, count, f"{questions} assertions", many, took),
    )
    notes = (
        "A file of tests for each VM, since a VM runs one Run Command at a time: a worker asks one VM after another. "
        "More workers would shorten that, at the cost of a process each.",
        "What testinfra reads was recorded from a real VM, as above: the guests are simulated. CPU has the workers in "
        "it, and not the lab.",
        "Larger fleets were not measured this way, and nothing is said of them.",
    )
    how = (
        "All Linux, simulated, on one lab in a process of its own, one after the other. Nothing is generalized. What "
        f"Azure takes (a Run Command {fleet.OPERATION_SECONDS} s, Retry-After {fleet.RETRY_AFTER} s) is shortened "
        f"{scale} times, and so are the limits of throttling."
    )
    return Table("observing", PARTS["observing"], how, HEAD, rows, notes, about, small)


def _row(what: str, count: int, asked: str, run_commands: int, took: Took) -> tuple[str, ...]:
    return (
        *(what, str(count), asked, str(run_commands)),
        *(f"{took.wall:.1f} s", f"{took.cpu:.1f} s", f"{took.peak / 1024**2:.0f} MiB"),
    )
