"""Disks behind a SAS: real HTTPS, real faults, and a secret that stays one."""

from __future__ import annotations

import logging
import random
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runners.disk import blocks, ranges
from runners.disk.blocks import BLOCK
from runners.disk.ranges import Access, Ranges
from runners.disk.reader import examine
from runners.disk.sas import SasSource
from runners.errors import DiskError
from runners.observe.disk import parse
from runners.secret_url import SecretUrl
from tests.runners.disk.blob_server import SIGNATURE, Blob, access_to, serving
from tests.runners.disk.disks import ImageSource, footer_of_vhd, whole

DISK = random.Random(1).randbytes(3 * BLOCK + 1000 * 512)


@pytest.fixture
def blob(tmp_path: Path) -> Iterator[Blob]:
    with serving(DISK + footer_of_vhd(len(DISK)), tmp_path) as served:
        yield served


class Pauses(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_bytes_come_back_as_they_are_without_the_footer(blob: Blob) -> None:
    with SasSource(blob.access, blob.ca_file) as source:
        assert source.size == len(DISK)
        for offset, length in ((0, 512), (BLOCK - 10, 20), (5, 2 * BLOCK), (len(DISK) - 7, 100)):
            assert source.read(offset, length) == DISK[offset : offset + length]
        assert source.read(len(DISK), 10) == b""


def test_a_block_is_asked_for_once_and_counted(blob: Blob) -> None:
    with SasSource(blob.access, blob.ca_file) as source:
        source.read(BLOCK, 100)
        sent, taken, asked = source.requests, source.bytes_read, len(blob.ranges)
        source.read(BLOCK + 50_000, 100)
        assert (source.requests, source.bytes_read) == (sent, taken)
        assert len(blob.ranges) == asked
        source.read(3 * BLOCK, 1)
        assert (source.requests, source.bytes_read) == (sent + 1, taken + BLOCK)


@pytest.mark.parametrize("answers", ["<PageList>{}</PageList>", "<PageList>{}<NextMarker>x y</NextMarker></PageList>"])
def test_what_was_never_written_is_known_without_asking(tmp_path: Path, answers: str) -> None:
    disk = DISK[:BLOCK] + bytes(2 * BLOCK) + DISK[3 * BLOCK :]
    with serving(disk + footer_of_vhd(len(disk)), tmp_path) as served:
        pages = [(0, BLOCK), (3 * BLOCK, len(disk) + 512)]
        listed = [f"<PageRange><Start>{begin}</Start><End>{end - 1}</End></PageRange>" for begin, end in pages]
        if "NextMarker" in answers:
            served.pages = "\n".join([answers.format(listed[0]), f"<PageList>{listed[1]}</PageList>"])
        else:
            served.pages = answers.format("".join(listed))
        with SasSource(served.access, served.ca_file) as source:
            assert source.read(0, len(disk)) == disk
            assert source.remarks == (
                f"of the disk {len(disk) + 512 - 2 * BLOCK} bytes were ever written, by its page ranges; the rest was "
                "not asked for",
            )
        assert served.markers[1:] == (["&marker=x%20y"] if "NextMarker" in answers else [])
        first_bytes = [int(item.removeprefix("bytes=").partition("-")[0]) for item in served.ranges]
        assert sorted(first_bytes) == [0, 3 * BLOCK, len(disk)]


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        (None, "was refused (HTTP status 403)"),
        ("<html>log in first</html>", "it is no page list"),
        ("<PageList><PageRange><Start>5</Start></PageRange></PageList>", "ranges of another form"),
        ("<PageList><PageRange><Start>5</Start><End>4</End></PageRange></PageList>", "in no order"),
        ("<PageList><PageRange><Start>0</Start><End>99999999</End></PageRange></PageList>", "past the end of the disk"),
        ("<PageList><NextMarker>1</NextMarker></PageList>", "no end"),
        ("<PageList><PageRange><Start>0</Start><End>511</End></PageRange>", "it was cut"),
    ],
    ids=["refused", "html", "form", "order", "too far", "endless", "cut"],
)
def test_without_a_list_of_pages_everything_is_read_and_the_record_says_so(
    blob: Blob, pages: str | None, reason: str
) -> None:
    blob.pages = pages
    with SasSource(blob.access, blob.ca_file) as source:
        assert source.read(0, len(DISK)) == DISK
        assert len(source.remarks) == 1
        assert source.remarks[0].startswith("zeros were asked for like anything else")
        assert reason in source.remarks[0]


def test_a_list_of_pages_of_another_version_of_the_disk_is_not_used(blob: Blob) -> None:
    blob.pages = "<PageList/>"
    with SasSource(blob.access, blob.ca_file) as source:
        assert source.read(BLOCK, 8) == bytes(8), "nothing was ever written, says the list"
    blob.pages, blob.etag = "<PageList/>", '"1"'
    reader = Ranges(blob.access, blob.ca_file)
    reader.get(0, 512)
    blob.etag = '"2"'
    with pytest.raises(DiskError, match="another version"):
        reader.pages()
    reader.close()


def test_what_is_read_in_order_is_fetched_ahead_in_few_requests_and_several_at_once(tmp_path: Path) -> None:
    disk = random.Random(2).randbytes(64 * BLOCK)
    with serving(disk, tmp_path) as served:
        served.delay = 0.02
        with SasSource(served.access, served.ca_file) as source:
            read = b"".join(source.read(offset, 65536) for offset in range(0, len(disk), 65536))
        assert read == disk
        assert len(served.ranges) <= 24
        assert served.most_at_once > 1
        assert source.bytes_read <= len(disk) + 512


def test_what_is_read_here_and_there_is_not_fetched_ahead(tmp_path: Path) -> None:
    disk = random.Random(2).randbytes(64 * BLOCK)
    with serving(disk, tmp_path) as served, SasSource(served.access, served.ca_file) as source:
        for number in (9, 50, 20, 33, 9, 20):
            assert source.read(number * BLOCK + 5, 10) == disk[number * BLOCK + 5 :][:10]
        assert source.bytes_read == 5 * BLOCK + 512


def test_several_missing_blocks_are_fetched_at_once(tmp_path: Path) -> None:
    disk = random.Random(2).randbytes(32 * BLOCK)
    with serving(disk, tmp_path) as served, SasSource(served.access, served.ca_file) as source:
        for number in (3, 7, 11):
            source.read(number * BLOCK, 1)
        served.meeting = threading.Barrier(4)
        assert source.read(BLOCK, 14 * BLOCK) == disk[BLOCK : 15 * BLOCK]
        assert served.most_at_once == 4
        assert len({*served.ranges}) == len(served.ranges)


# A SAS that expires


class Hours:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def renewing(blob: Blob, renewed: list[str], seconds: float = 3600.0) -> Access:
    def renew() -> SecretUrl:
        renewed.append("renewed")
        blob.etag = f'"{len(renewed)}"'
        return SecretUrl.parse(blob.url)

    return access_to(blob.url, seconds, renew)


def test_a_sas_is_renewed_before_it_expires(blob: Blob) -> None:
    renewed: list[str] = []
    clock = Hours()
    with SasSource(renewing(blob, renewed), blob.ca_file, clock=clock) as source:
        clock.now = 2800
        source.read(BLOCK, 1)
        assert not renewed
        clock.now = 2900
        assert source.read(2 * BLOCK, 4) == DISK[2 * BLOCK : 2 * BLOCK + 4]
        assert len(renewed) == 1
        assert source.remarks[-1] == "the SAS was renewed 1 times"


def test_a_sas_that_its_reader_comes_to_late_is_renewed_first(blob: Blob) -> None:
    renewed: list[str] = []
    clock = Hours()
    clock.now = 4000
    late = replace(renewing(blob, renewed), since=100.0)
    with SasSource(late, blob.ca_file, clock=clock) as source:
        assert source.read(BLOCK, 4) == DISK[BLOCK : BLOCK + 4]
    assert len(renewed) == 1


def test_a_sas_that_the_host_calls_expired_is_renewed_once(blob: Blob) -> None:
    renewed: list[str] = []
    with SasSource(renewing(blob, renewed), blob.ca_file) as source:
        blob.faults = ["expired"]
        assert source.read(BLOCK, 4) == DISK[BLOCK : BLOCK + 4]
        assert len(renewed) == 1
        blob.faults = ["expired"] * 9
        with pytest.raises(DiskError, match="refused its SAS"):
            source.read(3 * BLOCK, 4)
        assert len(renewed) == 2


def test_a_sas_that_was_revoked_is_not_renewed(blob: Blob) -> None:
    renewed: list[str] = []
    with SasSource(renewing(blob, renewed), blob.ca_file) as source:
        blob.revoked = True
        with pytest.raises(DiskError, match="expired or was revoked"):
            source.read(BLOCK, 4)
    assert not renewed


def test_another_disk_behind_the_renewed_sas_is_found_out(blob: Blob) -> None:
    renewed: list[str] = []
    with SasSource(renewing(blob, renewed), blob.ca_file) as source:
        blob.data = b"x" + blob.data[1:]
        blob.faults = ["expired"]
        for _ in range(2):
            with pytest.raises(DiskError, match="another one since its SAS was renewed"):
                source.read(BLOCK, 4)


def test_the_cache_is_bounded(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_CACHED", 2)
    with SasSource(blob.access, blob.ca_file) as source:
        for number in (0, 1, 2, 0):
            source.read(number * BLOCK, 1)
        assert blob.ranges.count(f"bytes=0-{BLOCK - 1}") == 2


def test_a_throttled_read_waits_as_long_as_it_is_told(blob: Blob) -> None:
    pauses = Pauses()
    with SasSource(blob.access, blob.ca_file, pause=pauses) as source:
        blob.faults = ["429", "503"]
        assert source.read(BLOCK, 4) == DISK[BLOCK : BLOCK + 4]
    assert pauses == [7.0, 7.0]


def test_a_request_without_an_answer_is_sent_again(blob: Blob) -> None:
    pauses = Pauses()
    with SasSource(blob.access, blob.ca_file, pause=pauses) as source:
        blob.faults = ["drop", "drop"]
        assert source.read(BLOCK, BLOCK) == DISK[BLOCK : 2 * BLOCK]
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(("fault", "came"), [("cut", BLOCK // 2), ("short", BLOCK - 1)])
def test_an_answer_that_broke_off_is_continued_where_it_ended(blob: Blob, fault: str, came: int) -> None:
    pauses = Pauses()
    with SasSource(blob.access, blob.ca_file, pause=pauses) as source:
        blob.faults = [fault]
        taken = source.bytes_read
        assert source.read(BLOCK, BLOCK) == DISK[BLOCK : 2 * BLOCK]
        assert source.bytes_read == taken + BLOCK, "no byte came twice"
    assert blob.ranges[-1] == f"bytes={BLOCK + came}-{2 * BLOCK - 1}"
    assert pauses == []


def test_waiting_is_bounded_in_all(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "PATIENCE", 60.0)
    pauses = Pauses()
    with SasSource(blob.access, blob.ca_file, pause=pauses) as source:
        blob.faults = ["503"] * 5
        source.read(BLOCK, 1)
        blob.faults = ["503"] * 5
        with pytest.raises(DiskError, match=r"HTTP status 503. Waiting has taken, or would take, 63 s in all; 60 s"):
            source.read(3 * BLOCK, 1)
    assert sum(pauses) == 56


def test_it_gives_up_at_last_and_says_what_it_saw(blob: Blob) -> None:
    pauses = Pauses()
    with SasSource(blob.access, blob.ca_file, pause=pauses) as source:
        blob.faults = ["500"] * 20
        with pytest.raises(DiskError, match=r"failed 6 times, the last time with: HTTP status 500"):
            source.read(BLOCK, 1)
    assert len(pauses) == 5


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda blob: setattr(blob, "revoked", True), "expired or was revoked"),
        (lambda blob: setattr(blob, "etag", '"0x8DD1"'), "changed while it was read"),
        (lambda blob: blob.faults.append("everything"), "HTTP status 200"),
        (lambda blob: blob.faults.append("302"), "HTTP status 302"),
        (lambda blob: blob.faults.extend(["drop"] * 20), "no complete answer"),
    ],
    ids=["revoked", "changed", "no ranges", "redirected", "unreachable"],
)
def test_no_error_gives_the_secret_away(blob: Blob, harm: object, reason: str) -> None:
    assert callable(harm)
    with SasSource(blob.access, blob.ca_file, pause=Pauses()) as source:
        harm(blob)
        with pytest.raises(DiskError, match=reason) as caught:
            source.read(BLOCK, 1)
        assert "127.0.0.1" in str(caught.value)
        shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
        assert SIGNATURE not in shown + repr(source) + repr(vars(source))
        assert caught.value.__context__ is None, "a logger that follows contexts would find the URL there"


def test_a_server_that_is_not_trusted_is_not_read(blob: Blob) -> None:
    with pytest.raises(DiskError, match="not trusted") as caught:
        SasSource(blob.access)
    assert SIGNATURE not in "".join(traceback.format_exception(caught.value))
    assert blob.ranges == []


def test_debug_logs_do_not_hold_the_secret(blob: Blob, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with SasSource(blob.access, blob.ca_file, pause=Pauses()) as source:
        blob.faults = ["drop", "cut"]
        source.read(BLOCK, 1)
    assert any("md-abc/abcd?<SAS>" in record.getMessage() for record in caplog.records)
    assert SIGNATURE not in caplog.text
    assert all(SIGNATURE not in repr(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize("name", ["linux-residue", "windows-sealed"])
def test_a_disk_says_the_same_through_a_sas_as_from_memory(name: str, tmp_path: Path) -> None:
    platform = name.partition("-")[0]
    data = whole(name)
    with (
        serving(data + footer_of_vhd(len(data)), tmp_path) as served,
        SasSource(served.access, served.ca_file) as source,
    ):
        report = examine(source, platform)
        assert report["facts"] == examine(ImageSource(name), platform)["facts"]
        assert parse(report).coverage.bytes_read <= source.bytes_read
    assert SIGNATURE not in str(report)
