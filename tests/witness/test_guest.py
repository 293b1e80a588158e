"""`witness: guest`: nobody reads the disk, the guest itself says what it saw, and the best of that is *sealed*."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.server import serve
from tests.faults.fleet import fleet_file, signed_in
from tests.runners.runs import Run, scenario, sealproof

ACCESS = {"disks/beginGetAccess", "disks/endGetAccess"}


def lab(folder: Path, look: str, *machines: str, **target: object) -> str:
    """Write a lab whose guests testify themselves: each of the look's platform sees what the file `look` says."""
    names = machines or ("debian01",)
    data: dict[str, Any] = yaml.safe_load(scenario(folder, *names, seconds=0.02).read_text(encoding="utf-8"))
    for machine in data["machines"]:
        if machine["platform"] == "linux" or look.startswith("windows"):
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


def test_a_windows_vm_that_is_to_shut_down_is_left_alone_with_the_way_out(run: Run) -> None:
    target = run.target("win01")
    assert (target.outcome, target.gate.open) == ("failed", False)
    assert any("Write sysprep: {end: quit}" in reason.text for reason in target.gate.reasons)
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


# Windows, where Sysprep has quit

QUIT = {"sysprep": {"end": "quit"}}


@pytest.fixture(scope="module")
def quit_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("quit")
    return sealproof(folder, lab(folder, "windows-sealed", "win01", **QUIT))


def test_a_windows_that_stays_up_says_so_itself_and_is_sealed_and_never_proven(quit_run: Run) -> None:
    target = quit_run.target("win01")
    assert (target.outcome, quit_run.code, quit_run.evidence.verdict) == ("sealed", 0, "sealed"), target.note
    assert (target.vantages.look, target.vantages.disk) == ("simulated", "none")
    assert target.proof == ("WIN-IMAGE-001",)
    assert "win01" not in quit_run.evidence.coverage
    assert "NOT PROVEN: win01. Nobody read the stopped disk." in " ".join(quit_run.text.split())
    assert not ACCESS & {*quit_run.writes("win01")}


def test_its_receipt_and_its_rows_come_from_what_it_said(quit_run: Run) -> None:
    receipt = quit_run.target("win01").receipt
    assert receipt is not None
    assert (receipt.outcome, len(receipt.excerpt)) == ("succeeded", 1)
    assert receipt.excerpt[0].startswith("Sysprep_succeeded.tag written")
    rows = quit_run.rows("win01", "post")
    passed = ("WIN-IMAGE-001", "WIN-TAG-001", "WIN-LOG-001", "WIN-SETUP-001", "WIN-LOGON-003", "WIN-ANSWER-002")
    assert {rows[check].outcome for check in passed} == {"passed"}
    assert rows["DISK-COVERAGE-001"].outcome == "not applicable"
    assert not {row.outcome for row in rows.values()} & {"undetermined", "failed", "blocked"}


def test_it_was_asked_while_it_ran(quit_run: Run) -> None:
    events = quit_run.events("win01")
    assert events.index("watch.seen") < events.index("look.seen") < events.index("deallocated.begin")


@pytest.mark.parametrize(
    ("look", "rule"),
    [("windows-residue", "WIN-ANSWER-002"), ("windows-audit", "WIN-IMAGE-001")],
    ids=["residue", "audit"],
)
def test_a_windows_that_shows_something_else_is_stopped_and_not_flagged(tmp_path: Path, look: str, rule: str) -> None:
    run = sealproof(tmp_path, lab(tmp_path, look, "win01", **QUIT), "-q")
    assert (run.target("win01").outcome, run.code) == ("failed", 1)
    assert run.rows("win01", "post")[rule].outcome == "failed"
    assert f"{rule} failed" in run.target("win01").note
    assert "virtualMachines/generalize" not in run.writes("win01")
    assert run.writes("win01")["virtualMachines/deallocate"] == 1


def test_a_windows_that_says_nothing_is_left_running_and_not_flagged(tmp_path: Path) -> None:
    run = sealproof(tmp_path, lab(tmp_path, "debian-sealed", "win01", stall_minutes=0.05, **QUIT), "-q")
    target = run.target("win01")
    assert (target.outcome, run.code) == ("undetermined", 8)
    assert "3 times it did not say what it sees of itself" in target.note
    assert run.rows("win01", "post")["WIN-IMAGE-001"].outcome == "blocked"
    assert not {"virtualMachines/generalize", "virtualMachines/deallocate", *ACCESS} & {*run.writes("win01")}


GARBLED = {"operation": "virtualMachines/runCommand", "target": "win01", "calls": [6, 7, 8], "effect": "garble"}
"""Those that ask for the look: after two observations, the preparation, the launch and the watch."""


def test_one_that_said_nothing_usable_is_asked_again_by_the_run_that_takes_over(tmp_path: Path) -> None:
    path = Path(lab(tmp_path, "windows-sealed", "win01", stall_minutes=0.05, **QUIT).removeprefix("--lab="))
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(data | {"faults": [GARBLED]}), encoding="utf-8")
    runs: list[Run] = []
    with serve(path) as running, signed_in(running) as way:
        vm_id = running.fleet["targets"][0]["vm_id"]
        resume: list[str] = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            fleet = fleet_file(running, tmp_path / name)
            runs.append(sealproof(tmp_path / name, *way, f"--fleet={fleet}", "-q", "--generalize", *resume))
            resume = [f"--take-over={vm_id}", f"--resume={runs[0].folder.resolve()}", f"--consent={vm_id}"]
        asked = [item.operation for item in running.requests if item.method == "POST"]

    first, second = (run.target("win01") for run in runs)
    assert (first.outcome, runs[0].events("win01").count("look.unseen")) == ("undetermined", 3), first.note
    assert (second.outcome, second.witness) == ("sealed", "guest"), second.note
    assert asked.count("virtualMachines/generalize") == asked.count("virtualMachines/deallocate") == 1
    assert [run.events("win01").count("launch.intent") for run in runs] == [1, 0]
