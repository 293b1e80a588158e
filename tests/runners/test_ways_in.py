"""Runs against a cloud that somebody else runs: what works there, and what is claimed of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab import Lab, serve
from runners.azure import Arm
from runners.cloud import Cloud
from runners.surroundings import _credential
from tests.runners.runs import Run, scenario, sealproof

CONSENT = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1002"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("cloud")
    with serve(scenario(folder, "win01", "debian01", "residue01", seconds=0.02), ca_file=folder / "ca.pem") as running:
        yield running


@pytest.fixture
def signed_in(cloud: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TENANT_ID", cloud.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", cloud.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", cloud.client_secret)
    # Neither whom to trust nor who gives tokens is left to the environment.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "https://nowhere.invalid")
    monkeypatch.setattr("runners.cloud._NEAR_POLL_SECONDS", 0.02)


def target(cloud: Lab, name: str) -> str:
    return next(machine.id for machine in cloud.scenario.machines if machine.name == name)


def writes(cloud: Lab, name: str, since: int) -> Counter[str]:
    """What was asked for of this VM or its disk, that is no GET, after the first `since` requests."""
    return Counter(
        item.operation for item in cloud.requests[since:] if item.method != "GET" and f"/{name}" in item.path.lower()
    )


@pytest.mark.usefixtures("signed_in")
def test_a_vm_there_is_observed_generalized_with_consent_and_confirmed(cloud: Lab, tmp_path: Path) -> None:
    way = [f"--target={target(cloud, 'win01')}", f"--arm-endpoint={cloud.endpoint}/", f"--ca={cloud.ca_file}"]

    observed = sealproof(tmp_path, *way)
    assert (observed.code, observed.evidence.verdict) == (0, "ready")

    refused = sealproof(tmp_path, *way, "--generalize")
    assert (refused.code, refused.evidence.verdict) == (8, "not acted")
    assert f"--consent {CONSENT}" in " ".join(refused.text.split())

    sealed = sealproof(tmp_path, *way, "--generalize", "--consent", CONSENT)
    assert (sealed.code, sealed.evidence.verdict) == (0, "proven")

    since = len(cloud.requests)
    confirmed = sealproof(tmp_path, *way, "--confirm")
    assert (confirmed.code, confirmed.evidence.verdict) == (0, "proven")
    assert writes(cloud, "win01", since) == {"disks/beginGetAccess": 1, "disks/endGetAccess": 1}
    claimed_as_little_as_possible(confirmed, cloud)


def claimed_as_little_as_possible(run: Run, cloud: Lab) -> None:
    evidence = run.evidence
    assert evidence.run.lab
    assert evidence.run.endpoint == cloud.endpoint
    assert evidence.run.digests["ca"] == hashlib.sha256(cloud.ca_file.read_bytes()).hexdigest()
    assert {f"--arm-endpoint={cloud.endpoint}/", f"--ca={cloud.ca_file}"} <= {*evidence.run.arguments}
    assert evidence.targets[0].vantages.disk == "constructed"
    assert "LAB RUN" in run.text
    assert not (run.folder / "lab-requests.jsonl").exists()


@pytest.mark.usefixtures("signed_in")
def test_the_fleet_file_names_the_cloud_beside_it(cloud: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "golden"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(cloud.ca_file.read_bytes())
    said = {"arm_endpoint": cloud.endpoint, "authority": cloud.authority, "ca": "ca.pem"}
    fleet = {**cloud.fleet, "cloud": said, "targets": [{"name": "debian", "id": target(cloud, "debian01")}]}
    (folder / "fleet.yaml").write_text(yaml.safe_dump(fleet))

    run = sealproof(tmp_path, "--fleet", "golden/fleet.yaml", "--observe")

    assert run.evidence.run.endpoint == cloud.endpoint
    seen = run.evidence.targets[0].vantages
    assert (seen.azure, seen.guest, seen.disk) == ("lab", "simulated", "none")
    assert not [item for item in cloud.requests if item.path.startswith("/metadata") and item.status != 200]


@pytest.mark.usefixtures("signed_in")
def test_the_access_of_somebody_else_is_not_ended(cloud: Lab, tmp_path: Path) -> None:
    way = Cloud(cloud.endpoint, f"{cloud.endpoint}/.default", cloud.ca_file, True, 0.05, cloud.authority)
    with _credential(way) as credential:
        arm = Arm(way, credential)
        vm = arm.virtual_machine(target(cloud, "residue01"))
        disk = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        client = arm._client_of(cloud.subscription_id)
        client.virtual_machines.begin_deallocate("rg-mixed", "residue01", polling_interval=0).result()
        client.disks.begin_grant_access(
            "rg-mixed", disk.rpartition("/")[2], {"access": "Read", "durationInSeconds": 600}, polling_interval=0
        ).result()
        arm.close()
    since = len(cloud.requests)
    (tmp_path / "own.pem").write_bytes(cloud.ca_file.read_bytes())

    run = sealproof(tmp_path, "--target", vm["id"], "--arm-endpoint", cloud.endpoint, "--ca", "own.pem", "--confirm")

    assert run.target("residue01").outcome == "failed"
    assert "somebody else has access to its OS disk" in " ".join(run.text.split())
    assert writes(cloud, "residue01", since) == {}
