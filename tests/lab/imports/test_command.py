"""`python -m lab import`: from files, from a running lab over HTTPS, from what Azure really answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.__main__ import main
from lab.merge_patch import merge
from lab.scenario import Machine, Scenario
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.runners.runs import sealproof

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "azure"
KINDS = ("Microsoft.Compute/virtualMachines", "Microsoft.Compute/disks")
PLANTED = "PLANTED-7f3a"
BROKEN = {
    "encrypted01": {"AZ-ENCRYPT-001"},
    "locked01": {"AZ-LOCK-001"},
    "private01": {"AZ-DISK-001"},
    "done01": {"AZ-POWER-001", "AZ-STATE-001"},
}
SECRETS: dict[str, Any] = {
    "identity": {"type": "SystemAssigned", "principalId": PLANTED},
    "tags": {"team": "images", "db-password": PLANTED, "link": f"https://x.blob.core.windows.net/a?sig={PLANTED}"},
    "properties": {
        "userData": PLANTED,
        "osProfile": {
            "adminUsername": PLANTED,
            "adminPassword": PLANTED,
            "customData": PLANTED,
            "linuxConfiguration": {"ssh": {"publicKeys": [{"path": "/home/a", "keyData": f"ssh-rsa AAAA{PLANTED}"}]}},
        },
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True, "storageUri": f"https://x/?{PLANTED}"}},
    },
    "resources": [
        {
            "id": "${id}/extensions/script",
            "name": "script",
            "type": "Microsoft.Compute/virtualMachines/extensions",
            "properties": {
                "publisher": "Microsoft.Azure.Extensions",
                "type": "CustomScript",
                "provisioningState": "Succeeded",
                "settings": {"commandToExecute": f"echo {PLANTED}", "fileUris": [f"https://x/?sig={PLANTED}"]},
                "protectedSettings": {"storageAccountKey": PLANTED},
            },
        }
    ],
}


@pytest.fixture(scope="module")
def mixed() -> Iterator[Lab]:
    with serve("mixed") as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(mixed: Lab) -> Iterator[list[str]]:
    """The options that lead to the lab, and the environment of whoever may read it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AZURE_TENANT_ID", mixed.tenant_id)
        environment.setenv("AZURE_CLIENT_ID", mixed.client_id)
        environment.setenv("AZURE_CLIENT_SECRET", mixed.client_secret)
        yield ["--arm-endpoint", mixed.endpoint, "--authority", mixed.authority, "--ca", str(mixed.ca_file)]


@pytest.fixture(scope="module")
def imported(mixed: Lab, signed_in: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of four machines of a running lab, read over HTTPS."""
    output = tmp_path_factory.mktemp("imported") / "imported.yaml"
    vms = [option for name in BROKEN for option in ("--vm", vm_id(mixed.scenario, name))]
    assert main(["import", *vms, *signed_in, "--output", str(output)]) == 0
    return output


def vm_id(scenario: Scenario, name: str) -> str:
    return next(machine.id for machine in scenario.machines if machine.name == name)


def test_a_vm_read_over_https_is_the_same_machine_in_its_new_scenario(mixed: Lab, imported: Path) -> None:
    scenario = load_scenario(imported)
    machines = {machine.name: machine for machine in scenario.machines}
    assert list(machines) == list(BROKEN)
    for original in (machine for machine in mixed.scenario.machines if machine.name in BROKEN):
        machine = machines[original.name]
        assert (machine.id, machine.spec.vm_id) == (original.id, original.spec.vm_id)
        assert (machine.spec.power, machine.spec.generalized) == (original.spec.power, original.spec.generalized)
        assert types_of(machine) == types_of(original)
    assert [(lock.name, lock.level) for lock in scenario.locks] == [("keep-group", "CanNotDelete")]


def types_of(machine: Machine) -> list[str]:
    return [extension["properties"]["type"] for extension in machine.extensions]


def test_it_is_judged_as_the_vm_would_be(imported: Path) -> None:
    run = sealproof(imported.parent, "--lab", str(imported), "--observe", "-q")
    assert run.evidence.verdict == "failed", run.text
    found = {name: {row.check for row in run.rows(name, "pre").values() if row.outcome == "failed"} for name in BROKEN}
    of_azure = {name: {check for check in checks if check.startswith("AZ-")} for name, checks in found.items()}
    assert of_azure == BROKEN


def test_a_vm_that_is_not_there_is_told_as_azure_tells_it(
    mixed: Lab, signed_in: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "import",
                "--vm",
                f"{vm_id(mixed.scenario, 'debian01')}x",
                *signed_in,
                "--output",
                str(tmp_path / "x.yaml"),
            ]
        )
        == 2
    )
    assert "reading VM debian01x: HTTP 404 ResourceNotFound" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def exported(scenario: Scenario, name: str, **more: Any) -> dict[str, Any]:
    machine = next(machine for machine in scenario.machines if machine.name == name)
    found: dict[str, Any] = merge(machine.model, {"properties": {"instanceView": machine.instance_view}})
    return json.loads(json.dumps(merge(found, more)).replace("${id}", machine.id))  # type: ignore[no-any-return]


def test_planted_secrets_are_nowhere_in_the_file_and_all_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / "vm.json", tmp_path / "vm.yaml"
    source.write_text(json.dumps(exported(load_scenario("demo"), "debian01", **SECRETS)))
    assert main(["import", "--file", str(source), "--output", str(output)]) == 0
    said = capsys.readouterr().out
    assert PLANTED in source.read_text()
    assert PLANTED not in output.read_text() + said
    for path in (
        "vm.tags.db-password",
        "vm.tags.link",
        "vm.properties.userData",
        "vm.properties.osProfile.adminPassword",
        "vm.properties.osProfile.customData",
        "vm.properties.osProfile.linuxConfiguration.ssh",
        "vm.properties.diagnosticsProfile.bootDiagnostics.storageUri",
        "extensions[0].properties.settings.commandToExecute",
        "extensions[0].properties.protectedSettings",
    ):
        assert f"    {path}\n" in said
    (machine,) = load_scenario(output).machines
    assert machine.model["tags"] == {"team": "images"}
    assert machine.extensions[0]["properties"]["type"] == "CustomScript"


@pytest.mark.parametrize(
    ("recording", "platform", "power", "generalized", "agent"),
    [
        ("cli2021_test_vm_capture_zone_resilient_image", "linux", "deallocated", True, "Ready"),
        ("test_vm_disk_encryption_e2e", "windows", "running", False, "Ready"),
        ("test_vm_create_with_default_trusted_launch", "linux", "running", False, "Not Ready"),
        ("test_vm_extension_list", "linux", "running", False, "Ready"),
    ],
)
def test_what_azure_really_answered_makes_a_scenario(
    tmp_path: Path, recording: str, platform: str, power: str, generalized: bool, agent: str
) -> None:
    source, output = tmp_path / "recorded.json", tmp_path / "recorded.yaml"
    source.write_text(json.dumps(recorded(recording)))
    assert main(["import", "--file", str(source), "--output", str(output)]) == 0
    (machine,) = load_scenario(output).machines
    assert (machine.spec.platform, machine.spec.power, machine.spec.generalized) == (platform, power, generalized)
    assert machine.instance_view["vmAgent"]["statuses"][0]["displayStatus"] == agent


def recorded(name: str) -> list[dict[str, Any]]:
    """Return what the last GET of each VM and disk was answered."""
    path = RECORDINGS / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the recording {path.name} is not beside this repository (../shared/recordings/azure)")
    found: dict[tuple[str, bool], dict[str, Any]] = {}
    for exchange in json.loads(path.read_text()):
        body = exchange["response_body"]
        if (
            exchange["method"] == "GET"
            and exchange["status"] == 200
            and isinstance(body, dict)
            and body.get("type") in KINDS
        ):
            found[body["id"].lower(), "instanceView" in body["properties"]] = body
    return list(found.values())


def to_file(folder: Path, *arguments: str) -> list[str]:
    return ["import", *arguments, "--output", str(folder / "out.yaml")]


GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web01"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "give either --file FILE for documents that you have, or --vm ARM_ID"),
        (["--file", "a.json", "--vm", VM], "give either --file FILE for documents that you have, or --vm ARM_ID"),
        (["--vm", "web01"], "--vm 'web01' is not the ARM id of a VM"),
        (["--vm", VM, "--arm-endpoint", "http://localhost"], "--arm-endpoint: 'http://localhost' is no https URL"),
        (["--file", "nowhere.json"], "nowhere.json can't be read"),
    ],
)
def test_a_mistake_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert main(to_file(tmp_path, *arguments)) == 2
    assert expected in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "vm.json"
    source.write_text(json.dumps(exported(load_scenario("demo"), "win01")))
    (tmp_path / "out.yaml").write_text("mine")
    assert main(to_file(tmp_path, "--file", str(source))) == 2
    assert "there is such a file" in capsys.readouterr().err
    assert (tmp_path / "out.yaml").read_text() == "mine"
    assert main(to_file(tmp_path, "--file", str(source), "--overwrite")) == 0
    assert load_scenario(tmp_path / "out.yaml").machines[0].name == "win01"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"vmId": None}, "has no usable `vmId`"),
        ({"storageProfile": {"osDisk": {"managedDisk": None}}}, "its OS disk is no managed disk"),
        ({"storageProfile": {"osDisk": {"osType": None}}}, "osType is ''; Linux or Windows is expected"),
        ({"instanceView": {"statuses": [{"code": "PowerState/starting"}]}}, "its power state is 'starting'"),
    ],
)
def test_a_vm_that_the_lab_can_not_play_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], expected: str
) -> None:
    source = tmp_path / "vm.json"
    source.write_text(json.dumps(exported(load_scenario("demo"), "debian01", properties=change)))
    assert main(to_file(tmp_path, "--file", str(source))) == 2
    assert expected in capsys.readouterr().err


def test_two_vms_of_one_name_and_a_lock_with_spaces_make_one_scenario(tmp_path: Path) -> None:
    first = exported(load_scenario("demo"), "debian01")
    second = json.loads(json.dumps(first).replace("/rg-demo/", "/rg(1)/"))
    second["properties"]["vmId"] = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c3001"
    lock = {
        "id": f"{GROUP.partition('/resourceGroups/')[0]}/providers/Microsoft.Authorization/locks/do not delete",
        "type": "Microsoft.Authorization/locks",
        "level": "CanNotDelete",
    }
    (tmp_path / "vms.json").write_text(json.dumps([first, second]))
    (tmp_path / "locks.json").write_text(json.dumps([lock]))
    files = [f"--file={tmp_path / name}" for name in ("vms.json", "locks.json")]
    assert main(to_file(tmp_path, *files)) == 0
    scenario = load_scenario(tmp_path / "out.yaml")
    assert [target["name"] for target in scenario.fleet["targets"]] == ["debian01.rg-demo", "debian01.rg-1-"]
    assert [lock.name for lock in scenario.locks] == ["do not delete"]


def test_what_makes_no_scenario_is_told_of_the_file_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vm.json").write_text(
        json.dumps(exported(load_scenario("demo"), "debian01")).replace("/rg-demo/", "/_group/")
    )
    assert main(to_file(tmp_path, f"--file={tmp_path / 'vm.json'}")) == 2
    said = capsys.readouterr().err
    assert "what was read makes no scenario, so nothing was written" in said
    assert "out.yaml" in said
    assert ".out-" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["vm.json"]


def test_what_was_not_given_is_the_labs_own_and_said_to_be_invented(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "vm.json"
    source.write_text(json.dumps(exported(load_scenario("demo"), "debian01", properties={"instanceView": None})))
    assert main(to_file(tmp_path, "--file", str(source))) == 0
    text, said = (tmp_path / "out.yaml").read_text(), capsys.readouterr().out
    for sentence in (
        "The guest: all that is inside",
        "The instance view: it was not given",
        "The OS disk's document: it",
    ):
        assert sentence in " ".join(text.replace("#", "").split())
        assert f"invented: {sentence}" in said
    assert load_scenario(tmp_path / "out.yaml").machines[0].spec.power == "running"
