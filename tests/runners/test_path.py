"""Consent is to one machine, and is never guessed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from runners.fleet import Target
from runners.guest.channel import Channel
from runners.path import dissent, passwordless
from runners.route import Orders
from runners.sysprep_options import SysprepOptions
from runners.world import World
from tests.runners.runs import scenario, sealproof

ID = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/Microsoft.Compute"
    "/virtualMachines/golden"
)
MINE = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0d01"
OTHER = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0d02"


def missing(pinned: str | None, observed: str, *consents: str, implied: bool = False) -> str:
    orders = Orders(
        run="run",
        mode="generalize",
        consents=frozenset(consents),
        consent_implied=implied,
        may_launch=lambda *_: "",
        vetoes=lambda _: (),
        votes=lambda _: asyncio.sleep(0),
    )
    return dissent(Target(name="golden", id=ID, vm_id=pinned), observed, orders)


def test_an_account_without_its_password_launches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(name="golden", id=ID, sysprep=SysprepOptions(run_as="builder", password_env="SEALPROOF_TEST"))

    monkeypatch.delenv("SEALPROOF_TEST", raising=False)
    assert "the environment variable SEALPROOF_TEST, and there is none" in passwordless(target, "windows")
    assert passwordless(target, "linux") == ""
    assert passwordless(Target(name="golden", id=ID), "windows") == ""
    monkeypatch.setenv("SEALPROOF_TEST", "correct-horse")
    assert passwordless(target, "windows") == ""


@pytest.mark.parametrize("observed", [MINE, MINE.upper()])
def test_a_pinned_vm_id_consents_to_that_machine(observed: str) -> None:
    assert missing(MINE, observed) == ""


def test_an_option_consents_to_that_machine() -> None:
    assert missing(None, MINE, OTHER, MINE) == ""


def test_without_consent_it_says_how_to_give_it() -> None:
    told = missing(None, MINE.upper(), OTHER)
    assert f"vm_id: {MINE}" in told
    assert f"--consent {MINE}" in told


def test_only_the_lab_implies_it_and_only_where_nothing_is_pinned() -> None:
    assert missing(None, MINE, implied=True) == ""
    assert missing(OTHER, MINE, implied=True)


@pytest.mark.parametrize("implied", [True, False])
def test_a_machine_whose_vm_id_is_not_known_has_no_consent(implied: bool) -> None:
    assert missing(None, "", "", implied=implied)


def test_a_vm_whose_operating_system_azure_does_not_name_is_not_ready(tmp_path: Path) -> None:
    path = scenario(tmp_path, "debian01")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["machines"][0]["model"] = {"patch": {"properties": {"storageProfile": {"osDisk": {"osType": None}}}}}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")

    run = sealproof(tmp_path, f"--lab={path}", "--observe")

    assert run.code == 1
    assert any("names no operating system" in reason.text for reason in run.target("debian01").gate.reasons)
    assert run.rows("debian01", "pre")["LNX-LUKS-001"].outcome == "undetermined"


def through_run_command(world: World, target: Target, platform: str) -> Channel:
    return world.acting_channel(target.model_copy(update={"channel": "run-command"}), platform)


@pytest.mark.parametrize(("uuid", "gate_open"), [("520c3f8d-1e4c-574b-9a26-5f6f5a1c1001", True), (OTHER, False)])
def test_a_guest_that_is_reached_by_another_way_must_be_the_vm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uuid: str, gate_open: bool
) -> None:
    path = scenario(tmp_path, "debian01")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["machines"][0]["guest"]["simulated"]["patch"] = {"identity": {"system_uuid": f"={uuid}"}}
    document["fleet"]["targets"][0]["channel"] = "ssh://root@10.0.0.4"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")

    # The lab's guests have no ssh: they are asked as ever, and the fleet file says otherwise.
    monkeypatch.setattr(World, "channel", through_run_command)

    gate = sealproof(tmp_path, f"--lab={path}", "--observe").target("debian01").gate

    assert gate.open is gate_open
    assert any("another machine. Its `channel`" in reason.text for reason in gate.reasons) is not gate_open
