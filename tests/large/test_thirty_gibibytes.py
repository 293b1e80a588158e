"""All Linux post-checks of a disk of 30 GiB, over HTTPS with 20 ms before each answer, read less than 0.2 % of it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import LinuxDisk
from checks.healthy import observation
from checks.judgement import Judgement, judge
from runners.disk.reader import examine
from runners.disk.sas import SasSource
from runners.observe.disk import parse
from tests.large import disk as large
from tests.runners.disk.blob_server import Blob, serving

LATENCY = 0.02
SHARE = 0.002
MOST_REQUESTS = 80

pytestmark = pytest.mark.skipif(bool(large.missing()), reason=large.missing())


@pytest.fixture(scope="module")
def vhd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = large.make(tmp_path_factory.mktemp("large"))
    yield made
    made.unlink()


@pytest.fixture
def blob(vhd: Path, tmp_path: Path) -> Iterator[Blob]:
    with (
        vhd.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        serving(cast("bytes", content), tmp_path) as served,
    ):
        served.delay = LATENCY
        yield served


def read(blob: Blob, show: Any) -> LinuxDisk:
    with SasSource(blob.access, blob.ca_file) as source:
        seen = parse(examine(source, "linux"))
    assert isinstance(seen, LinuxDisk)
    coverage = seen.coverage
    share = coverage.bytes_read / coverage.size_bytes
    show(
        f"\n{coverage.bytes_read:,} of {coverage.size_bytes:,} bytes ({share:.3%}), "
        f"{coverage.requests} requests, {coverage.seconds:.2f} s at {LATENCY * 1000:.0f} ms, "
        f"{coverage.files_examined} files; {'; '.join(coverage.remarks)}"
    )
    assert coverage.size_bytes == large.SIZE
    assert coverage.bytes_read < SHARE * coverage.size_bytes
    assert coverage.requests <= MOST_REQUESTS
    assert blob.most_at_once <= 4
    return seen


def judged(seen: LinuxDisk) -> dict[str, Judgement]:
    checks = Catalogue.from_modules(builtin_modules()).phase("post")
    rows = [judge(check, observation(platform="linux", disk=seen)) for check in checks if check.needs == ("disk",)]
    return {row.check.id: row for row in rows if row.outcome != "not applicable"}


@pytest.mark.parametrize("known", [True, False], ids=["page ranges", "no page ranges"])
def test_a_sealed_disk_passes_every_check_after_reading_little(
    blob: Blob, vhd: Path, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    blob.pages = large.page_list(vhd) if known else None
    with capsys.disabled():
        seen = read(blob, print)
    outcomes = {id_: row.outcome for id_, row in judged(seen).items()}
    assert len(outcomes) > 5
    assert {id_: outcome for id_, outcome in outcomes.items() if outcome != "passed"} == {}


def test_residue_on_it_is_found_after_reading_as_little(
    blob: Blob, vhd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large.plant(vhd, "etc/shadow-", "azureuser:$y$j9T$Planted$ByATest:20779:0:99999:7:::\n")
    blob.pages = large.page_list(vhd)
    with capsys.disabled():
        seen = read(blob, print)
    assert [id_ for id_, row in judged(seen).items() if row.outcome == "failed"] == ["LNX-BACKUP-001"]
