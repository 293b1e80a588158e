"""Two runs at once, as two real processes against one lab, on overlapping fleets: on each VM exactly one acts."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from lab.server import Lab
from reports.evidence import Evidence
from tests.faults.claims import Process
from tests.faults.fleet import fleet, fleet_file, lab

SHARED = [f"shared{number:02}" for number in range(6)]
FLEETS = (["alone00", *SHARED], [*reversed(SHARED), "alone01"])


def launches(running: Lab, name: str) -> int:
    log = running.guests[name].serial_log().decode(errors="replace")
    return len(set(re.findall(r"sealproof\[([0-9a-f]{32})\]", log)))


def told(evidence: Evidence, name: str) -> str:
    target = next(item for item in evidence.targets if item.name == name)
    return " ".join([target.note, *(reason.text for reason in target.gate.reasons)])


def slowed(path: Path, seconds: float) -> Path:
    """Let each guest of a scenario take so long from its launch to its power-off."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for machine in data["machines"]:
        machine["guest"]["simulated"]["on_launch"]["seconds"] = seconds
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [(0.05, ""), (0.2, ""), (0.05, "claim.begin"), (0.05, "launch.begin"), (5.0, ""), (5.0, "launch.confirmed")],
    ids=["at once", "once more", "claiming", "launching", "slow", "waiting"],
)
def test_of_two_runs_exactly_one_acts_on_each_vm_and_the_other_says_why_not(
    seconds: float, moment: str, tmp_path: Path
) -> None:
    """`moment`: the event of the first run's journal at which the second one starts; empty for both at once."""
    names = sorted({name for names in FLEETS for name in names})
    with lab(slowed(fleet(tmp_path, names), seconds)) as running:
        folders = [tmp_path / f"run{number}" for number in range(2)]
        processes: list[Process] = []
        try:
            for folder, names in zip(folders, FLEETS, strict=True):
                folder.mkdir()
                if moment and processes:
                    processes[0].await_event(SHARED[0], moment)
                processes.append(Process(running, folder, f"--fleet={fleet_file(running, folder, names)}"))
            codes = [process.wait() for process in processes]
            ends = [Evidence.from_bytes((item.evidence / "evidence.json").read_bytes()) for item in processes]
        finally:
            for process in processes:
                process.close()
        flags = Counter(item.target for item in running.requests if item.operation == "virtualMachines/generalize")

        assert all(launches(running, name) == 1 for name in (*SHARED, "alone00", "alone01"))
        assert set(flags.values()) == {1}
    for name in SHARED:
        outcomes = sorted(next(item.outcome for item in end.targets if item.name == name) for end in ends)
        assert outcomes.count("proven") == 1, (name, outcomes, [told(end, name) for end in ends])
        loser = next(end for end in ends for item in end.targets if item.name == name and item.outcome != "proven")
        winner = next(end for end in ends if end is not loser)
        # Or the guest was down, or flagged, before its loser asked it, who looked at the tags before there was a claim.
        why = (winner.run.id, "requires the VM to be running", "since the VM is generalized")
        assert any(words in told(loser, name) for words in why), (name, told(loser, name))
    # Whoever lost a VM did not reach its goal, and says so by its exit code.
    assert all(code in (0, 1, 8) for code in codes)
    assert any(codes)
