"""What could not be looked at is told once, with its path and all that hangs on it."""

from __future__ import annotations

from checks.facts import Fact
from lab.images import open_image
from runners.disk.process.gaps import gaps
from runners.disk.reader import examine
from runners.observe.disk import parse
from tests.runners.disk.disks import WINDOWS_VOLUME, ImageSource, in_transaction


def test_a_disk_that_was_read_whole_has_none() -> None:
    assert parse(examine(ImageSource("windows-sealed"), "windows")).coverage.gaps == ()


def test_each_reason_is_told_once_with_its_path_and_the_facts() -> None:
    found = parse(examine(ImageSource(in_transaction("windows-sealed")), "windows")).coverage.gaps
    hives = {name for name in ("SAM", "SECURITY", "SOFTWARE", "SYSTEM") for gap in found if f"config/{name} was" in gap}
    assert hives == {"SAM", "SECURITY", "SOFTWARE", "SYSTEM"}
    assert any("image_state" in gap and "more)" in gap for gap in found if "config/SOFTWARE" in gap)
    assert len(found) == len(hives)


def test_a_volume_that_is_not_read_leaves_one() -> None:
    encrypted = open_image("windows-sealed").replaced(WINDOWS_VOLUME + 3, b"-FVE-FS-")
    (gap,) = parse(examine(ImageSource(encrypted), "windows")).coverage.gaps
    assert "BitLocker" in gap


def test_many_reasons_are_cut() -> None:
    facts: dict[str, Fact[int]] = {
        f"fact{number}": Fact.unknown(f"reason {number} " + "x" * 900) for number in range(300)
    }
    found = gaps({"topic": facts, "known": Fact.of(1), "absent": Fact.missing()})
    assert len(found) == 100
    assert max(map(len, found)) <= 512
