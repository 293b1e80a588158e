"""Two runs at once, as two real processes against one lab, on overlapping fleets: on each VM exactly one acts."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from lab.server import Lab
from reports.evidence import Evidence
from tests.faults.claims import Process
from tests.faults.fleet import fleet, fleet_file, lab

SHARED = [f"shared{number:02}" for number in range(8)]
FLEETS = (["alone00", *SHARED], [*reversed(SHARED), "alone01"])


def launches(running: Lab, name: str) -> int:
    log = running.guests[name].serial_log().decode(errors="replace")
    return len(set(re.findall(r"sealproof\[([0-9a-f]{32})\]", log)))


def told(evidence: Evidence, name: str) -> str:
    target = next(item for item in evidence.targets if item.name == name)
    return " ".join([target.note, *(reason.text for reason in target.gate.reasons)])


@pytest.mark.parametrize("attempt", range(2))
def test_of_two_runs_exactly_one_acts_on_each_vm_and_the_other_says_whose_it_is(attempt: int, tmp_path: Path) -> None:
    with lab(fleet(tmp_path, sorted({name for names in FLEETS for name in names}))) as running:
        folders = [tmp_path / f"run{number}" for number in range(2)]
        processes = []
        for folder, names in zip(folders, FLEETS, strict=True):
            folder.mkdir()
            processes.append(Process(running, folder, f"--fleet={fleet_file(running, folder, names)}"))
        try:
            codes = [process.wait(180) for process in processes]
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
        assert winner.run.id in told(loser, name), (name, told(loser, name))
    # Whoever lost a VM did not reach its goal, and says so by its exit code.
    assert all(code in (0, 1, 8) for code in codes)
    assert any(codes)
