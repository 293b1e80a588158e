"""Runs killed (SIGKILL) on real machines: before the launch, during waagent, after the power-off; and the next ones."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.server import Lab, serve
from runners.cli import ROOT
from tests.faults.claims import Process, let_claims_expire
from tests.faults.fleet import fleet_file, signed_in
from tests.runners.runs import Run, sealproof

pytestmark = pytest.mark.real

REAL = ROOT / "lab" / "scenarios" / "real.yaml"
BEFORE, DURING, AFTER = "before", "during", "after"
BEGUN, ENDED = rb"sealproof\[[0-9a-f]{32}\]: waagent\|", rb"sealproof\[[0-9a-f]{32}\]: end"


@dataclass(frozen=True)
class Scene:
    """A lab with three real machines, and what the run on each left when it was killed."""

    running: Lab
    folder: Path
    first: dict[str, Path]
    journals: dict[str, str]
    """The journal of each, as it was then."""
    transcripts: dict[str, bytes]
    """The serial log of each, as it was then."""

    def again(self, name: str, *options: str) -> Run:
        """Run once more, from another folder."""
        folder = self.folder / f"again-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        with signed_in(self.running) as way:
            return sealproof(folder, *way, targets(self.running, folder, name), "-q", "--generalize", *options)

    def take_over(self, name: str) -> str:
        return f"--take-over={vm_id(name)}"

    def resume(self, name: str) -> str:
        return f"--resume={self.first[name]}"

    def launches(self, name: str) -> int:
        """How often the step was launched in this guest: each launch marks the console with a nonce of its own."""
        return len(set(re.findall(rb"sealproof\[([0-9a-f]{32})\]", self.running.guests[name].serial_log())))

    def asked(self, operation: str, name: str) -> int:
        log = [item for item in self.running.requests if (item.operation, item.target) == (operation, name)]
        return len([item for item in log if 200 <= item.status < 300])


def vm_id(name: str) -> str:
    number = (BEFORE, DURING, AFTER).index(name)
    return f"8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0e1{number}"


def three(folder: Path) -> Path:
    """Write a scenario with three copies of the real machine."""
    data: dict[str, Any] = yaml.safe_load(REAL.read_text(encoding="utf-8"))
    (machine,), (target,) = data["machines"], data["fleet"]["targets"]
    names, data["machines"], data["fleet"]["targets"] = (BEFORE, DURING, AFTER), [], []
    for name in names:
        named = {"name": name, "vm_id": vm_id(name)}
        data["machines"].append(copy.deepcopy(machine) | named)
        arm_id = target["id"].replace("debian-real01", name)
        data["fleet"]["targets"].append(copy.deepcopy(target) | named | {"id": arm_id})
    path = folder / "three.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def targets(running: Lab, folder: Path, name: str) -> str:
    return f"--fleet={fleet_file(running, folder, [name])}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("killed")
    with serve(three(folder)) as running:

        def transcript(name: str) -> bytes:
            return running.guests[name].serial_log()

        moments: dict[str, Callable[[Process], bool]] = {
            BEFORE: lambda run: '"event":"claim.end"' in run.journal(BEFORE),
            DURING: lambda _: re.search(BEGUN, transcript(DURING)) is not None,
            AFTER: lambda run: "launch.confirmed" in run.journal(AFTER) and running.guests[AFTER].power() == "stopped",
        }
        first, journals, transcripts = {}, {}, {}
        for name, moment in moments.items():
            here = folder / name
            here.mkdir()
            run = Process(running, here, targets(running, here, name))
            try:
                run.await_truth(partial(moment, run), f"the run never came to {name}", 300)
            finally:
                run.close()
            first[name], journals[name], transcripts[name] = run.evidence, run.journal(name), transcript(name)
        let_claims_expire(running)
        yield Scene(running, folder, first, journals, transcripts)


def told(run: Run) -> str:
    return " ".join(run.text.split())


def test_each_run_was_killed_where_it_was_meant_to_be(scene: Scene) -> None:
    assert "launch.intent" not in scene.journals[BEFORE]
    assert re.search(BEGUN, scene.transcripts[DURING])
    assert not re.search(ENDED, scene.transcripts[DURING])
    assert "deallocated.end" not in scene.journals[AFTER]
    assert re.search(ENDED, scene.transcripts[AFTER])


def test_what_was_killed_before_its_launch_is_launched_by_who_takes_it_over(scene: Scene) -> None:
    refused = scene.again(BEFORE)
    assert refused.code == 1
    assert f"It launched nothing. To go on in its place: --take-over {vm_id(BEFORE)}" in told(refused)
    assert scene.launches(BEFORE) == 0

    run = scene.again(BEFORE, scene.take_over(BEFORE), scene.resume(BEFORE))
    assert (run.code, run.target(BEFORE).outcome) == (0, "proven"), run.text
    assert scene.launches(BEFORE) == 1


@pytest.mark.parametrize("name", [DURING, AFTER])
def test_what_was_launched_is_stopped_and_read_by_who_has_no_evidence_and_finished_by_who_has(
    scene: Scene, name: str
) -> None:
    alone = scene.again(name, scene.take_over(name))
    assert (alone.code, alone.target(name).outcome) == (8, "undetermined"), alone.text
    assert alone.evidence.coverage[name].complete
    assert f"--resume DIR, the evidence folder of run {scene.first[name].name}" in told(alone)
    assert scene.asked("virtualMachines/generalize", name) == 0

    run = scene.again(name, scene.take_over(name), scene.resume(name))
    assert (run.code, run.target(name).outcome) == (0, "proven"), run.text
    receipt = run.target(name).receipt
    assert receipt is not None
    assert receipt.outcome == "succeeded"


def test_nothing_was_done_twice_and_nothing_was_started(scene: Scene) -> None:
    for name in (BEFORE, DURING, AFTER):
        assert scene.launches(name) == 1
        assert scene.asked("virtualMachines/generalize", name) == 1
        assert scene.asked("virtualMachines/start", name) == 0
        assert scene.running.guests[name].power() == "stopped"
