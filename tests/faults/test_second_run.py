"""A run is killed, and another one, in another folder, takes over or finishes its work. No launch is ever repeated."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.server import Lab
from tests.faults.claims import Process, let_claims_expire
from tests.faults.fleet import fleet, fleet_file, lab, signed_in
from tests.runners.runs import Run, sealproof

VIEW = "virtualMachines/instanceView"
# Views come before the preparation, before the launch, to compare the VM, and then after the launch.
LAUNCHED = (VIEW, 4, "launch.end")
BEFORE = {"begun": (VIEW, 1, "claim.end"), "prepared": ("virtualMachines/get", 1, "launch.begin")}
"""VMs, by the call at which their run is killed, counted from its claim, and the last event of its journal. Azure never
hears of the call. These have launched nothing."""
AFTER = {
    "launched": LAUNCHED,
    "stopped": ("virtualMachines/deallocate", 1, "deallocated.begin"),
    "read": ("disks/beginGetAccess", 1, "access.intent"),
    "flagging": ("virtualMachines/generalize", 1, "generalize.intent"),
}
"""VMs whose run has launched the step when it is killed."""
OTHERS = dict.fromkeys(("alone", "copied", "changed", "wiped", "rebuilt"), LAUNCHED)
UNHEARD = {
    "intended": ("tags/updateAtMachine", 1, "launch.intent"),
    "announced": ("virtualMachines/runCommand", 1, "launch.intent"),
}
"""VMs whose run dies before it has announced the launch, and before it has launched."""
POINTS = BEFORE | AFTER | OTHERS | UNHEARD


@dataclass(frozen=True)
class Scene:
    """A lab, and what the first run on each VM left when it was killed."""

    running: Lab
    folder: Path
    first: dict[str, Path]

    def vm_id(self, name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))

    def launches(self, name: str) -> int:
        """How often the step was launched in this guest: each launch marks the serial console with its own nonce."""
        log = self.running.guests[name].serial_log().decode(errors="replace")
        return len(set(re.findall(r"sealproof\[([0-9a-f]{32})\]", log)))

    def flags(self, name: str) -> int:
        mine = [item for item in self.running.requests if item.operation == "virtualMachines/generalize"]
        return len([item for item in mine if item.target == name and item.status == 200])

    def again(self, name: str, *options: str, **more: str | int | None) -> Run:
        """Run once more, elsewhere; `more` is said of the target in the fleet file."""
        folder = self.folder / f"again-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        targets = f"--fleet={fleet_file(self.running, folder, [name], **more)}"
        with signed_in(self.running) as way:
            return sealproof(folder, *way, targets, "-q", "--generalize", *options)

    def taking_over(self, name: str) -> str:
        return f"--take-over={self.vm_id(name)}"


@contextmanager
def process(running: Lab, name: str, folder: Path) -> Iterator[Process]:
    folder.mkdir()
    run = Process(running, folder, f"--fleet={fleet_file(running, folder, [name])}")
    try:
        yield run
    finally:
        run.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("second")
    faults = [
        {"operation": operation, "target": name, "after": "tags/updateAtMachine", "calls": [number], "effect": "hold"}
        for name, (operation, number, _) in POINTS.items()
    ]
    with lab(fleet(folder, [*POINTS], faults=faults)) as running:
        yield Scene(running, folder, {name: killed(running, name, folder / name) for name in POINTS})


def killed(running: Lab, name: str, folder: Path) -> Path:
    """Kill a run on the VM while the lab holds its call; return its evidence when the lab has noticed."""
    event = POINTS[name][2]
    with process(running, name, folder) as run:
        run.await_truth(lambda: bool(running.held), f"{name}: its call never came")
        evidence = run.kill()
        assert f'"{event}"' in run.journal(name).splitlines()[-1], run.journal(name)
    pause = threading.Event()
    while running.held:
        pause.wait(0.01)
    return evidence


def told(run: Run) -> str:
    return " ".join(run.text.split())


def test_while_a_claim_holds_everybody_else_is_told_whose_it_is(scene: Scene) -> None:
    run = scene.again("begun", scene.taking_over("begun"))

    assert run.code == 1
    assert f"run {scene.first['begun'].name} on " in told(run)
    assert "holds it until" in told(run)
    assert scene.launches("begun") == 0


@pytest.mark.parametrize("name", BEFORE)
def test_a_run_that_died_before_its_launch_is_taken_over_when_asked(scene: Scene, name: str) -> None:
    let_claims_expire(scene.running, [name])

    refused = scene.again(name)
    assert f"It launched nothing. To go on in its place: --take-over {scene.vm_id(name)}" in told(refused)
    assert scene.launches(name) == 0

    run = scene.again(name, scene.taking_over(name))
    assert (run.code, run.target(name).outcome) == (0, "proven"), run.text
    assert (scene.launches(name), scene.flags(name)) == (1, 1)


@pytest.mark.parametrize("name", AFTER)
def test_what_a_run_launched_that_died_is_finished_with_its_evidence_and_proven(scene: Scene, name: str) -> None:
    let_claims_expire(scene.running, [name])

    refused = scene.again(name, f"--resume={scene.first[name]}")
    assert "nothing is launched again" in told(refused)
    assert f"--take-over {scene.vm_id(name)} --resume DIR" in told(refused)

    run = scene.again(name, scene.taking_over(name), f"--resume={scene.first[name]}")
    assert (run.code, run.target(name).outcome) == (0, "proven"), run.text
    assert scene.first[name].name in run.target(name).note
    assert run.target(name).digests["resumed journal"]
    assert (scene.launches(name), scene.flags(name)) == (1, 1)


def test_a_run_that_died_before_it_could_announce_its_launch_launched_nothing(scene: Scene) -> None:
    name = "intended"
    let_claims_expire(scene.running, [name])

    run = scene.again(name, scene.taking_over(name), f"--resume={scene.first[name]}")

    assert (run.code, run.target(name).outcome) == (0, "proven"), run.text
    assert (scene.launches(name), scene.flags(name)) == (1, 1)


def test_a_launch_that_was_announced_and_never_came_is_waited_for_and_not_done_again(scene: Scene) -> None:
    name = "announced"
    let_claims_expire(scene.running, [name])

    run = scene.again(name, scene.taking_over(name), f"--resume={scene.first[name]}", deadline_minutes=1)

    assert (run.code, run.target(name).outcome) == (1, "failed"), run.text
    assert "did not power itself off within 1 minutes of the launch" in told(run)
    assert (scene.launches(name), scene.flags(name)) == (0, 0)


def test_a_copy_of_its_evidence_from_before_the_launch_does_not_show_that_nothing_was_launched(scene: Scene) -> None:
    name = "copied"
    let_claims_expire(scene.running, [name])
    journal = scene.first[name] / "journal" / f"{name}.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    launch = next(number for number, line in enumerate(lines) if '"launch.intent"' in line)
    journal.write_text("".join(lines[:launch]), encoding="utf-8")

    run = scene.again(name, scene.taking_over(name), f"--resume={scene.first[name]}")

    assert (run.code, run.target(name).outcome) == (8, "undetermined"), run.text
    assert (scene.launches(name), scene.flags(name)) == (1, 0)


def test_without_its_evidence_the_vm_is_stopped_and_read_and_nothing_is_proven(scene: Scene) -> None:
    name = "alone"
    let_claims_expire(scene.running, [name])

    run = scene.again(name, scene.taking_over(name))

    assert run.code == 8, run.text
    assert run.target(name).outcome == "undetermined"
    assert run.evidence.coverage[name].complete
    assert f"--resume DIR, the evidence folder of run {scene.first[name].name}" in told(run)
    assert (scene.launches(name), scene.flags(name)) == (1, 0)

    proven = scene.again(name, scene.taking_over(name), f"--resume={scene.first[name]}")
    assert (proven.code, proven.target(name).outcome) == (0, "proven"), proven.text
    assert (scene.launches(name), scene.flags(name)) == (1, 1)


def test_evidence_that_was_changed_is_refused(scene: Scene) -> None:
    name = "changed"
    let_claims_expire(scene.running, [name])
    file = scene.first[name] / "before" / f"{name}.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"undetermined"', '"passed"') + "\n", encoding="utf-8")

    run = scene.again(name, scene.taking_over(name), f"--resume={scene.first[name]}")

    assert run.code == 4
    assert "is not the file that the journal names" in told(run)
    assert scene.flags(name) == 0


def test_a_claim_that_somebody_wiped_leaves_nothing_by_which_a_journal_is_known_again(scene: Scene) -> None:
    name = "wiped"
    next(item for item in scene.running._running.machines.values() if item.name == name).tags = {}

    run = scene.again(name, f"--resume={scene.first[name]}")

    assert (run.code, run.target(name).outcome) == (8, "undetermined"), run.text
    assert "no claim on the VM names the journal in" in told(run)
    assert (scene.launches(name), scene.flags(name)) == (1, 0)


def test_evidence_of_a_machine_that_is_gone_stops_no_other_one_in_its_place(scene: Scene) -> None:
    name, other = "rebuilt", "5ea1f001-0000-4000-8000-00000000beef"
    machine = next(item for item in scene.running._running.machines.values() if item.name == name)
    model = machine.documents.model
    properties = {**model["properties"], "vmId": other}
    machine.documents = machine.documents.model_copy(update={"model": {**model, "properties": properties}})
    machine.tags = {}
    before = len(scene.running.requests)

    run = scene.again(name, f"--resume={scene.first[name]}", f"--consent={other}", vm_id=None)

    assert run.code != 0
    assert run.target(name).gate.open is False, run.text
    asked = {item.operation for item in scene.running.requests[before:] if item.target == name}
    assert "virtualMachines/deallocate" not in asked
    assert (scene.launches(name), scene.flags(name)) == (1, 0)
