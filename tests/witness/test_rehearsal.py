"""What is tried before the step of what is needed after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from runners.azure import Arm
from runners.errors import AzureError
from tests.runners.runs import scenario, sealproof


def test_a_serial_log_that_can_not_be_fetched_closes_the_gate_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Arm, vm: str) -> bytes:
        raise AzureError(
            f"the serial log of {vm} could not be fetched from md-x.z1.blob.storage.azure.net: ConnectTimeout"
        )

    monkeypatch.setattr(Arm, "serial_log", refused)
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'debian01', 'win01')}", "-q")
    linux, windows = run.target("debian01"), run.target("win01")
    assert (linux.gate.open, linux.outcome, windows.outcome) == (False, "failed", "proven")
    (reason,) = linux.gate.reasons
    assert "can't be fetched already now" in reason.text
    assert "md-x.z1.blob.storage.azure.net" in reason.text
    assert not {"virtualMachines/deallocate", "virtualMachines/generalize"} & {*run.asked("debian01")}


def test_where_nothing_is_to_be_done_no_serial_log_is_fetched(tmp_path: Path) -> None:
    data: dict[str, Any] = yaml.safe_load(scenario(tmp_path, "debian01").read_text(encoding="utf-8"))
    assert data["machines"][0]["name"] == "debian01"
    run = sealproof(tmp_path, f"--lab={tmp_path / 'small.yaml'}", "--observe", "-q")
    assert "virtualMachines/retrieveBootDiagnosticsData" not in run.asked("debian01")
