"""What the Azure CLI does with the VMs of a lab: look, run a script, stop, flag, and be refused as by Azure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.azure_cli.azure_cli import AzureCli

pytestmark = pytest.mark.azure_cli

SHOWN = "-g rg-shown -n shown01"
WINDOWS = "-g rg-changed -n windows01"
STOPPED = "-g rg-changed -n stopped01"


def statuses(az: AzureCli, machine: str) -> list[str]:
    view = az(f"vm get-instance-view {machine}").json["instanceView"]
    return [status["code"] for status in view["statuses"]]


def printed(answer: Any) -> str:
    return "".join(item["message"] for item in answer["value"])


def test_it_lists_and_shows_the_machines(az: AzureCli) -> None:
    listed = az("vm list").json
    shown = az(f"vm show {SHOWN}").json
    assert [item["name"] for item in listed] == ["shown01", "windows01", "unsealed01", "stopped01", "locked01"]
    assert [item["name"] for item in az("vm list -g rg-shown").json] == ["shown01"]
    assert shown["vmId"] == listed[0]["vmId"] == "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c2001"
    assert "PowerState/running" in statuses(az, SHOWN)
    assert [item["powerState"] for item in az("vm list -d -g rg-shown").json] == ["VM running"]
    missing = az("vm show -g rg-shown -n nobody")
    assert missing.code == 3
    assert "ResourceNotFound" in missing.error


def test_it_lists_groups_and_changes_the_tags_of_a_machine(az: AzureCli) -> None:
    assert {item["name"] for item in az("group list").json} == {"rg-shown", "rg-changed", "rg-locked"}
    machine = az(f"vm show {WINDOWS}").json["id"]
    changed = az(f"tag update --resource-id {machine} --operation Merge --tags team=images").json
    assert changed["properties"]["tags"] == {"team": "images"}
    assert az(f"vm show {WINDOWS}").json["tags"] == {"team": "images"}


def test_it_runs_a_script_whose_answer_the_scenario_gives(az: AzureCli) -> None:
    command = "vm run-command invoke --command-id"
    assert "[stdout]\nroot\n" in printed(az(f"{command} RunShellScript {SHOWN} --scripts", "id -un").json)
    assert (
        printed(az(f"{command} RunPowerShellScript {WINDOWS} --scripts", "whoami").json) == "nt authority\\system\r\n"
    )
    unknown = printed(az(f"{command} RunShellScript {SHOWN} --scripts", "uname -a").json)
    assert "[stdout]\n\n[stderr]\nsimulated guest: this script is neither" in unknown


def test_it_stops_and_flags_a_machine_which_can_never_start_again(az: AzureCli) -> None:
    early = az(f"vm generalize {STOPPED}")
    assert early.code == 1
    assert "Operation 'generalize' is not allowed on VM 'stopped01' since the VM is running." in early.error
    assert az(f"vm deallocate {STOPPED}").code == 0
    assert "PowerState/deallocated" in statuses(az, STOPPED)
    assert az(f"vm generalize {STOPPED}").code == 0
    assert statuses(az, STOPPED)[0] == "OSState/generalized"
    again = az(f"vm start {STOPPED}")
    assert again.code == 1
    assert "Operation 'Start VM' is not allowed on VM 'stopped01' since the VM is generalized." in again.error


def test_it_starts_a_machine_that_was_only_stopped(az: AzureCli) -> None:
    assert az(f"vm deallocate {WINDOWS}").code == 0
    assert az(f"vm start {WINDOWS}").code == 0
    assert "PowerState/running" in statuses(az, WINDOWS)
