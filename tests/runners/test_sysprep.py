"""Sysprep on the lab's Windows guests, whole runs: each way to fail or to hang is told as what it is."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.runners.runs import Run, scenario, sealproof

SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
PACKAGE = "Contoso.App_1.0.0.0_x64__8wekyb3d8bbwe"
GONE: dict[str, Any] = {"after_seconds": 0.2, "processes": []}
RUN_AS = {"run_as": "builder", "password_env": "SEALPROOF_TEST_PASSWORD"}
PASSWORD = "CANARY-correct-horse"

CASES: Mapping[str, dict[str, Any]] = {
    # name -> on_launch, what the fleet file says, what the receipt says
    "shutdown": {"launch": {"seconds": 0.3, "disk": "windows-sealed"}, "outcome": "proven"},
    "agent-stopped": {
        "launch": {"seconds": 0.5, "disk": "windows-sealed", "watch": [{}, {"after_seconds": 0.2, "agent": "silent"}]},
        "outcome": "proven",
    },
    "quit": {
        "launch": {"seconds": 0.3, "disk": "windows-sealed"},
        "fleet": {"sysprep": {"end": "quit"}},
        "outcome": "proven",
    },
    "quit-early": {
        "launch": {
            "seconds": 0.4,
            "disk": "windows-sealed",
            "watch": [
                {"processes": ["SetupHost.exe"]},
                {"after_seconds": 0.4, "processes": [], "image_state": SEALED, "success_tag": True},
            ],
        },
        "fleet": {"sysprep": {"end": "quit", "mode": "vm"}},
        "outcome": "proven",
    },
    "run-as": {
        "launch": {"seconds": 0.3, "disk": "windows-sealed"},
        "fleet": {"sysprep": RUN_AS, "require_supported_identity": True},
        "outcome": "proven",
    },
    "run-as-nobody": {
        "launch": {"seconds": 0.3, "disk": "windows-sealed"},
        "accounts": {"builder": "another"},
        "fleet": {"sysprep": RUN_AS},
        "said": "The user name or password is incorrect",
    },
    "as-system": {
        "launch": {"seconds": 0.3, "disk": "windows-sealed"},
        "fleet": {"require_supported_identity": True},
        "said": "",
    },
    "appx": {
        "launch": {
            "seconds": None,
            "disk": "windows-unsealed",
            "watch": [
                {},
                GONE
                | {
                    "image_state": "IMAGE_STATE_COMPLETE",
                    "errors": [
                        f"SYSPRP Package {PACKAGE} was installed for a user, but not provisioned for all users.",
                        "SYSPRP Failed to remove apps for the current user: 0x80073cf2.",
                    ],
                },
            ],
        },
        "said": f"package {PACKAGE} is installed for a user and not for all",
    },
    "half-way": {
        "launch": {"seconds": None, "disk": "windows-unsealed", "watch": [{}, GONE]},
        "said": "Sysprep ended and left ImageState IMAGE_STATE_UNDEPLOYABLE",
    },
    "hang": {
        "launch": {"seconds": None, "disk": "windows-unsealed"},
        "fleet": {"stall_minutes": 0.05},
        "said": "neither Sysprep's logs nor its ImageState have changed",
    },
    "stopped-unsealed": {
        "launch": {"seconds": 0.3, "disk": "windows-unsealed"},
        "said": "package Microsoft.OneDriveSync_21220.1024.5.0_neutral__8wekyb3d8bbwe is installed for a user",
    },
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sysprep")
    path = scenario(folder, "win01")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    (machine,), (target,) = data["machines"], data["fleet"]["targets"]
    data["machines"], data["fleet"]["targets"] = [], []
    for name, case in CASES.items():
        vm_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        simulated = machine["guest"]["simulated"] | {"on_launch": case["launch"]}
        simulated["accounts"] = case.get("accounts", {"builder": PASSWORD})
        data["machines"].append(machine | {"name": name, "vm_id": vm_id, "guest": {"simulated": simulated}})
        arm_id = target["id"].replace("win01", name)
        data["fleet"]["targets"].append(
            target | {"name": name, "id": arm_id, "vm_id": vm_id} | copy.deepcopy(case.get("fleet", {}))
        )
    data["throttling"] = {"enforced": True}
    path.write_text(yaml.dump(data, Dumper=Plain), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEALPROOF_TEST_PASSWORD", PASSWORD)
        return sealproof(folder, f"--lab={path}", "-q", "-k", "executor")


class Plain(yaml.SafeDumper):
    """Writes no aliases, which a scenario must not hold."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.mark.parametrize("name", CASES)
def test_each_ends_as_it_should(run: Run, name: str) -> None:
    assert run.target(name).outcome == CASES[name].get("outcome", "failed"), run.target(name).note


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.get("said")])
def test_the_receipt_says_why_and_what_to_do(run: Run, name: str) -> None:
    receipt = run.target(name).receipt

    assert receipt is not None
    assert receipt.outcome == ("hung" if name == "hang" else "failed")
    assert CASES[name]["said"] in receipt.cause
    assert receipt.remedy or name == "run-as-nobody"


def test_the_account_is_in_the_receipt_and_its_password_nowhere(run: Run) -> None:
    receipt = run.target("run-as").receipt

    assert receipt is not None
    assert receipt.launched_as == "RUN-AS\\builder"
    for file in run.folder.rglob("*"):
        # The scenario itself holds it; it is the lab's.
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
    assert PASSWORD not in run.text


def test_system_is_refused_before_anything_is_done_where_the_fleet_file_says_so(run: Run) -> None:
    target = run.target("as-system")

    assert [reason.check for reason in target.gate.reasons] == ["WIN-RUNAS-002"]
    assert "launch.intent" not in run.events("as-system")


def test_a_mode_that_binds_the_image_to_its_hardware_is_warned_of(run: Run) -> None:
    assert run.rows("quit-early", "pre")["WIN-MODE-001"].outcome == "warned"
    assert run.rows("quit", "pre")["WIN-MODE-001"].outcome == "passed"


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("as-system", "run-as-nobody")])
def test_few_scripts_are_run_in_a_guest(run: Run, name: str) -> None:
    assert run.events(name).count("watch.seen") + run.events(name).count("watch.unseen") <= 3
