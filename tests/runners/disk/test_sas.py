"""Disks behind a SAS: real HTTPS, real faults, and a secret that stays one."""

from __future__ import annotations

import logging
import random
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.disk import sas
from runners.disk.reader import examine
from runners.disk.sas import SasSource
from runners.errors import DiskError
from runners.observe.disk import parse
from tests.runners.disk.blob_server import SIGNATURE, Blob, serving
from tests.runners.disk.disks import ImageSource, footer_of_vhd, whole

DISK = random.Random(1).randbytes(3 * sas.BLOCK + 1000 * 512)


@pytest.fixture
def blob(tmp_path: Path) -> Iterator[Blob]:
    with serving(DISK + footer_of_vhd(len(DISK)), tmp_path) as served:
        yield served


class Pauses(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_bytes_come_back_as_they_are_without_the_footer(blob: Blob) -> None:
    with SasSource(blob.url, blob.ca_file) as source:
        assert source.size == len(DISK)
        for offset, length in ((0, 512), (sas.BLOCK - 10, 20), (5, 2 * sas.BLOCK), (len(DISK) - 7, 100)):
            assert source.read(offset, length) == DISK[offset : offset + length]
        assert source.read(len(DISK), 10) == b""


def test_a_block_is_asked_for_once_and_counted(blob: Blob) -> None:
    with SasSource(blob.url, blob.ca_file) as source:
        source.read(sas.BLOCK, 100)
        sent, taken = source.requests, source.bytes_read
        source.read(sas.BLOCK + 50_000, 100)
        assert (source.requests, source.bytes_read) == (sent, taken)
        assert len(blob.ranges) == sent
        source.read(2 * sas.BLOCK, 1)
        assert (source.requests, source.bytes_read) == (sent + 1, taken + sas.BLOCK)


def test_the_cache_is_bounded(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sas, "CACHED_BLOCKS", 2)
    with SasSource(blob.url, blob.ca_file) as source:
        for number in (0, 1, 2, 0):
            source.read(number * sas.BLOCK, 1)
        assert blob.ranges.count(f"bytes=0-{sas.BLOCK - 1}") == 2


def test_a_throttled_read_waits_as_long_as_it_is_told(blob: Blob) -> None:
    pauses = Pauses()
    with SasSource(blob.url, blob.ca_file, pause=pauses) as source:
        blob.faults = ["429", "503"]
        assert source.read(sas.BLOCK, 4) == DISK[sas.BLOCK : sas.BLOCK + 4]
    assert pauses == [7.0, 7.0]


@pytest.mark.parametrize("fault", ["drop", "cut", "short"])
def test_a_broken_answer_is_asked_for_again(blob: Blob, fault: str) -> None:
    pauses = Pauses()
    with SasSource(blob.url, blob.ca_file, pause=pauses) as source:
        blob.faults = [fault, fault]
        assert source.read(sas.BLOCK, sas.BLOCK) == DISK[sas.BLOCK : 2 * sas.BLOCK]
    assert pauses == [1.0, 2.0]


def test_it_gives_up_at_last_and_says_what_it_saw(blob: Blob) -> None:
    pauses = Pauses()
    with SasSource(blob.url, blob.ca_file, pause=pauses) as source:
        blob.faults = ["500"] * 20
        with pytest.raises(DiskError, match=r"failed 6 times, the last time with: HTTP status 500"):
            source.read(sas.BLOCK, 1)
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
    with SasSource(blob.url, blob.ca_file, pause=Pauses()) as source:
        harm(blob)
        with pytest.raises(DiskError, match=reason) as caught:
            source.read(sas.BLOCK, 1)
        assert "127.0.0.1" in str(caught.value)
        shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
        assert SIGNATURE not in shown + repr(source) + repr(vars(source))
        assert caught.value.__context__ is None, "a logger that follows contexts would find the URL there"


def test_a_server_that_is_not_trusted_is_not_read(blob: Blob) -> None:
    with pytest.raises(DiskError, match="not trusted") as caught:
        SasSource(blob.url)
    assert SIGNATURE not in "".join(traceback.format_exception(caught.value))
    assert blob.ranges == []


def test_debug_logs_do_not_hold_the_secret(blob: Blob, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with SasSource(blob.url, blob.ca_file, pause=Pauses()) as source:
        blob.faults = ["drop", "cut"]
        source.read(sas.BLOCK, 1)
    assert any("md-abc/abcd?<SAS>" in record.getMessage() for record in caplog.records)
    assert SIGNATURE not in caplog.text
    assert all(SIGNATURE not in repr(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize("url", ["http://host/x?sig=secret", "https:///x?sig=secret", "https://[x?sig=secret", ""])
def test_an_address_that_is_no_https_url_is_refused_unseen(url: str) -> None:
    with pytest.raises(DiskError, match="no https URL") as caught:
        SasSource(url)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["linux-residue", "windows-sealed"])
def test_a_disk_says_the_same_through_a_sas_as_from_memory(name: str, tmp_path: Path) -> None:
    platform = name.partition("-")[0]
    data = whole(name)
    with serving(data + footer_of_vhd(len(data)), tmp_path) as served, SasSource(served.url, served.ca_file) as source:
        report = examine(source, platform)
        assert report["facts"] == examine(ImageSource(name), platform)["facts"]
        assert parse(report).coverage.bytes_read <= source.bytes_read
    assert SIGNATURE not in str(report)
