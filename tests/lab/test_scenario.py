"""Scenario files: the lab's own load, and a bad one says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.scenario import ScenarioError
from lab.scenario_loader import load_scenario, scenario_names

MACHINE = """\
version: 1
machines:
  - name: web01
    resource_group: rg
    platform: linux
    vm_id: 00000000-0000-4000-8000-000000000001
    guest: {simulated: {}}
"""


def refused(folder: Path, text: str) -> str:
    file = folder / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    return str(caught.value)


@pytest.mark.parametrize("name", ["demo", "mixed", "real"])
def test_the_labs_own_scenarios_load_with_a_target_for_every_machine(name: str) -> None:
    scenario = load_scenario(name)
    targets = {target["id"]: target["vm_id"] for target in scenario.fleet["targets"]}
    assert targets == {machine.id: str(machine.spec.vm_id) for machine in scenario.machines}
    for machine in scenario.machines:
        assert "${" not in repr((machine.model, machine.instance_view, machine.os_disk, machine.extensions))
        assert machine.model["properties"]["vmId"] == str(machine.spec.vm_id)
    assert {"demo", "mixed", "real"} <= set(scenario_names())


def test_a_machine_needs_no_document_and_gets_the_labs_own(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(MACHINE)
    machine = load_scenario(file).machines[0]
    assert machine.model["properties"]["storageProfile"]["osDisk"]["osType"] == "Linux"
    assert machine.instance_view["computerName"] == "web01"


def test_without_a_fleet_every_machine_is_a_target(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(MACHINE)
    scenario = load_scenario(file)
    assert scenario.fleet["version"] == 1
    assert [(item["name"], item["platform"], item["id"], item["vm_id"]) for item in scenario.fleet["targets"]] == [
        ("web01", "linux", scenario.machines[0].id, "00000000-0000-4000-8000-000000000001")
    ]


def test_a_document_comes_from_beside_the_scenario_and_is_patched(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "view.json").write_text('{"computerName": "${name}", "osName": "x", "statuses": []}')
    file = tmp_path / "one.yaml"
    file.write_text(MACHINE + "    instance_view: {document: view, patch: {osName: null, osVersion: '9'}}\n")
    view = load_scenario(file).machines[0].instance_view
    assert view == {"computerName": "web01", "osVersion": "9", "statuses": []}


def test_the_scope_of_a_role_is_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        f"{MACHINE}azure: {{subscription_id: 22222222-2222-4222-8222-222222222229}}\n"
        "principals:\n"
        "  - name: reader\n"
        "    client_id: 00000000-0000-4000-8000-000000000009\n"
        "    roles: [{actions: ['*/read']}, {scope: '/subscriptions/${subscription_id}/resourceGroups/rg'}]\n"
    )
    subscription = "/subscriptions/22222222-2222-4222-8222-222222222229"
    roles = load_scenario(file).principals[0].roles
    assert [role.scope for role in roles] == [subscription, f"{subscription}/resourceGroups/rg"]
    assert [role.actions for role in roles] == [("*/read",), ("*",)]


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ("{name: owner, client_id: 00000000-0000-4000-8000-000000000009}", "'owner' is the lab's own"),
        ("{name: two, client_id: 33333333-3333-4333-8333-333333333333}", "client_id '33333333"),
        ("{name: two, client_id: one}", "principals[0].client_id"),
        (
            "{name: a, client_id: 00000000-0000-4000-8000-000000000009, roles: [{scope: '${id}'}]}",
            "a: unknown placeholder ${id}",
        ),
    ],
)
def test_a_principal_that_can_not_be_is_told(tmp_path: Path, principal: str, told: str) -> None:
    assert told in refused(tmp_path, f"{MACHINE}principals: [{principal}]\n")


def test_an_unknown_name_tells_the_known_ones() -> None:
    known = "demo, linux-gallery, mixed, real, real-gallery, sealed, windows-gallery"
    with pytest.raises(ScenarioError, match=f"none of the lab's own \\({known}\\)"):
        load_scenario("nope")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("platform: linux", "platfrom: linux"),
            "bad.yaml:5: machines[0].platfrom: there is no such key. Did you mean platform?",
        ),
        (("platform: linux", "platfrom: linux"), "bad.yaml:3: machines[0].platform: it is missing. Give the platform"),
        (("    platform", "    pw: o\n    platform"), "machines[0].pw: there is no such key. The keys here are name,"),
        (("version: 1", "version: 1\npace: fast"), "bad.yaml:2: pace: it is 'fast', and must hold keys with values."),
        (("-000000000001", ""), "machines[0].vm_id: it is '00000000-0000-4000-8000', and must be a GUID"),
        (("web01", "-web"), "bad.yaml:3: machines[0].name: it is '-web', and must match"),
        (("    platform: linux\n", ""), "machines[0].platform: it is missing. Give the platform: linux or windows."),
        (("linux", "bsd"), "bad.yaml:5: machines[0].platform: it is 'bsd'. Write 'linux' or 'windows'."),
        (("{simulated: {}}", "{simulated: {}, real: {}}"), "a guest is either `simulated: {...}` or `real: {...}`"),
        (("version: 1", "version: [1"), "bad.yaml:2: the scenario is not YAML"),
        (("    guest", "    generalized: true\n    guest"), "a generalized VM cannot be running"),
        (("    guest", "    model: {document: none}\n    guest"), "bad.yaml:3: machine 'web01', model: there is no"),
        (("    guest", "    model: {patch: {tags: {a: '${b}'}}}\n    guest"), "unknown placeholder ${b}"),
        (("    guest", "    model: {patch: {id: /x}}\n    guest"), "the model's id is '/x'; it must be /subscr"),
        (("    guest", "    os_disk: {patch: {id: /x}}\n    guest"), "Make them the same"),
        (("    guest", "    extensions: [{patch: {}}]\n    guest"), "give `document: NAME` or `inline: {...}`"),
        (("    guest", "    model: {document: a, inline: {}}\n    guest"), "give `document` or `inline`, not both"),
        (
            ("    guest", "    locks: [{name: a, level: ReadOnly, scope: rg}]\n    guest"),
            "the lock 'a' is on 'rg', which is not in this subscription",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert said in refused(tmp_path, MACHINE.replace(*change))


def test_two_machines_with_one_id_are_refused(tmp_path: Path) -> None:
    second = MACHINE.partition("machines:\n")[2].replace("web01", "WEB01")
    assert "there are two machines with the id" in refused(tmp_path, MACHINE + second)


def test_a_fleet_for_other_machines_is_refused(tmp_path: Path) -> None:
    unknown = "fleet:\n  targets:\n    - {name: web02, id: /subscriptions/x}\n"
    assert "bad.yaml:10: target 'web02' of the fleet section: no machine" in refused(tmp_path, MACHINE + unknown)
    machine_id = (
        "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
        "/providers/Microsoft.Compute/virtualMachines/web01"
    )
    pinned = f"fleet:\n  targets:\n    - {{name: web01, id: {machine_id}, vm_id: 1}}\n"
    assert "its vm_id is 1, the machine's is 00000000" in refused(tmp_path, MACHINE + pinned)


def test_documents_that_are_no_json_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "vm.json").write_text('{\n"a": }')
    said = refused(tmp_path, MACHINE + "    model: {document: vm}\n")
    assert "vm.json:2: this is not JSON" in said


def test_an_empty_file_is_a_mistake_not_a_crash(tmp_path: Path) -> None:
    assert "the scenario is empty" in refused(tmp_path, "")
    assert "the file: it is [1], and must hold keys with values." in refused(tmp_path, "- 1")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("operation: virtualMachines/generalise, effect: drop", "Did you mean virtualMachines/generalize"),
        ("operation: nonsense, effect: drop", "there is no operation 'nonsense'. There are DiskOperations/get,"),
        ("operation: token/grant, effect: drop, after: blob/got", "faults[0].after: there is no operation 'blob/got'."),
        (
            "operation: disks/get, effect: drop, target: web1",
            "there is no VM in this scenario 'web1'. Did you mean web01?",
        ),
        ("operation: disks/get, effect: vanish", "faults[0].effect: it is 'vanish'. Write 'refuse', 'drop',"),
        ("operation: disks/get, effect: drop, calls: [0]", "faults[0].calls[0]: it is 0, and must be at least 1."),
        ("operation: disks/get, effect: garble", "garble strikes virtualMachines/runCommand and runCommands/put only"),
        ("operation: blob/get, effect: stale, calls: [2]", "the content of a blob is streamed"),
        ("operation: disks/get, effect: stale", "before call 1 there is none"),
        ("operation: disks/get, effect: stale, calls: [2], carried_out: true", "Remove carried_out."),
    ],
)
def test_a_fault_that_could_never_strike_is_a_mistake(tmp_path: Path, fault: str, said: str) -> None:
    text = refused(tmp_path, f"{MACHINE}faults:\n  - {{{fault}}}\n")
    assert text.startswith(f"{tmp_path / 'bad.yaml'}:9: faults[0]")
    assert said in text


def test_a_fault_names_a_vm_in_any_case(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(f"{MACHINE}faults: [{{operation: disks/get, effect: drop, target: WEB01}}]\n")
    assert load_scenario(file).faults[0].target == "WEB01"


def test_an_unknown_throttling_bucket_tells_the_known_ones(tmp_path: Path) -> None:
    said = refused(tmp_path, MACHINE + "throttling: {enforced: true, buckets: {UpdateVMResources: 3}}\n")
    assert "there is no throttling bucket 'UpdateVMResources'. Did you mean UpdateVMResource" in said
