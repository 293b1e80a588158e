"""Shares of a fleet, in jobs that know nothing of each other, joined afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.errors import UsageError
from runners.shard import Shard
from tests.runners.runs import Run, scenario, sealproof


@given(items=st.lists(st.integers(), unique=True), of=st.integers(1, 20))
def test_every_item_is_in_one_share(items: list[int], of: int) -> None:
    shares = [Shard(number, of).share(items) for number in range(1, of + 1)]

    assert sorted(item for share in shares for item in share) == sorted(items)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "one/two", "1 / 3", "12345/99999"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--shard .*from 1/1 on: --shard=3/8"):
        Shard.parse(text)


def test_a_share_is_written_as_it_is_read() -> None:
    assert str(Shard.parse("3/8")) == "3/8"


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("shares")
    lab = scenario(folder, "debian01", "win01")
    found = []
    for number in (1, 2):
        place = folder / str(number)
        place.mkdir()
        found.append(sealproof(place, f"--lab={lab}", f"--shard={number}/2", "-q", "-k", "executor"))
    return found


def test_a_share_is_a_run_of_its_own(shares: list[Run]) -> None:
    assert [run.code for run in shares] == [0, 0]
    assert [[item.name for item in run.evidence.targets] for run in shares] == [["debian01"], ["win01"]]
    assert [run.evidence.run.shard for run in shares] == ["1/2", "2/2"]
    assert shares[0].evidence.run.digests == shares[1].evidence.run.digests


def test_a_share_of_nothing_is_refused(tmp_path: Path) -> None:
    lab = scenario(tmp_path, "debian01")
    run = sealproof(tmp_path, f"--lab={lab}", "--shard=2/2", "-q")

    assert run.code == 4
    assert "--shard 2/2: nothing is left for this share of 1 target(s)" in run.text
    assert run.started_nothing
