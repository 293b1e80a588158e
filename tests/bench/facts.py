"""The facts of one VM: ours in one script, beside pytest-testinfra's one command for each question and more."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml

from tests.bench import fleet, machine, ours, over_ssh, plain
from tests.bench.parts import PARTS
from tests.bench.questions import QUESTIONS
from tests.bench.table import Table

SCALE, _SMALL_SCALE = 10, 100
_SMALL_QUESTIONS = 3
_HEAD = ("what", "questions", "sent to the VM", "wall")


def measure(small: bool) -> Table:
    """Measure it."""
    about, scale = machine.described(), _SMALL_SCALE if small else SCALE
    rows = _over_run_command(scale, _SMALL_QUESTIONS if small else len(QUESTIONS))
    rows += over_ssh.not_measured("this is a rehearsal") if small else over_ssh.rows()
    notes = (
        "Both over Run Command: whole processes, with start-up and sign-in. Ours has what Azure itself is asked and "
        "the reports in it too. Computed is the wall time, and for each Run Command what was left out of it.",
        "A simulated guest has no answers to testinfra's commands, and takes its usual time. testinfra reads what the "
        "real VM answered when it was recorded, so that it asks as much as there.",
        "Over SSH: a Debian under QEMU without KVM, where starting a process takes many times as long as on a VM in "
        "Azure. The way there costs little, so one script gains little, and ours starts more processes. Both log in "
        "once and keep that connection; ours went first. Commands are counted by the VM's log of sudo, processes by "
        "its kernel. Ours asks the lab's Azure too.",
    )
    how = (
        f"Run Command takes some {fleet.OPERATION_SECONDS} s in Azure each time, and a VM runs one at a time. Here "
        f"that, Retry-After and the limits of throttling are shortened {scale} times. Ours asks all in one script; "
        "testinfra goes through pytest, with the plain Azure SDK or over SSH. Run Commands are counted by the lab."
    )
    return Table("facts", PARTS["facts"], how, _HEAD, rows, notes, about, small)


def _over_run_command(scale: int, questions: int) -> tuple[tuple[str, ...], ...]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario, targets = fleet.write(folder, 1, scale, observed=True)
        (vm,) = (item["id"] for item in yaml.safe_load(targets.read_text(encoding="utf-8"))["targets"])
        with fleet.served(scenario, folder) as lab:
            observed = ours.observe(lab, targets, folder / "evidence")
            one = lab.run_commands()
            took = plain.over_run_command(lab, [vm], questions, folder / "plain")
            many = lab.run_commands() - one
    left_out = fleet.OPERATION_SECONDS * (1 - 1 / scale)
    ours_wall, wall, shortened = observed.took.wall, took.wall, f"at 1/{scale} of Azure's time"
    return (
        ("ours, `--observe`", f"{observed.checks} checks", _sent(one), f"{ours_wall:.1f} s {shortened}"),
        ("pytest-testinfra", f"{questions} assertions", _sent(many), f"{wall:.1f} s {shortened}"),
        ("ours, at Azure's own time", "the same", "the same", f"{ours_wall + one * left_out:.0f} s (computed)"),
        ("pytest-testinfra, at that", "the same", "the same", f"{wall + many * left_out:.0f} s (computed)"),
    )


def _sent(number: int) -> str:
    return f"{number} Run Command{'s' if number != 1 else ''}"
