"""The engine answers for every planned row, whatever breaks under it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reports.evidence import Evidence, Run
from reports.evidence import Target as TargetRecord
from reports.folder import EvidenceFolder
from reports.verdict import exit_code
from runners.engine import Engine, Plan, files_digest
from runners.fleet import Target
from runners.fleet_options import target_from_id
from runners.route import Orders
from runners.session import load_catalogue
from runners.votes import PlainTest, Votes

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


def engine(folder: Path, world: Any, *others: str) -> Engine:
    targets = [target_from_id(ID), *(target_from_id(ID.replace("golden", name)) for name in others)]
    plan = Plan(tuple(targets), load_catalogue(()), "generalize", frozenset(), consent_implied=True)
    return Engine(plan, world, RUN, EvidenceFolder(folder, RUN.id), Votes(item.name for item in targets))


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


class LongWay:
    """A way that takes a while, and leads to a target that is proven."""

    def __init__(self, target: Target, *_: object) -> None:
        self._target = target

    async def travel(self) -> tuple[TargetRecord, None]:
        await asyncio.sleep(0.2)
        return TargetRecord(name=self._target.name, id=self._target.subject, kind="vm", outcome="proven"), None


def breaks(error: BaseException) -> Callable[..., Any]:
    def broken(*_: object) -> None:
        raise error

    return broken


def ended(running: Engine) -> dict[str, TargetRecord]:
    """Start an engine and return its targets as they are recorded, by name; fails if it does not end."""
    found: list[Evidence] = []
    running.start(frozenset())
    thread = threading.Thread(target=lambda: found.append(running.finish()), daemon=True)
    thread.start()
    thread.join(20)
    assert found, "it did not end"
    assert {(row.check, row.target) for row in found[0].results} == set(running.plan.rows)
    return {target.name: target for target in found[0].targets}


@pytest.mark.parametrize("error", [RuntimeError("a defect"), SystemExit(1)])
def test_a_target_whose_way_can_not_be_begun_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(
        "runners.engine.way_of", lambda target, _: breaks(error) if target.name == "golden" else LongWay
    )
    targets = ended(engine(tmp_path, SimpleNamespace(waivers=()), "web", "db"))
    assert {name: target.outcome for name, target in targets.items()} == {
        "golden": "undetermined",
        "web": "proven",
        "db": "proven",
    }
    assert f"Sealproof itself broke ({type(error).__name__}" in targets["golden"].note


@pytest.mark.parametrize("place", ["its record", "its failure"])
def test_a_target_that_can_not_be_recorded_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    broken = engine(tmp_path, SimpleNamespace(waivers=()), "web")
    monkeypatch.setattr("runners.engine.way_of", lambda *_: LongWay)
    if place == "its record":
        finish = broken.board.finish
        monkeypatch.setattr(
            broken.board, "finish", lambda item: breaks(OSError())() if item.name == "golden" else finish(item)
        )
    else:
        monkeypatch.setattr(
            "runners.engine.way_of", lambda target, _: breaks(OSError()) if target.name == "golden" else LongWay
        )
        monkeypatch.setattr(broken, "_broken", breaks(RuntimeError("a defect")))
    targets = ended(broken)
    assert targets["web"].outcome == "proven"
    assert targets["golden"].outcome == "undetermined"
    assert "its end could not be recorded" in targets["golden"].note


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_vote_that_comes_when_the_loop_is_closed_is_heard_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Voting(LongWay):
        def __init__(self, target: Target, _world: object, _catalogue: object, orders: Orders, *_: object) -> None:
            super().__init__(target)
            self._orders = orders

        async def travel(self) -> tuple[TargetRecord, None]:
            asyncio.get_running_loop().call_later(0.1, breaks(SystemExit(1)))
            await self._orders.votes(self._target)
            return await super().travel()

    running = engine(tmp_path, SimpleNamespace(waivers=()))
    running.votes.plan([PlainTest("test_port", "test_port", "golden")])
    monkeypatch.setattr("runners.engine.way_of", lambda *_: Voting)
    running.start(frozenset())
    (thread,) = [item for item in threading.enumerate() if item.name == "sealproof-engine"]
    assert running.board.target("golden").outcome == "undetermined"
    assert running.wait()
    thread.join()


def test_a_digest_over_files_notices_content_and_names_but_not_the_order(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "two.py").write_text("2")
    first = files_digest([tmp_path / "one.py", tmp_path / "two.py"])
    assert first == files_digest([tmp_path / "two.py", tmp_path / "one.py"])
    (tmp_path / "two.py").write_text("3")
    changed = files_digest(tmp_path.iterdir())
    (tmp_path / "two.py").rename(tmp_path / "three.py")
    assert len({first, changed, files_digest(tmp_path.iterdir())}) == 3
