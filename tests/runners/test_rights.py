"""What a run will ask of Azure, and whether it may."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from reports.evidence import Mode
from runners.cli import ROOT
from runners.document import read_document
from runners.fleet import Target
from runners.rights import actions_on_disk, actions_on_vm, allowed

VM = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/Microsoft.Compute/"
    "virtualMachines/web01"
)
COMPUTE = "Microsoft.Compute/virtualMachines"
READ = f"{COMPUTE}/read"


def target(**more: Any) -> Target:
    return Target.model_validate({"name": "web01", "id": VM, **more})


@pytest.mark.parametrize(
    ("permissions", "answer"),
    [
        ([{"actions": ["*"], "notActions": []}], True),
        ([{"actions": ["microsoft.compute/*/READ"]}], True),
        ([{"actions": ["*"], "notActions": [READ]}], False),
        ([{"actions": ["*"], "notActions": [READ]}, {"actions": [READ]}], True),
        ([{"actions": ["Microsoft.Compute.virtualMachines.read", f"{COMPUTE}/*/read", COMPUTE]}], False),
        ([{"actions": None, "notActions": None}, {}], False),
        ([], False),
    ],
)
def test_an_action_is_allowed_that_one_role_names_and_does_not_take_out(
    permissions: list[dict[str, Any]], answer: bool
) -> None:
    assert allowed(permissions, READ) is answer


@pytest.mark.parametrize("mode", get_args(Mode))
def test_the_role_of_a_mode_holds_what_its_runs_need_and_the_right_to_ask_for_it(mode: Mode) -> None:
    role = read_document(ROOT / "docs" / "azure-roles" / f"{mode}.json", "role").data
    needed = {*actions_on_vm(mode, target(), "linux"), *actions_on_disk(mode)}

    assert set(role["Actions"]) - needed <= {"Microsoft.Authorization/permissions/read"}
    assert needed <= set(role["Actions"])


def test_a_treatment_may_need_more_or_less() -> None:
    own = target(channel="ssh://web01", claim="none")
    other = target(sysprep={"run_as": "builder", "password_env": "PASSWORD"})

    assert {f"{COMPUTE}/runCommand/action", f"{COMPUTE}/write"}.isdisjoint(actions_on_vm("generalize", own, "linux"))
    assert f"{COMPUTE}/retrieveBootDiagnosticsData/action" not in actions_on_vm("generalize", own, "windows")
    assert f"{COMPUTE}/runCommands/delete" in actions_on_vm("generalize", other, "windows")
    assert f"{COMPUTE}/runCommands/delete" not in actions_on_vm("generalize", other, "linux")
