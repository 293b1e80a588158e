"""The engine answers for every planned row, whatever breaks under it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from reports.evidence import Evidence, Run
from reports.folder import EvidenceFolder
from reports.verdict import exit_code
from runners.engine import Engine, Plan, files_digest
from runners.fleet_options import target_from_id
from runners.session import load_catalogue
from runners.votes import Votes

ID = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/Microsoft.Compute"
    "/virtualMachines/golden"
)
RUN = Run(
    id="20261122T200000Z-abc123",
    mode="generalize",
    endpoint="https://localhost:1",
    lab=True,
    started=datetime(2026, 11, 22, 20, tzinfo=UTC),
)


def engine(folder: Path, world: Any) -> Engine:
    plan = Plan((target_from_id(ID),), load_catalogue(()), "generalize", frozenset(), consent_implied=True)
    return Engine(plan, world, RUN, EvidenceFolder(folder, RUN.id), Votes(["golden"]))


def test_a_run_that_never_ends_has_left_a_record_that_proves_nothing(tmp_path: Path) -> None:
    engine(tmp_path, world=None).start(frozenset())
    evidence = Evidence.from_bytes((tmp_path / "latest" / "evidence.json").read_bytes())
    assert evidence.verdict == "undetermined"
    assert exit_code(evidence) == 8


def test_a_defect_leaves_its_target_undetermined_with_every_row(tmp_path: Path) -> None:
    broken = engine(tmp_path, world=SimpleNamespace(waivers=()))
    broken.start(frozenset({("golden", "any")}))
    evidence = broken.finish()
    assert evidence.verdict == "undetermined"
    assert evidence.targets[0].note.startswith("Sealproof itself broke (AttributeError")
    assert {(row.check, row.target) for row in evidence.results} == set(broken.plan.rows)
    assert {row.outcome for row in evidence.results} == {"undetermined"}
    assert exit_code(evidence) == 8


def test_a_digest_over_files_notices_content_and_names_but_not_the_order(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "two.py").write_text("2")
    first = files_digest([tmp_path / "one.py", tmp_path / "two.py"])
    assert first == files_digest([tmp_path / "two.py", tmp_path / "one.py"])
    (tmp_path / "two.py").write_text("3")
    changed = files_digest(tmp_path.iterdir())
    (tmp_path / "two.py").rename(tmp_path / "three.py")
    assert len({first, changed, files_digest(tmp_path.iterdir())}) == 3
