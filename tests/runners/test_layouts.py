"""Whole paths over the layouts of a system's volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runners.runs import Run, scenario, sealproof


def run(folder: Path, **guest: Any) -> Run:
    """Run one Linux machine whose guest has these settings besides."""
    path = scenario(folder, "debian01")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["machines"][0]["guest"]["simulated"] |= {"disk": "linux-lvm-configured", **guest}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return sealproof(folder, f"--lab={path}", "--evidence=evidence", "-q")


@pytest.mark.parametrize(("after", "outcome"), [("linux-lvm-sealed", "proven"), ("linux-lvm-configured", "failed")])
def test_the_layout_of_azures_rhel_images_is_judged_to_the_end(tmp_path: Path, after: str, outcome: str) -> None:
    done = run(tmp_path, patches=["lvm"], on_launch={"seconds": 0.05, "disk": after, "transcript": "debian-sealed"})
    assert done.target("debian01").outcome == outcome
    assert done.code == (0 if outcome == "proven" else 1)
    assert done.rows("debian01", "pre")["LNX-VOLUME-001"].outcome == "passed"


def test_a_thin_volume_closes_the_gate(tmp_path: Path) -> None:
    mounts = ["+/ /dev/mapper/rootvg-rootlv xfs stacked dm-3", "#1"]
    done = run(tmp_path, patch={"mounts": {"system_mounts": mounts}})
    assert done.rows("debian01", "pre")["LNX-VOLUME-001"].outcome == "failed"
    assert not any("generalize" in name for name in done.writes("debian01"))
