"""The gallery of real machines: each really broken in one way, and found as its scenario says. One at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.gallery import scenario_files
from lab.scenario_loader import load_scenario
from runners.cli import ROOT
from tests.lab.expectations import contradictions
from tests.runners.runs import sealproof

pytestmark = pytest.mark.real

FILES = scenario_files(ROOT / "lab" / "scenarios" / "real-gallery")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_really_broken_machine_is_found_as_its_scenario_says(file: Path, tmp_path: Path) -> None:
    (machine,) = load_scenario(file).machines
    assert machine.name == file.stem
    assert machine.spec.expect is not None

    run = sealproof(tmp_path, f"--lab={file}")

    assert contradictions(machine.spec.expect, run.evidence, file.stem) == []
    if run.target(file.stem).outcome == "proven":
        summary = (run.folder / "summary.md").read_text(encoding="utf-8")
        assert "## Forecast and findings" in summary
        assert "| **no** |" not in summary
        assert run.rows(file.stem, "post")["LNX-FORECAST-001"].outcome == "passed"
