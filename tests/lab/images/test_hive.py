"""Hives that we write, read back by dissect.regf: somebody else's reading of the format."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.images.hive import Tree, write_hive

regf: Any = pytest.importorskip("dissect.regf", reason="dissect.regf is not installed: pip install -e '.[disk]'")

WRITTEN = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def read_back(tree: Tree) -> Any:
    return regf.RegistryHive(io.BytesIO(write_hive(tree, name="SYSTEM", written=WRITTEN)))


def test_values_come_back_with_their_type() -> None:
    hive = read_back({"Setup": {"SetupType": 2, "CmdLine": "oobe\\windeploy.exe", "Empty": ""}})
    setup = hive.open("Setup")
    assert setup.value("SetupType").value == 2
    assert setup.value("SetupType").type == 4
    assert setup.value("CmdLine").value == "oobe\\windeploy.exe"
    assert setup.value("CmdLine").type == 1
    assert setup.value("Empty").value == ""


def test_keys_are_found_at_every_depth_in_any_case() -> None:
    hive = read_back({"Setup": {"Status": {"SysprepStatus": {"GeneralizationState": 4}}}, "Select": {"Current": 1}})
    assert hive.open("SETUP\\status\\SysprepStatus").value("generalizationstate").value == 4
    assert sorted(key.name for key in hive.root().subkeys()) == ["Select", "Setup"]


def test_many_subkeys_and_long_texts_cross_the_first_page() -> None:
    hive = read_back({f"Key{number:03}": {"Text": "x" * 500} for number in range(100)})
    assert len(list(hive.root().subkeys())) == 100
    assert hive.open("Key099").value("Text").value == "x" * 500


def test_a_hive_says_that_it_was_closed_cleanly() -> None:
    data = write_hive({"Setup": {}}, name="SYSTEM", written=WRITTEN)
    hive = regf.RegistryHive(io.BytesIO(data))
    assert not hive.in_transaction
    assert regf.regf.xor32_crc(data[:508]) == hive.header.CheckSum
    assert hive.filename == "SYSTEM"
    assert hive.open("Setup").timestamp == WRITTEN


def test_a_name_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        write_hive({"Größe": {}}, name="SYSTEM", written=WRITTEN)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_hive({}, name="SYSTEM", written=datetime(2026, 11, 22))
