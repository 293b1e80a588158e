"""`witness: guest`: nobody reads the disk, the guest itself says what it saw, and the best of that is *sealed*."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runners.runs import Run, scenario, sealproof

ACCESS = {"disks/beginGetAccess", "disks/endGetAccess"}


def lab(folder: Path, look: str, *machines: str, **target: object) -> str:
    """Write a lab whose guests testify themselves: `debian01` sees what the file `look` says."""
    names = machines or ("debian01",)
    data: dict[str, Any] = yaml.safe_load(scenario(folder, *names, seconds=0.02).read_text(encoding="utf-8"))
    for machine in data["machines"]:
        if machine["platform"] == "linux":
            machine["guest"]["simulated"]["on_launch"]["look"] = look
    for item in data["fleet"]["targets"]:
        item |= {"witness": "guest", **target}
    path = folder / "guest.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return f"--lab={path}"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sealed")
    return sealproof(folder, lab(folder, "debian-sealed", "debian01", "win01"))


def test_a_guest_that_says_so_is_sealed_and_never_proven(run: Run) -> None:
    target = run.target("debian01")
    assert (target.outcome, target.witness) == ("sealed", "guest")
    assert (target.vantages.look, target.vantages.disk) == ("simulated", "none")
    assert "debian01" not in run.evidence.coverage
    assert {"LNX-WAAGENT-001", "LNX-USER-001"} <= {*target.proof}


def test_nobody_asked_for_its_disk(run: Run) -> None:
    writes = run.writes("debian01")
    assert not ACCESS & {*writes}
    assert (writes["virtualMachines/generalize"], writes["virtualMachines/deallocate"]) == (1, 1)


def test_the_same_rules_are_judged_but_those_that_need_the_disk(run: Run) -> None:
    rows = run.rows("debian01", "post")
    assert {rows[check].outcome for check in ("LNX-SHADOW-001", "LNX-BACKUP-001", "LNX-MACHINE-001")} == {"passed"}
    assert rows["DISK-COVERAGE-001"].outcome == "not applicable"
    assert not {row.outcome for row in rows.values()} & {"undetermined", "failed", "blocked"}
    pre = run.rows("debian01", "pre")
    assert {pre[check].outcome for check in ("AZ-DISK-001", "AZ-DISK-003", "LNX-VOLUME-001")} == {"not applicable"}


def test_every_rendering_says_not_proven(run: Run) -> None:
    assert "NOT PROVEN: debian01. Nobody read the stopped disk." in " ".join(run.text.split())
    assert "not proven" in (run.folder / "summary.md").read_text(encoding="utf-8").lower()
    assert "not proven" in (run.folder / "report.html").read_text(encoding="utf-8").lower()
    assert "PROVEN  " not in run.text


def test_a_windows_vm_is_left_alone_with_the_reason(run: Run) -> None:
    target = run.target("win01")
    assert (target.outcome, target.gate.open) == ("failed", False)
    assert any("asks only Linux guests" in reason.text for reason in target.gate.reasons)
    assert not {"virtualMachines/deallocate", *ACCESS} & {*run.writes("win01")}


def test_sealed_is_enough_where_the_fleet_file_asks_for_no_more(tmp_path: Path) -> None:
    alone = sealproof(tmp_path, lab(tmp_path, "debian-sealed"), "-q")
    assert (alone.code, alone.evidence.verdict) == (0, "sealed")
    again = sealproof(tmp_path, lab(tmp_path, "debian-sealed"), "--confirm", "-q")
    assert again.code != 0
    assert "no other witness" in again.rows("debian01", "post")["LNX-WAAGENT-001"].reason or "running" in again.text


@pytest.mark.parametrize(
    ("look", "outcome", "told"),
    [("debian-residue", "failed", "LNX-BACKUP-001"), ("", "undetermined", "the guest's own look at itself")],
    ids=["residue is seen", "no answer"],
)
def test_a_guest_that_does_not_is_not_flagged(tmp_path: Path, look: str, outcome: str, told: str) -> None:
    run = sealproof(tmp_path, lab(tmp_path, look), "-q")
    assert (run.target("debian01").outcome, run.code) == (outcome, 1 if outcome == "failed" else 8)
    assert told in run.target("debian01").note + "".join(row.reason for row in run.rows("debian01", "post").values()), (
        run.target("debian01").note
    )
    assert "virtualMachines/generalize" not in run.writes("debian01")
