"""What the Azure CLI prints of a VM makes the same scenario as what ARM answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.scenario import Scenario
from lab.scenario_loader import load_scenario
from tests.azure_cli.azure_cli import ROOT, AzureCli

pytestmark = pytest.mark.azure_cli

VM = "-g rg-locked -n locked01"


def test_what_the_cli_prints_and_what_arm_answers_make_the_same_scenario(az: AzureCli, tmp_path: Path) -> None:
    shown = az(f"vm show {VM}").json
    disk = shown["storageProfile"]["osDisk"]["managedDisk"]["id"]
    printed: list[Path] = []
    for command in (
        f"vm get-instance-view {VM}",
        f"disk show --ids {disk}",
        "vm extension list -g rg-locked --vm-name locked01",
        "lock list -g rg-locked",
    ):
        answer = az(command)
        assert answer.code == 0, answer.error
        printed.append(tmp_path / f"{len(printed)}.json")
        printed[-1].write_text(answer.out)
    imported(az, tmp_path / "printed.yaml", *(f"--file={path}" for path in printed))
    imported(az, tmp_path / "answered.yaml", "--vm", shown["id"], *az.lab.way_in)
    first, second = (load_scenario(tmp_path / name) for name in ("printed.yaml", "answered.yaml"))
    assert documents(first) == documents(second)
    assert (first.locks, first.fleet) == (second.locks, second.fleet)
    assert [lock.name for lock in first.locks] == ["keep-group"]
    assert len(first.machines[0].extensions) == 1


def documents(scenario: Scenario) -> list[Any]:
    (machine,) = scenario.machines
    for status in machine.instance_view["vmAgent"]["statuses"]:
        del status["time"]  # when the agent last answered, which was later the second time
    return [machine.model, machine.instance_view, machine.os_disk, machine.extensions]


def imported(az: AzureCli, output: Path, *options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab", "import", *options, "--output", str(output)],
        cwd=ROOT,
        env=az.lab.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
