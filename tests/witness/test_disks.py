"""Mode confirm judges a file, a managed disk or a snapshot that somebody else sealed, without any VM."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient

from checks.facts import Artifact, Unobserved
from checks.healthy import artifact, os_disk
from lab import Lab, serve
from lab.arm import times
from lab.arm.vhd import FixedVhd
from lab.images import open_image
from runners.confirm_disk import why_in_use, why_other
from runners.disk import reader
from runners.errors import DiskError
from runners.fleet import Target
from runners.observe import artifact as observing
from tests.runners.runs import Run, sealproof
from tests.runners.test_confirm_path import SEALED, lab

DISKS = {
    f"{item['name']}": f"{item['name']}_OsDisk_1_{UUID(item['vm_id']).hex}"
    for item in yaml.safe_load(SEALED.read_text(encoding="utf-8"))["machines"]
}
"""The names of the lab's OS disks, by their VMs'."""
GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg-sealed/providers/Microsoft.Compute"


def image(folder: Path, name: str) -> Path:
    """Write one of the lab's disks as a raw file."""
    disk = open_image(name)
    path = folder / f"{name}.img"
    path.write_bytes(disk.read(0, disk.size))
    return path


@dataclass(frozen=True)
class Content:
    """One of the lab's disks, as the lab exports it."""

    name: str

    def size(self) -> int:
        return open_image(self.name).size

    def read(self, offset: int, length: int) -> bytes:
        return open_image(self.name).read(offset, length)

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        yield begin, end


def failing(run: Run, name: str) -> set[str]:
    return {row.check for row in run.rows(name, "post").values() if row.outcome == "failed"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on files alone, where nobody is signed in to any Azure."""
    folder = tmp_path_factory.mktemp("files")
    images = [image(folder, name) for name in ("linux-sealed", "windows-sealed", "linux-configured")]
    fixed = FixedVhd(Content("linux-sealed"), UUID(int=7), times.now())
    (folder / "fixed.vhd").write_bytes(fixed.read(0, fixed.size()))
    files = [f"--file={path.name}" for path in (*images, folder / "fixed.vhd")]
    with pytest.MonkeyPatch.context() as patch:
        for name in [key for key in os.environ if key.startswith("AZURE_")]:
            patch.delenv(name)
        return sealproof(folder, "--confirm", "--digest", *files, "--file=gone.vhdx")


# Files


@pytest.mark.parametrize(
    ("name", "platform", "kind"),
    [("linux-sealed", "linux", "raw"), ("windows-sealed", "windows", "raw"), ("fixed", "linux", "vhd")],
)
def test_a_file_that_was_rightly_sealed_is_proven_and_its_platform_told(
    run: Run, name: str, platform: str, kind: str
) -> None:
    target = run.target(name)
    assert (target.outcome, target.platform, target.kind) == ("proven", platform, "file")
    assert target.artifact is not None
    assert target.artifact.format == kind
    path = Path(target.id)
    assert target.artifact.size_bytes == path.stat().st_size
    assert target.artifact.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(run.evidence.coverage[name].read_sha256) == 64


def test_one_that_was_not_is_failed_for_the_account_that_nobody_named_too(run: Run) -> None:
    assert run.target("linux-configured").outcome == "failed"
    assert {"LNX-WAAGENT-001", "LNX-USER-003"} <= failing(run, "linux-configured")


def test_the_same_disk_in_two_files_was_read_the_same(run: Run) -> None:
    coverage = run.evidence.coverage
    assert coverage["fixed"].read_sha256 == coverage["linux-sealed"].read_sha256
    assert coverage["fixed"].read_sha256 != coverage["linux-configured"].read_sha256


def test_a_file_that_is_not_there_is_undetermined_and_said_to_be_missing(run: Run) -> None:
    target = run.target("gone")
    assert (target.outcome, target.artifact) == ("undetermined", None)
    rows = run.rows("gone", "post")
    assert "gone.vhdx: it can't be read: No such file" in rows["DISK-COVERAGE-001"].reason
    assert "passed" not in {row.outcome for row in rows.values()}
    assert run.events("gone") == ["read.begin", "read.failed"]


def test_what_only_azure_or_the_sealing_run_could_know_does_not_apply(run: Run) -> None:
    rows = run.rows("linux-sealed", "post")
    for check, why in (
        ("AZ-STATE-002", "the target is a file"),
        ("AZ-POWER-002", "the target is a file"),
        ("RUN-RECEIPT-001", "nobody of this run saw the VM"),
        ("LNX-USER-001", "nobody of this run saw the VM"),
        ("AZ-ARTIFACT-001", "does not apply"),
    ):
        assert (rows[check].outcome, why in rows[check].reason) == ("not applicable", True), check
    assert {row.outcome for row in run.rows("linux-sealed", "pre").values()} == {"not applicable"}


def test_no_azure_is_asked_and_none_is_claimed(run: Run) -> None:
    evidence = run.evidence
    assert (evidence.run.endpoint, evidence.run.tenant, evidence.run.lab) == ("", "", False)
    assert {(item.vantages.azure, item.vantages.guest) for item in evidence.targets} == {("none", "none")}
    assert run.target("linux-sealed").vantages.disk == "real"
    assert (run.code, evidence.verdict) == (1, "failed")


def test_a_file_that_is_proven_alone_exits_0_and_takes_no_digest_unasked(tmp_path: Path) -> None:
    image(tmp_path, "linux-sealed")
    alone = sealproof(tmp_path, "--confirm", "--file=linux-sealed.img", "--platform=linux", "--account=azureuser")
    target = alone.target("linux-sealed")
    assert (alone.code, target.outcome) == (0, "proven")
    assert target.artifact is not None
    assert target.artifact.sha256 == ""
    rows = alone.rows("linux-sealed", "post")
    assert (rows["LNX-USER-002"].outcome, rows["LNX-USER-003"].outcome) == ("passed", "not applicable")
    assert {"--account=azureuser", "--file=linux-sealed.img"} <= {*alone.evidence.run.arguments}


def test_the_fleet_file_names_a_file_beside_it_and_who_must_be_gone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    image(tmp_path / "images", "linux-configured")
    fleet = {"version": 1, "targets": [{"name": "golden", "file": "linux-configured.img", "accounts": ["azureuser"]}]}
    (tmp_path / "images" / "fleet.yaml").write_text(yaml.safe_dump(fleet))
    run = sealproof(tmp_path, "--confirm", "--fleet=images/fleet.yaml")
    assert run.target("golden").id == str(tmp_path / "images" / "linux-configured.img")
    assert "LNX-USER-002" in failing(run, "golden")
    assert run.rows("golden", "post")["LNX-USER-003"].outcome == "not applicable"


@pytest.mark.parametrize(("name", "wrong"), [("linux-sealed", "windows"), ("windows-sealed", "linux")])
def test_a_platform_that_is_said_wrongly_proves_nothing(tmp_path: Path, name: str, wrong: str) -> None:
    image(tmp_path, name)
    run = sealproof(tmp_path, "--confirm", f"--file={name}.img", f"--platform={wrong}")
    assert (run.code, run.target(name).outcome) == (8, "undetermined")


def read(path: Path, **keys: object) -> observing.ReadFile:
    return observing.read_file(Target.model_validate({"name": "golden", "file": path, **keys}))


def test_a_disk_of_nobody_s_system_has_to_be_told(tmp_path: Path) -> None:
    disk = bytearray(64 * 1024)
    disk[510:512] = b"\x55\xaa"
    (tmp_path / "blank.img").write_bytes(disk)
    with pytest.raises(DiskError, match=r"nobody can tell whether it holds Linux or Windows.*--platform"):
        read(tmp_path / "blank.img")


@pytest.mark.parametrize("change", ["written", "replaced"])
def test_a_file_that_changes_while_it_is_read_is_no_witness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = image(tmp_path, "linux-sealed")

    def meanwhile(*arguments: Any) -> dict[str, Any]:
        report = reader.examine(*arguments)
        if change == "replaced":
            image(tmp_path / "other", "linux-sealed").replace(path)
        else:
            os.utime(path, (1, 1))
        return report

    (tmp_path / "other").mkdir()
    monkeypatch.setattr("runners.observe.artifact.examine", meanwhile)
    with pytest.raises(DiskError, match="replaced or written to while it was read"):
        read(path, platform="linux")


# Disks of the lab: those of its VMs


def fleet_of(folder: Path, **disks: str) -> str:
    targets = [
        {"name": name, "disk": f"{GROUP}/disks/{disk}", "accounts": ["azureuser"]} for name, disk in disks.items()
    ]
    (folder / "fleet.yaml").write_text(yaml.safe_dump({"version": 1, "targets": targets}))
    return "--fleet=fleet.yaml"


def test_a_managed_disk_is_proven_by_itself_where_it_is_at_rest(tmp_path: Path) -> None:
    option = lab(tmp_path, "sealed01", "running01", "private01")
    disks = {"golden": DISKS["sealed01"], "used": DISKS["running01"], "private": DISKS["private01"], "gone": "gone"}
    run = sealproof(tmp_path, option, fleet_of(tmp_path, **disks), "--confirm")
    golden = run.target("golden")
    assert (golden.outcome, golden.kind, golden.platform) == ("proven", "disk", "linux")
    assert golden.artifact is not None
    assert (golden.artifact.format, bool(golden.artifact.unique_id)) == ("managed disk", True)
    outcomes = {key: row.outcome for key, row in run.rows("golden", "post").items()}
    assert {key for key, outcome in outcomes.items() if outcome == "warned"} == {"LNX-HOSTNAME-003"}
    assert set(outcomes.values()) <= {"passed", "not applicable", "warned"}
    told = {name: run.rows(name, "post")["DISK-COVERAGE-001"].reason for name in ("used", "private", "gone")}
    assert "the disk of running01" in told["used"]
    assert "az vm deallocate" in told["used"]
    assert "network access policy is DenyAll" in told["private"]
    assert "ResourceNotFound" in told["gone"]
    assert {run.target(name).outcome for name in told} == {"undetermined"}
    assert run.writes("sealed01") == {"disks/beginGetAccess": 1, "disks/endGetAccess": 1}
    assert run.writes("running01") == {}


# A snapshot, in a lab that somebody else runs


@contextlib.contextmanager
def with_snapshot(folder: Path, machine: str) -> Iterator[tuple[Lab, str]]:
    """Serve a lab in which the OS disk of `machine` has a snapshot; yield both."""
    with serve(lab(folder, machine).removeprefix("--lab="), ca_file=folder / "ca.pem") as running:
        credential = ClientSecretCredential(
            running.tenant_id,
            running.client_id,
            running.client_secret,
            authority=running.authority,
            disable_instance_discovery=True,
            connection_verify=str(running.ca_file),
        )
        subscription = GROUP.split("/")[2]
        with (
            credential,
            ComputeManagementClient(
                credential,
                subscription,
                base_url=running.endpoint,
                credential_scopes=[f"{running.endpoint}/.default"],
                connection_verify=str(running.ca_file),
                polling_interval=0.01,
            ) as client,
        ):
            creation = {"createOption": "Copy", "sourceResourceId": f"{GROUP}/disks/{DISKS[machine]}"}
            body: Any = {"location": "westeurope", "properties": {"creationData": creation}}
            made = client.snapshots.begin_create_or_update("rg-sealed", "golden", body).result()
        yield running, str(made.id)


def test_a_snapshot_of_a_running_vm_s_disk_can_be_read_and_shows_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runners.cloud._NEAR_POLL_SECONDS", 0.02)
    with with_snapshot(tmp_path, "running01") as (running, snapshot):
        monkeypatch.setenv("AZURE_TENANT_ID", running.tenant_id)
        monkeypatch.setenv("AZURE_CLIENT_ID", running.client_id)
        monkeypatch.setenv("AZURE_CLIENT_SECRET", running.client_secret)
        since = len(running.requests)
        way = [f"--arm-endpoint={running.endpoint}", f"--ca={running.ca_file}"]
        run = sealproof(tmp_path, "--confirm", f"--target={snapshot}", *way)
        asked = [item.operation for item in running.requests[since:] if item.method == "POST"]
    target = run.target("golden")
    assert (run.code, target.outcome, target.kind) == (1, "failed", "snapshot")
    assert "LNX-WAAGENT-001" in failing(run, "golden")
    assert [name for name in asked if "Access" in name] == ["snapshots/beginGetAccess", "snapshots/endGetAccess"]


# What is not to be read


@pytest.mark.parametrize("state", ["Unattached", "Reserved"])
def test_a_disk_at_rest_is_read(state: str) -> None:
    assert why_in_use(os_disk(disk_state=state)) == ""


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("Attached", "az vm deallocate"),
        ("ActiveSAS", "az disk revoke-access"),
        ("ActiveSASFrozen", "az disk revoke-access"),
        ("ReadyToUpload", "ReadyToUpload"),
        ("Frozen", "Frozen"),
        ("", "no diskState"),
    ],
)
def test_a_disk_in_use_is_left_alone_with_what_to_do(state: str, told: str) -> None:
    assert told in why_in_use(os_disk(disk_state=state))


def test_a_disk_that_asks_for_a_token_is_left_alone_with_what_to_do() -> None:
    told = why_in_use(os_disk(disk_state="Unattached", data_access_auth_mode="AzureActiveDirectory"))
    assert "--data-access-auth-mode None" in told


def test_what_was_read_must_be_what_is_there_afterwards() -> None:
    def seen(**facts: str) -> Artifact:
        return artifact(resource=os_disk(**({"disk_state": "Unattached"} | facts)))

    assert why_other(seen(), seen()) == ""
    assert "unique id" in why_other(seen(), seen(unique_id="another"))
    assert "unique id" in why_other(seen(), seen(unique_id=""))
    assert "is not now" in why_other(seen(), seen(disk_state="Attached"))
    assert "HTTP 503" in why_other(seen(), Unobserved("HTTP 503"))
    assert "HTTP 503" in why_other(Unobserved("HTTP 503"), seen())
