"""Ours: a run of Sealproof that only observes, as a user starts it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runners.session import load_catalogue
from tests.bench.command import ALONE, Took, run
from tests.bench.fleet import Served


@dataclass(frozen=True, slots=True)
class Observed:
    """What it took, and what came of it."""

    took: Took
    targets: int
    checks: int
    """Results of checks before the step, without those that do not apply."""


def observe(lab: Served, fleet: Path, evidence: Path) -> Observed:
    """Observe a fleet; each target must come out as ready for the step."""
    command = [str(Path(sys.executable).parent / "sealproof"), "--fleet", str(fleet), "--observe", "-q", *ALONE]
    command += ["--arm-endpoint", lab.endpoint, "--ca", str(lab.ca), "--evidence", str(evidence)]
    took = run(command, lab.environment)
    record: dict[str, Any] = json.loads((evidence / "latest" / "evidence.json").read_text(encoding="utf-8"))
    assert {target["outcome"] for target in record["targets"]} == {"ready"}, took.said
    asked = {check.id for check in load_catalogue(()).phase("pre")}
    judged = [row for row in record["results"] if row["outcome"] != "not applicable" and row["check"] in asked]
    return Observed(took, len(record["targets"]), len(judged))
