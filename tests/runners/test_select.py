"""Runs whose targets Azure names: found once, by tag or resource group, and kept in the evidence."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.principal import Principal, Role
from lab.scenario import DEFAULT_SUBSCRIPTION
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from reports.merging import merge_folders
from reports.selection import digest
from runners.fleet import load_fleet
from tests.runners.runs import scenario, sealproof

TAGS = {"win01": {"Release": "2026-11", "os": "windows"}, "debian01": {"release": "2026-11"}, "residue01": {}}
CONSENT = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1002"
"""The vmId of win01."""
NOBODY = Principal(name="nobody", client_id=uuid.UUID(int=7), secret="nobodys-secret", roles=())
GROUP = Principal(
    name="group",
    client_id=uuid.UUID(int=8),
    secret="groups-secret",
    roles=(Role(scope=f"/subscriptions/{DEFAULT_SUBSCRIPTION}/resourceGroups/rg-mixed"),),
)


def tagged(folder: Path, **tags: dict[str, str]) -> Path:
    path = scenario(folder, *tags, seconds=0.02)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for machine in data["machines"]:
        machine.setdefault("model", {}).setdefault("patch", {})["tags"] = tags[machine["name"]]
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("cloud")
    loaded = load_scenario(tagged(folder, **TAGS))
    with serve(loaded.model_copy(update={"principals": (NOBODY, GROUP)}), ca_file=folder / "ca.pem") as running:
        yield running


@pytest.fixture
def way(cloud: Lab, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.setenv("AZURE_TENANT_ID", cloud.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", cloud.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", cloud.client_secret)
    monkeypatch.setattr("runners.cloud._NEAR_POLL_SECONDS", 0.02)
    return (f"--arm-endpoint={cloud.endpoint}", f"--ca={cloud.ca_file}")


def asked(cloud: Lab, since: int) -> Counter[str]:
    return Counter(item.operation for item in cloud.requests[since:])


def vm(cloud: Lab, name: str) -> str:
    return next(machine.id for machine in cloud.scenario.machines if machine.name == name)


def test_what_is_selected_is_found_once_and_acted_on_only_with_consent(
    cloud: Lab, way: tuple[str, str], tmp_path: Path
) -> None:
    since = len(cloud.requests)
    own = next(item for item in cloud.fleet["targets"] if item["name"] == "debian01")
    treatment = {key: value for key, value in own.items() if key not in ("name", "id", "vm_id")}
    entry = {"select": ["tag:release=2026-11", "group:RG-Mixed"], **treatment}
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump({"version": 1, "targets": [entry]}), encoding="utf-8")

    run = sealproof(tmp_path, "--fleet=fleet.yaml", "--generalize", "--consent", CONSENT, "-k", "executor", *way)

    assert [(item.name, item.outcome) for item in run.evidence.targets] == [
        *(("debian01", "not acted"), ("win01", "proven"))
    ]
    assert run.code == 8
    (selected,) = run.evidence.run.selected
    assert (selected.query, selected.count) == ("group:rg-mixed and tag:release=2026-11", 2)
    assert (selected.subscription, selected.ids) == (
        cloud.subscription_id,
        (vm(cloud, "debian01"), vm(cloud, "win01")),
    )
    assert selected.at <= run.evidence.run.started
    assert run.evidence.run.digests["selection"] == digest(run.evidence.run.selected)
    asked_for = cloud.requests[since:]
    assert [item.operation for item in asked_for].count("virtualMachines/list") == 1
    acting = {item.path.lower() for item in asked_for if item.operation.endswith(("deallocate", "generalize"))}
    assert acting
    assert all("/win01/" in path for path in acting)
    assert "| selected | group:rg-mixed and tag:release=2026-11: 2 VM(s)" in (run.folder / "summary.md").read_text()


def test_a_fleet_file_treats_what_it_selects_and_shards_of_it_are_joined(
    cloud: Lab, way: tuple[str, str], tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    document = {
        "version": 1,
        "targets": [
            {"select": ["tag:release=2026-11"], "deadline_minutes": 7},
            {"name": "golden", "id": vm(cloud, "win01").upper().replace("MICROSOFT.COMPUTE", "Microsoft.Compute")},
        ],
    }
    fleet.write_text(yaml.safe_dump(document), encoding="utf-8")
    assert len(load_fleet(fleet).selectors) == 1
    runs = []
    for number in (1, 2):
        place = tmp_path / str(number)
        place.mkdir()
        runs.append(sealproof(place, f"--fleet={fleet}", f"--shard={number}/2", "-k", "power", *way))

    assert [[item.name for item in run.evidence.targets] for run in runs] == [["golden"], ["debian01"]]
    assert "select tag:release=2026-11: 2 VM(s)" in runs[0].text
    out = merge_folders([run.folder.resolve() for run in runs], tmp_path / "out", None, None, allow_lab=True)
    assert b'"tag:release=2026-11"' in (out / "evidence.json").read_bytes()


def test_a_role_on_the_group_is_enough_for_its_vms(
    cloud: Lab, way: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", str(GROUP.client_id))
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "groups-secret")

    denied = sealproof(tmp_path, "--select=tag:os", *way)
    assert (denied.code, denied.started_nothing) == (4, True)
    text = " ".join(denied.text.split())
    assert "select tag:os: listing the VMs of subscription" in text
    assert "perform Microsoft.Compute/virtualMachines/read over" in text
    assert "With group:NAME a role on that group is enough. Nothing was started." in text

    run = sealproof(tmp_path, "--select=tag:os", "--select=group:RG-mixed", "-k", "power", *way)
    assert [item.name for item in run.evidence.targets] == ["win01"]
    assert {"--select=tag:os", "--select=group:RG-mixed"} <= {*run.evidence.run.arguments}


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        (["tag:release=2026-12"], "no VM of subscription {} meets that, of 3 that were listed"),
        (["tag:os=Windows"], "case counts in values"),
        (["group:nowhere"], "listing the VMs of resource group nowhere: HTTP 404 ResourceGroupNotFound"),
        (["subscription:00000000-0000-4000-8000-00000000000a"], "listing the VMs of subscription 00000000-"),
    ],
)
def test_a_query_that_finds_nothing_is_never_green(
    cloud: Lab, way: tuple[str, str], tmp_path: Path, conditions: list[str], told: str
) -> None:
    run = sealproof(tmp_path, *(f"--select={text}" for text in conditions), *way)

    assert (run.code, run.started_nothing) == (4, True), run.text
    assert told.format(cloud.subscription_id) in " ".join(run.text.split())
    assert "Traceback" not in run.text


def test_who_sees_no_subscription_is_told_so(
    way: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", str(NOBODY.client_id))
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "nobodys-secret")

    run = sealproof(tmp_path, "--select=tag:os", *way)

    assert (run.code, run.started_nothing) == (4, True)
    assert "it names no subscription, and who is signed in sees none. Add subscription:ID" in " ".join(run.text.split())


@pytest.mark.parametrize("option", ["--collect-only", "--fixtures", "--help"])
def test_a_list_of_items_asks_no_azure(cloud: Lab, way: tuple[str, str], tmp_path: Path, option: str) -> None:
    since = len(cloud.requests)

    run = sealproof(tmp_path, "--select=tag:release=2026-11", "--platform=linux", option, "-q", *way)

    assert (run.code, run.started_nothing) == (0, True), run.text
    assert asked(cloud, since) == {}
    if option == "--collect-only":
        assert "check_lock_absent[tag:release=2026-11]" in run.text
        assert "so the query stands for the VMs it would find" in run.text
        assert "windows/" not in run.text


def test_a_throttled_list_is_asked_for_again(tmp_path: Path) -> None:
    path = tagged(tmp_path, **TAGS)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["faults"] = [{"operation": "virtualMachines/listAll", "calls": [1], "effect": "refuse", "status": 429}]
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")

    run = sealproof(tmp_path, f"--lab={path}", "--select=tag:os", "--observe", "-k", "power")

    assert [item.name for item in run.evidence.targets] == ["win01"]
    assert '"status": 429' in (run.folder / "lab-requests.jsonl").read_text(encoding="utf-8")
