"""A run keeps what is asked for of its items, and lets go of the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runners.runs import Run, scenario, sealproof

WATCH = "tests.runners.watched_session"
HERE = "--observe"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"--lab={scenario(tmp_path_factory.mktemp('thrift'), 'debian01', 'win01')}"


def watched(folder: Path, *arguments: str) -> dict[str, int]:
    """Run with a plugin that counts what is left at the end; return its counts."""
    run = sealproof(folder, *arguments, HERE, "-p", WATCH, "-q")
    assert run.code in (0, 1), run.text
    counts: dict[str, int] = json.loads((folder / "watched.json").read_text(encoding="utf-8"))
    assert counts["items"] > 100
    return counts


def test_items_of_a_target_share_what_is_said_of_it(tmp_path: Path, lab: str) -> None:
    counts = watched(tmp_path, lab)

    # Of each target: among all rules' items, and among those of one platform.
    assert counts["specifications"] <= 6
    assert counts["kept by items"] == 0


def test_reports_that_nobody_shows_are_let_go(tmp_path: Path, lab: str) -> None:
    counts = watched(tmp_path, lab)

    assert counts["reports of setups and teardowns"] == 0
    assert counts["passed"] > 50
    assert counts["keywords of passed"] == 0
    assert counts["lists of passed"] == 1


def test_who_asks_how_long_setups_took_is_told(tmp_path: Path, lab: str) -> None:
    counts = watched(tmp_path, lab, "--durations=3")

    assert counts["reports of setups and teardowns"] == 2 * counts["items"]


def kept_ids(folder: Path, run: Run) -> bool:
    assert run.code in (0, 1), run.text
    return (folder / ".cache" / "v" / "cache" / "nodeids").exists()


def test_ids_of_items_are_kept_for_those_alone_who_want_new_ones_first(tmp_path: Path, lab: str) -> None:
    assert not kept_ids(tmp_path, sealproof(tmp_path, lab, HERE, "-q"))
    assert kept_ids(tmp_path, sealproof(tmp_path, lab, HERE, "-q", "--nf"))


def test_it_does_without_the_plugin_of_the_cache(tmp_path: Path, lab: str) -> None:
    run = sealproof(tmp_path, lab, HERE, "-q", "-pno:cacheprovider")

    assert run.code in (0, 1), run.text
