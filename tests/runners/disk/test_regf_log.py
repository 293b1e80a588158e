"""Hives whose last changes are in their transaction logs: read as Windows would load them, or not at all."""

from __future__ import annotations

import io
import itertools
import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.images.hive import write_hive
from lab.images.hive_log import entry, unflushed

regf_log: Any = pytest.importorskip(
    "runners.disk.process.regf_log", reason="dissect is not installed: pip install -e '.[disk]'"
)
regf: Any = pytest.importorskip("dissect.regf")
Unreadable = pytest.importorskip("runners.disk.process.tree").Unreadable

WRITTEN = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
STATES = tuple(
    write_hive({"Setup": {"SetupType": number, "CmdLine": f"command {number}" * 60}}, name="SYSTEM", written=WRITTEN)
    for number in range(4)
)
"""The hive at four times, of one length."""
HIVE, LOG = unflushed(STATES[0], STATES[1])
BASE = 512


def bins(state: int) -> bytes:
    return STATES[state][4096:]


def setup_type(hive: bytes, *logs: bytes) -> int:
    loaded = regf_log.replayed(io.BytesIO(hive), "SYSTEM", [io.BytesIO(log) for log in logs])
    return int(regf.RegistryHive(loaded).open("Setup").value("SetupType").value)


def numbered(first: int, *states: int) -> bytes:
    """Return a log whose entries, numbered from `first`, lead from one state to the next."""
    steps = itertools.pairwise(states)
    return LOG[:BASE] + b"".join(entry(first + place, bins(a), bins(b)) for place, (a, b) in enumerate(steps))


def test_the_hash_is_windows_own() -> None:
    """Vectors of the .NET runtime's own tests, with their seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regf_log, "_SEED", 0x004FB61A001BDBCC)
        assert regf_log.marvin32(b"") == 0x30ED35C100CD3C7D
        assert regf_log.marvin32(b"\xaf") == 0x48E73FC77D75DDC1
        assert regf_log.marvin32(bytes.fromhex("8642DC59")) == 0x7008F2E87E9CF556


def test_a_clean_hive_needs_no_log() -> None:
    assert setup_type(STATES[0], LOG) == 0


def test_the_last_change_is_in_the_log() -> None:
    assert setup_type(HIVE, LOG) == 1
    assert setup_type(HIVE, b"", LOG) == 1


def test_entries_are_applied_in_their_order_over_both_logs() -> None:
    assert setup_type(HIVE, numbered(1, 0, 1), numbered(2, 1, 2, 3)) == 3
    assert setup_type(HIVE, numbered(2, 1, 2, 3), numbered(1, 0, 1)) == 3


def test_what_an_earlier_round_left_in_a_log_is_not_applied() -> None:
    stale = entry(0, bins(0), bins(3))
    assert setup_type(HIVE, numbered(1, 0, 1) + stale) == 1
    assert setup_type(HIVE, LOG[:BASE] + stale, numbered(1, 0, 2)) == 2


def test_an_entry_after_a_gap_is_not_applied() -> None:
    assert setup_type(HIVE, numbered(1, 0, 1), numbered(3, 1, 2)) == 1


@pytest.mark.parametrize("place", [BASE, BASE + 5, BASE + 13, BASE + 25, BASE + 33, BASE + 41, len(LOG) - 1])
def test_a_damaged_entry_is_no_entry(place: int) -> None:
    damaged = LOG[:place] + bytes([LOG[place] ^ 1]) + LOG[place + 1 :]
    with pytest.raises(Unreadable, match="not closed cleanly"):
        setup_type(HIVE, damaged)


def test_a_log_of_another_kind_is_not_read() -> None:
    """Before Windows 8.1: DIRT, and a bitmap of the pages."""
    head = bytearray(LOG[:508])
    head[28:32] = struct.pack("<I", 1)
    old = bytes(head) + struct.pack("<I", regf_log.checksum(bytes(head))) + b"DIRT" + LOG[BASE + 4 :]
    with pytest.raises(Unreadable, match="hold none that could be used"):
        setup_type(HIVE, old)


def test_without_its_logs_such_a_hive_is_no_witness() -> None:
    with pytest.raises(Unreadable, match="not closed cleanly"):
        setup_type(HIVE)


def test_a_log_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regf_log, "_LARGEST_LOG", 1024)
    with pytest.raises(Unreadable, match="more than the 1024"):
        setup_type(HIVE, LOG)


def test_a_hive_that_grew_in_its_log_is_read_to_its_new_end() -> None:
    grown = write_hive({"Setup": {"SetupType": 7}, "More": {"Text": "x" * 9000}}, name="SYSTEM", written=WRITTEN)
    assert len(grown) > len(HIVE)
    hive, log = unflushed(STATES[0], grown)
    assert setup_type(hive, log) == 7
