"""With pytest-xdist one process drives the run: workers show what it found, and whatever becomes of them, it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from runners.desk import Telling
from runners.session import load_catalogue
from runners.votes import Votes
from runners.workers import Workers, findings_of_controller
from tests.runners.runs import Run, scenario, sealproof, team

# 'check_lock_absent[debian01] PASSED   [ 12%]', '[gw0] [ 12%] PASSED ...::check_lock_absent[debian01]'
_WORD = re.compile(r"\b(NOT APPLICABLE|[A-Z]{4,})\b")
_NODE = re.compile(r"(?:checks|rules)/\S+::\S+")
TEST_HELLO = "def test_hello(host):\n    assert host.run('echo hello').stdout == 'hello'\n"


def words(run: Run) -> set[tuple[str, str]]:
    """What is said of each item in the long list."""
    lines = (line for line in run.text.splitlines() if _NODE.search(line) and "%]" in line)
    return {(_NODE.search(line)[0], _WORD.search(_NODE.sub("", line))[1]) for line in lines}  # type: ignore[index]


def every_row_once(run: Run) -> bool:
    planned = [(target.name, check) for target in run.evidence.targets for check in load_catalogue(())]
    return sorted((row.target, row.check) for row in run.evidence.results) == sorted(planned)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The same run in one process, and with two workers."""
    runs = []
    for number in (0, 2):
        folder = tmp_path_factory.mktemp("shown")
        lab = f"--lab={scenario(folder, 'debian01', 'residue01')}"
        rules = team(folder, test_hello=TEST_HELLO)
        runs.append(sealproof(folder, lab, rules, "-v", f"-n{number}", "--alluredir=allure"))
    return runs[0], runs[1]


def test_workers_change_no_verdict_and_no_row(shown: tuple[Run, Run]) -> None:
    alone, spread = shown
    assert (spread.code, spread.evidence.verdict) == (alone.code, alone.evidence.verdict) == (1, "failed")
    assert every_row_once(spread)
    for name in ("debian01", "residue01"):
        assert spread.target(name).gate == alone.target(name).gate
        for phase in ("pre", "post"):
            assert spread.rows(name, phase) == alone.rows(name, phase)


def test_workers_do_nothing_twice(shown: tuple[Run, Run]) -> None:
    alone, spread = shown
    for name in ("debian01", "residue01"):
        assert spread.writes(name) == alone.writes(name)
    assert spread.writes("debian01")["virtualMachines/generalize"] == 1


def test_workers_show_the_same_words(shown: tuple[Run, Run]) -> None:
    alone, spread = (words(run) for run in shown)
    assert spread == alone
    assert {word for _, word in alone} >= {"PASSED", "FAILED", "BLOCKED", "NOT APPLICABLE"}


def test_workers_write_allure_results_and_the_controller_what_they_lack(shown: tuple[Run, Run]) -> None:
    folders = [run.evidence_root.parent / "allure" for run in shown]
    names = [sorted(json.loads(file.read_text())["name"] for file in at.glob("*-result.json")) for at in folders]
    assert names[0] == names[1]
    assert all((at / "environment.properties").is_file() for at in folders)


def test_only_one_evidence_folder_is_written(shown: tuple[Run, Run]) -> None:
    assert len([item for item in shown[1].evidence_root.iterdir() if not item.is_symlink()]) == 1


# When the controller starts the run


@dataclass
class Started:
    """A run that only notes how it was started."""

    votes: Votes = field(default_factory=lambda: Votes(["web"]))
    engine: None = None
    selected: tuple[()] = ()
    starts: list[tuple[object, object]] = field(default_factory=list)
    request: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(names_targets=True))

    def start(self, selected: object, tests: object) -> None:
        self.starts.append((selected, tests))

    def findings_for(self, process: str) -> None:
        return None


class Controlled:
    """The controller's hooks, called as pytest-xdist calls them, with real workers' ends of the desk."""

    def __init__(self) -> None:
        self.run = Started()
        option = SimpleNamespace(continue_on_collection_errors=False)
        self.hooks = Workers(cast(Any, SimpleNamespace(option=option)), cast(Any, self.run))
        self.hooks.pytest_xdist_setupnodes(specs=["popen", "popen"])

    def collect(self, worker: str, telling: Telling, *ids: str) -> None:
        node = SimpleNamespace(gateway=SimpleNamespace(id=worker), workerinput={"workerid": worker})
        self.hooks.pytest_configure_node(node)
        desk = findings_of_controller(cast(Any, SimpleNamespace(workerinput=node.workerinput)))
        desk.tell(telling)
        desk.close()
        self.hooks.pytest_xdist_node_collection_finished(node, ids or telling.ids)


@pytest.fixture
def controlled() -> Iterator[Controlled]:
    made = Controlled()
    yield made
    made.hooks.pytest_sessionfinish()


TOLD = Telling(ids=("a", "b"), shows=True, selection=frozenset({("web", "any")}), tests=(), errors=0)


def test_the_run_starts_once_when_the_last_worker_has_collected(controlled: Controlled) -> None:
    controlled.collect("gw0", TOLD)
    assert controlled.run.starts == []
    controlled.collect("gw1", TOLD)
    assert controlled.run.starts == [(TOLD.selection, TOLD.tests)]
    # A worker that replaces a dead one collects again, and what it says changes nothing.
    controlled.collect("gw2", TOLD.model_copy(update={"selection": frozenset()}))
    assert len(controlled.run.starts) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ids": ("a", "c")}, "only one has b"),
        ({"ids": ("b", "a")}, "in another order"),
        ({"selection": frozenset()}, "with other errors or targets"),
    ],
)
def test_workers_that_collected_differently_start_nothing(
    controlled: Controlled, change: dict[str, Any], told: str
) -> None:
    controlled.collect("gw0", TOLD)
    with pytest.raises(pytest.UsageError, match=f"collected differently .{told}.*nothing was started"):
        controlled.collect("gw1", TOLD.model_copy(update=change))
    assert controlled.run.starts == []


def test_a_worker_that_runs_other_items_than_it_told_of_starts_nothing(controlled: Controlled) -> None:
    with pytest.raises(pytest.UsageError, match="gw0 runs other items"):
        controlled.collect("gw0", TOLD, "a")


def test_what_could_not_be_collected_starts_nothing(controlled: Controlled) -> None:
    broken = TOLD.model_copy(update={"errors": 1})
    controlled.collect("gw0", broken)
    with pytest.raises(pytest.Session.Interrupted, match="1 errors during collection"):
        controlled.collect("gw1", broken)
    assert controlled.run.starts == []


def test_where_nothing_is_shown_nothing_is_started(controlled: Controlled) -> None:
    for worker in ("gw0", "gw1"):
        controlled.collect(worker, TOLD.model_copy(update={"shows": False}))
    assert controlled.run.starts == []
