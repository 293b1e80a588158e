"""Mode confirm judges what somebody else sealed, by its stopped disk, and does nothing to it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.facts import Fact, Unobserved
from checks.healthy import os_disk
from checks.healthy import sealed_azure_facts as at_rest
from runners.cli import ROOT
from runners.confirm_path import why_moved, why_unread
from runners.world import World
from tests.runners.runs import Run, sealproof

SEALED = ROOT / "lab" / "scenarios" / "sealed.yaml"
READING = {"disks/beginGetAccess": 1, "disks/endGetAccess": 1}
OTHER = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1cffff"


def lab(folder: Path, *machines: str) -> str:
    """Write a fast copy of `sealed`, of these machines alone or of all, and return the option that names it."""
    data = yaml.safe_load(SEALED.read_text(encoding="utf-8"))
    data["pace"] = {"operation_seconds": 0.02, "retry_after": None}
    for part in (data, data["fleet"]):
        key = "machines" if part is data else "targets"
        part[key] = [item for item in part[key] if not machines or item["name"] in machines]
    path = folder / "sealed-fast.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return f"--lab={path}"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sealed")
    return sealproof(folder, lab(folder), "--confirm")


def failing(run: Run, name: str) -> set[str]:
    return {row.check for row in run.rows(name, "post").values() if row.outcome == "failed"}


@pytest.mark.parametrize(
    ("name", "proof"),
    [("sealed01", {"LNX-WAAGENT-001", "LNX-USER-002"}), ("sealed02", {"WIN-IMAGE-001"})],
)
def test_what_was_rightly_sealed_is_proven_by_its_disk(run: Run, name: str, proof: set[str]) -> None:
    target = run.target(name)
    assert target.outcome == "proven"
    assert {*target.proof} == proof
    assert run.evidence.coverage[name].complete


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("residue01", {"LNX-BACKUP-001", "LNX-MACHINE-001", "LNX-RESIDUE-002"}),
        (
            "flagged01",
            {
                *("LNX-WAAGENT-001", "LNX-SHADOW-001", "LNX-USER-002", "LNX-BACKUP-001", "LNX-MACHINE-001"),
                *("LNX-RESIDUE-001", "LNX-RESIDUE-003", "LNX-HOSTNAME-001", "LNX-KEY-001"),
            },
        ),
        ("flagged02", {"WIN-IMAGE-001", "WIN-SETUP-001", "WIN-TAG-001"}),
        ("flagged03", {"WIN-IMAGE-001", "WIN-LOG-001", "WIN-SETUP-001", "WIN-TAG-001"}),
        ("audit01", {"WIN-IMAGE-001", "WIN-LOG-001", "WIN-SETUP-001"}),
        ("specialized01", {"WIN-IMAGE-001", "WIN-LOG-001"}),
        (
            "careless01",
            {
                *("WIN-ANSWER-002", "WIN-AVD-002", "WIN-CREDENTIAL-001", "WIN-CUSTOMDATA-001", "WIN-EXTENSION-001"),
                *("WIN-HISTORY-001", "WIN-LOGON-001", "WIN-LOGON-003", "WIN-SSH-001", "WIN-WINRM-001"),
            },
        ),
        ("unflagged01", {"AZ-STATE-002"}),
        ("running01", {"AZ-POWER-002", "AZ-STATE-002"}),
    ],
)
def test_what_was_not_is_failed_for_what_was_seen(run: Run, name: str, found: set[str]) -> None:
    assert run.target(name).outcome == "failed"
    assert failing(run, name) == found


KEPT = {
    "linux-kept-user": {"LNX-USER-002", "LNX-KEY-001", "LNX-SHADOW-001", "LNX-RESIDUE-003"},
    "linux-kept-machine-id": {"LNX-MACHINE-001"},
    "linux-kept-host-keys": {"LNX-RESIDUE-001"},
}
"""A disk on which one thing stayed -> what fails for it."""


def test_what_stayed_is_found_on_vms_that_somebody_else_flagged(tmp_path: Path) -> None:
    option = lab(tmp_path, "flagged01")
    path = tmp_path / "sealed-fast.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in (data["machines"], data["fleet"]["targets"]):
        text = yaml.safe_dump(part[0])
        part[:] = [
            yaml.safe_load(
                text.replace("flagged01", image).replace("linux-configured", image).replace("c2004", f"c290{number}")
            )
            for number, image in enumerate(KEPT)
        ]
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    run = sealproof(tmp_path, option, "--confirm")

    assert {name: failing(run, name) for name in KEPT} == KEPT
    assert {run.target(name).outcome for name in KEPT} == {"failed"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("stopped01", "az vm deallocate"),
        ("running01", "az vm deallocate"),
        ("private01", "network access policy is DenyAll"),
    ],
)
def test_a_disk_that_can_not_be_read_is_said_to_be_unread(run: Run, name: str, told: str) -> None:
    row = run.rows(name, "post")["LNX-WAAGENT-001"]
    assert row.outcome == "undetermined"
    assert told in row.reason
    assert run.target(name).vantages.disk == "none"


def test_a_label_without_a_disk_behind_it_proves_nothing(run: Run) -> None:
    assert run.rows("stopped01", "post")["AZ-STATE-002"].outcome == "passed"
    assert run.target("stopped01").outcome == run.target("private01").outcome == "undetermined"


def test_the_run_is_as_bad_as_its_worst_target(run: Run) -> None:
    assert (run.code, run.evidence.verdict, run.evidence.run.mode) == (1, "failed", "confirm")


def test_nothing_is_asked_for_but_access_to_disks_at_rest(run: Run) -> None:
    asked: Counter[str] = Counter()
    for target in run.evidence.targets:
        writes = run.writes(target.name)
        wanted = {} if target.name in ("stopped01", "running01") else READING
        assert writes == (wanted if target.name != "private01" else {"disks/beginGetAccess": 1}), target.name
        asked += writes
    written = [line for line in (run.folder / "lab-requests.jsonl").read_text().splitlines() if '"GET"' not in line]
    signing_in = [line for line in written if "oauth2" in line]
    assert len(written) == asked.total() + len(signing_in)


def test_what_was_read_is_in_the_journal(run: Run) -> None:
    assert run.events("sealed01") == ["read.begin", "access.intent", "access.revoked", "read.end"]
    assert run.events("private01") == ["read.begin", "access.intent", "access.refused", "read.failed"]
    assert run.events("stopped01") == []


def test_there_is_no_gate_no_receipt_and_no_guest(run: Run) -> None:
    for target in run.evidence.targets:
        assert target.gate.open is None
        assert target.receipt is None
        assert target.vantages.guest == "none"
    assert "gate closed" not in run.text


def test_what_only_the_sealing_run_could_know_does_not_apply(run: Run) -> None:
    for name in ("sealed01", "running01"):
        rows = run.rows(name, "post")
        assert {rows[check].outcome for check in ("RUN-RECEIPT-001", "LNX-USER-001")} == {"not applicable"}
        assert "nobody of this run saw the VM" in rows["LNX-USER-001"].reason
        assert {row.outcome for row in run.rows(name, "pre").values()} == {"not applicable"}


def test_only_checks_after_the_step_are_shown(tmp_path: Path) -> None:
    shown = sealproof(tmp_path, lab(tmp_path), "--confirm", "--collect-only", "-q").text
    assert "check_agent_folder_empty[sealed01]" in shown
    assert "executor" not in shown
    assert "check_lock_absent" not in shown


# The machine that was meant


def test_another_machine_than_the_pinned_one_is_left_alone(tmp_path: Path) -> None:
    option = lab(tmp_path, "sealed01")
    fleet = yaml.safe_load(SEALED.read_text(encoding="utf-8"))["fleet"]
    fleet["targets"] = [{**fleet["targets"][0], "vm_id": OTHER}]
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump(fleet))
    run = sealproof(tmp_path, option, "--fleet", "fleet.yaml", "--confirm")
    assert (run.code, run.target("sealed01").outcome) == (8, "undetermined")
    assert "it is another machine" in run.text
    assert run.writes("sealed01") == {}


def test_a_disk_of_a_vm_that_was_started_meanwhile_is_no_witness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = World.read_disk

    async def read_and_start(self: World, disk: str, platform: str, journal: Any) -> Any:
        found = await read(self, disk, platform, journal)
        vm = disk.partition("/disks/")[0] + "/virtualMachines/unflagged01"
        client = self.arm._client_of(vm.split("/")[2])
        client.virtual_machines.begin_start("rg-sealed", "unflagged01", polling_interval=0).result()
        return found

    monkeypatch.setattr(World, "read_disk", read_and_start)
    run = sealproof(tmp_path, lab(tmp_path, "unflagged01"), "--confirm")
    row = run.rows("unflagged01", "post")["LNX-WAAGENT-001"]
    assert row.outcome == "undetermined"
    assert "is running now" in row.reason


def test_a_vm_that_is_not_there_is_undetermined_with_azure_s_own_words(tmp_path: Path) -> None:
    option = lab(tmp_path, "sealed01")
    fleet = yaml.safe_load(SEALED.read_text(encoding="utf-8"))["fleet"]
    target = {key: value for key, value in fleet["targets"][0].items() if key in ("name", "id")}
    fleet["targets"] = [{**target, "id": f"{target['id']}-gone"}]
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump(fleet))
    run = sealproof(tmp_path, option, "--fleet", "fleet.yaml", "--confirm")
    assert (run.code, run.target("sealed01").outcome) == (8, "undetermined")
    rows = run.rows("sealed01", "post")
    assert "ResourceNotFound" in rows["AZ-STATE-002"].reason
    assert {row.outcome for row in rows.values()} == {"undetermined", "not applicable"}
    assert not run.target("sealed01").proof


# What was seen of the disk's VM


def test_only_a_disk_at_rest_is_read() -> None:
    assert why_unread(at_rest()) == ""
    assert "read once Azure has deallocated it" in why_unread(at_rest(power_state="stopped"))
    assert "no power state" in why_unread(at_rest(power_state=Fact.unknown("no power state")))
    assert "no managed disk" in why_unread(at_rest(os_disk=Fact.missing()))
    assert "disk state ActiveSAS" in why_unread(at_rest(os_disk=os_disk(disk_state="ActiveSAS")))


def test_a_disk_is_the_vm_s_only_while_both_stay_what_they_were() -> None:
    first = at_rest()
    assert why_moved(first, first) == ""
    assert "is running now" in why_moved(first, at_rest(power_state="running"))
    assert "unique id" in why_moved(first, at_rest(os_disk=os_disk(unique_id="another")))
    assert "vmId" in why_moved(first, at_rest(vm_id=OTHER))
    assert "HTTP 503" in why_moved(first, at_rest(os_disk=Fact.unknown("HTTP 503")))
    assert "HTTP 403" in why_moved(first, Unobserved("HTTP 403"))
