"""Galleries: scenarios of one folder, played as one lab; what does not go together is told with its file."""

from __future__ import annotations

from pathlib import Path

import pytest

import lab
from lab.gallery import scenario_files
from lab.scenario import ScenarioError
from lab.scenario_loader import load_scenario, scenario_names

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"


def one(name: str, number: int, *, more: str = "", machine: str = "") -> str:
    return (
        f"version: 1\n{more}machines:\n"
        f"  - name: {name}\n    resource_group: rg\n    platform: linux\n"
        f"    vm_id: 00000000-0000-4000-8000-00000000000{number}\n    guest: {{simulated: {{}}}}\n{machine}"
    )


def fleet(name: str, vm: str, number: int, more: str = "") -> str:
    vm_id = f"00000000-0000-4000-8000-00000000000{number}"
    arm_id = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/{vm}"
    return f"fleet:\n  version: 1\n{more}  targets: [{{name: {name}, id: {arm_id}, vm_id: {vm_id}}}]\n"


def gallery(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, **files: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(gallery(folder, **files))
    return str(caught.value)


def test_the_files_of_a_folder_are_one_lab_in_the_order_of_their_names(tmp_path: Path) -> None:
    gallery(tmp_path, two=one("web02", 2), one=one("web01", 1))
    (tmp_path / "README.md").write_text("no scenario")
    scenario = load_scenario(tmp_path)
    assert [machine.name for machine in scenario.machines] == ["web01", "web02"]
    assert [target["name"] for target in scenario.fleet["targets"]] == ["web01", "web02"]
    assert (scenario.name, scenario.path) == (tmp_path.name, tmp_path)
    assert scenario.description == "2 scenarios with 2 machines."


def test_locks_principals_and_targets_come_along_with_the_defaults_of_their_own_fleet(tmp_path: Path) -> None:
    lock = "    locks: [{name: keep, level: ReadOnly, scope: '${group_id}'}]\n"
    principal = "principals: [{name: pipeline, client_id: 00000000-0000-4000-8000-000000000009}]\n"
    defaults = "  defaults: {deadline_minutes: 7}\n"
    first = one("web01", 1, machine=lock, more=principal) + fleet("golden", "web01", 1, defaults)
    scenario = load_scenario(gallery(tmp_path, one=first, two=one("web02", 2)))
    assert [lock.scope for lock in scenario.locks] == [f"{SUBSCRIPTION}/resourceGroups/rg"]
    assert [item.name for item in scenario.principals] == ["pipeline"]
    targets = scenario.fleet["targets"]
    assert [(item["name"], item.get("deadline_minutes")) for item in targets] == [("golden", 7), ("web02", None)]


def test_a_fault_without_a_vm_strikes_those_of_its_own_file(tmp_path: Path) -> None:
    faults = "faults: [{operation: disks/get, effect: drop}, {operation: disks/get, effect: delay, target: web01}]\n"
    scenario = load_scenario(gallery(tmp_path, one=one("web01", 1, more=faults), two=one("web02", 2)))
    assert [(fault.effect, fault.target) for fault in scenario.faults] == [("drop", "web01"), ("delay", "web01")]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (one("WEB01", 2), "the machine name 'WEB01' is taken by {folder}/a.yaml. Choose another one."),
        (one("web02", 1), "the vm_id '00000000-0000-4000-8000-000000000001' is taken by"),
        (one("web02", 2) + fleet("web01", "web02", 2), "the target name 'web01' is taken by"),
        (one("web02", 2, more="pace: {operation_seconds: 1}\n"), "`pace` is another one than in {folder}/a.yaml"),
        (one("web02", 2, more="azure: {location: eastus}\n"), "`azure` is another one than in"),
        (one("web02", 2) + fleet("web02", "web02", 2, "  cloud: AzureCloud\n"), "names a cloud, and the lab is one."),
        (one("web02", 2) + fleet("web02", "web02", 2, "  default: {}\n"), "default: there is no such key. Did you"),
        (one("web02", 2).replace("platform", "platfrom"), "machines[0].platfrom: there is no such key."),
        (one("web02", 2, machine="    expect: {}\n"), "it expects nothing. Give gate,"),
    ],
)
def test_what_does_not_go_together_is_told_with_its_file(tmp_path: Path, second: str, said: str) -> None:
    text = refused(tmp_path, a=one("web01", 1), b=second)
    assert text.startswith(f"{tmp_path / 'b.yaml'}:")
    assert said.format(folder=tmp_path) in text


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = refused(tmp_path, a=one("web01", 1), b=one("web01", 2), c=one("web03", 1))
    assert {line.partition(":")[0] for line in text.splitlines()} == {f"{tmp_path}/b.yaml", f"{tmp_path}/c.yaml"}


def test_a_guest_that_can_not_be_is_told_with_its_file(tmp_path: Path) -> None:
    gallery(tmp_path, a=one("web01", 1), b=one("web02", 2))
    with pytest.raises(ScenarioError) as caught:
        lab.serve(tmp_path).start()
    assert "machine 'web01': the simulated linux guest web01: answers: it is missing." in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'a.yaml'}:")


def test_a_folder_without_scenarios_is_a_mistake(tmp_path: Path) -> None:
    assert "the folder holds no scenario files (*.yaml)" in refused(tmp_path)


def test_the_labs_own_galleries_are_called_by_their_names() -> None:
    assert "windows-gallery" in scenario_names()
    assert "documents" not in scenario_names()
    scenario = load_scenario("windows-gallery")
    assert len(scenario.machines) == len(scenario_files(scenario.path))


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{gate: closed}", "`gate: closed` and `by: [...]`"),
        ("{gate: open, by: [X]}", "`gate: closed` and `by: [...]`"),
        ("{gate: closed, by: [X], receipt: failed}", "nothing is launched, so there is no receipt"),
        ("{cause: words}", "`cause` is the receipt's"),
        ("{gate: ajar}", "machines[0].expect.gate: it is 'ajar'. Write 'open' or 'closed'."),
        ("{outcome: fine}", "machines[0].expect.outcome: it is 'fine'. Write 'ready', 'proven'"),
    ],
)
def test_an_expectation_that_can_not_be_met_is_told(tmp_path: Path, expect: str, said: str) -> None:
    assert said in refused(tmp_path, a=one("web01", 1, machine=f"    expect: {expect}\n"))
