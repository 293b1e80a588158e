"""Each mode with exactly its role of docs/azure-roles, and what a run says and does that lacks one action of it.

One principal signs in. At each VM's resource group it has the role of the mode without one of its actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from lab.arm.requests import LoggedRequest
from reports.evidence import Mode
from runners.cli import ROOT
from tests.faults.fleet import fleet, fleet_file, lab, read_json, signed_in
from tests.runners.runs import Run, sealproof

ROLES = ROOT / "docs" / "azure-roles"
WHOLE = "whole"
PIPELINE = {"name": "pipeline", "client_id": "5d0f5a53-7d1c-4d6a-9c0c-2f9a6e2f0009", "secret": "a-secret"}
MODES: tuple[Mode, ...] = get_args(Mode)


def actions(mode: str) -> list[str]:
    found: list[str] = read_json(ROLES / f"{mode}.json")["Actions"]
    return found


@dataclass(frozen=True)
class Seen:
    """One run of a mode, and what the lab was asked for."""

    mode: Mode
    run: Run
    requests: tuple[LoggedRequest, ...]
    missing: dict[str, str]
    """The action that is missing, by the name of the VM."""

    def told(self, name: str) -> str:
        target = self.run.target(name)
        rows = [row.reason or "" for row in self.run.evidence.results if row.target == name]
        return "\n".join([target.note, *(reason.text for reason in target.gate.reasons), *rows])

    def done(self, name: str) -> list[str]:
        """What was asked for of this VM, or of its disk, that is more than looking, and was not refused."""
        mine = [item for item in self.requests if f"/rg-{name}/" in item.path.lower() and item.status != 403]
        return [item.operation for item in mine if item.method != "GET"]


def principal(names: dict[str, str], mode: str) -> dict[str, Any]:
    scope = "/subscriptions/${subscription_id}/resourceGroups/rg-"
    roles = [
        {"actions": [item for item in actions(mode) if item != missing], "scope": scope + name}
        for name, missing in names.items()
    ]
    return PIPELINE | {"roles": roles}


@pytest.fixture(scope="module", params=MODES)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    mode: Mode = request.param
    folder = tmp_path_factory.mktemp(mode)
    names = {WHOLE: ""} | {f"vm{number:02}": action for number, action in enumerate(actions(mode))}
    scenario = fleet(folder, [*names], principals=[principal(names, mode)])
    with lab(scenario) as running:
        targets = f"--fleet={fleet_file(running, folder)}"
        if mode == "confirm":
            with signed_in(running) as owner:
                assert sealproof(folder, *owner, targets, "-q", "--generalize").code == 0
        before = len(running.requests)
        with signed_in(running, "pipeline") as options:
            run = sealproof(folder, *options, targets, "-q", f"--{mode}")
        yield Seen(mode, run, running.requests[before:], names)


def test_a_mode_reaches_its_goal_with_exactly_its_role(seen: Seen) -> None:
    goal = {"observe": "ready", "generalize": "proven", "confirm": "proven"}[seen.mode]
    assert seen.run.target(WHOLE).outcome == goal, seen.told(WHOLE)


def test_whatever_action_is_missing_is_named_and_nothing_was_done(seen: Seen) -> None:
    # the probes, which only read, and the address of the serial log
    harmless = {"virtualMachines/runCommand", "virtualMachines/retrieveBootDiagnosticsData"}
    for name, action in seen.missing.items():
        if name == WHOLE:
            continue
        assert seen.run.target(name).outcome in ("failed", "undetermined"), (action, seen.told(name))
        assert action in seen.told(name), (action, seen.told(name))
        assert "docs/azure-roles/" in seen.told(name), (action, seen.told(name))
        assert set(seen.done(name)) <= harmless, (action, seen.done(name))
        assert seen.done(name).count("virtualMachines/runCommand") <= 1, action


def test_a_run_that_lacks_a_right_does_not_end_well(seen: Seen) -> None:
    assert seen.run.code == (1 if seen.mode == "generalize" else 8)  # a missing right closes the gate


def test_no_role_holds_more_than_its_mode_needs(seen: Seen) -> None:
    """Every action is missed by the VM that lacks it: its run ends otherwise than that of the whole role."""
    spared = [action for name, action in seen.missing.items() if seen.run.target(name).outcome == "proven" and action]
    assert not spared


@pytest.mark.parametrize("mode", MODES)
def test_a_role_is_what_the_azure_cli_takes(mode: str) -> None:
    role = read_json(ROLES / f"{mode}.json")

    assert set(role) == {
        "Name", "IsCustom", "Description", "Actions", "NotActions", "DataActions", "NotDataActions", "AssignableScopes",
    }  # fmt: skip
    assert role["IsCustom"] is True
    assert role["AssignableScopes"] == ["/subscriptions/SUBSCRIPTION"]
    assert len(role["Actions"]) == len(set(role["Actions"]))
    assert not [action for action in role["Actions"] if "*" in action]
