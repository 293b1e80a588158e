"""The scripts that act in a guest, as they are sent."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import Policy
from runners.errors import StepError
from runners.generalize.removals import removals
from runners.generalize.script import launch_linux
from runners.generalize.sysprep_script import launch_windows, prepare_windows

NONCE = "0123456789abcdef0123456789abcdef"
AGENT = "/usr/sbin/waagent"
CLEAN = ("machine-id", "passwd-backups")
VM_ID = "8D3F0C52-4c1e-4b57-9a26-5f6f5a1c1001"
SWAPPED = "520c3f8d-1e4c-574b-9a26-5f6f5a1c1001"
PLACEHOLDER = re.compile(r"@[A-Z_]+@")


def linux(clean: tuple[str, ...] = CLEAN, *, remove_user: bool = True) -> str:
    return launch_linux(NONCE, AGENT, Policy(deprovision_user=remove_user, clean=clean))


def inner(script: str) -> str:
    """Return the script that the launch writes into the guest and starts detached."""
    mark = f"SEALPROOF_{NONCE}"
    return script.split(f"<<'{mark}'", 1)[1].split("\n", 1)[1].split(f"\n{mark}\n", 1)[0] + "\n"


@pytest.mark.parametrize(
    ("script", "step"),
    [(linux(), "launch"), (launch_windows(NONCE), "launch"), (prepare_windows(NONCE), "prepare")],
    ids=["launch.sh", "launch.ps1", "prepare.ps1"],
)
def test_a_script_begins_with_its_header_and_holds_no_placeholder(script: str, step: str) -> None:
    assert script.splitlines()[:2] == [f"# step: {step}", f"# nonce: {NONCE}"]
    assert script.splitlines()[2].startswith("# clean:")
    assert PLACEHOLDER.findall(script) == []


@pytest.mark.parametrize("clean", [(), ("machine-id",), CLEAN, tuple(item.key for item in removals())])
@pytest.mark.parametrize("part", ["whole", "inner"])
def test_the_launch_is_posix_shell(clean: tuple[str, ...], part: str) -> None:
    text = linux(clean) if part == "whole" else inner(linux(clean))

    checked = subprocess.run(["/bin/sh", "-n"], input=text, text=True, capture_output=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("part", ["whole", "inner"])
def test_shellcheck_finds_nothing_in_the_launch(part: str) -> None:
    tool = shutil.which("shellcheck")
    if tool is None:
        pytest.skip("shellcheck is not installed (apt-get install shellcheck)")
    policy = Policy(clean=tuple(item.key for item in removals()), cloud_init=("logs",), witness="guest")
    script = launch_linux(NONCE, AGENT, policy, VM_ID)
    text = script if part == "whole" else inner(script)

    checked = subprocess.run([tool, "--shell=sh", "-"], input=text, text=True, capture_output=True, check=False)

    assert checked.stdout == ""


@pytest.mark.parametrize(("remove_user", "option"), [(True, "-deprovision+user"), (False, "-deprovision")])
def test_the_agent_is_run_with_a_time_limit_and_never_asks(*, remove_user: bool, option: str) -> None:
    (line,) = [line for line in linux(remove_user=remove_user).splitlines() if line.startswith("timeout")]

    assert line.startswith(f"timeout -k 10 300 {AGENT} {option} -force >")


def test_the_removals_are_those_that_were_asked_for() -> None:
    told = [line for line in linux().splitlines() if line.startswith("cleaned ") and line.endswith("$?")]

    assert told == ["cleaned machine-id $?", "cleaned passwd-backups $?"]
    assert "# clean: machine-id passwd-backups\n" in linux()


def test_cloud_init_cleans_up_before_the_agent_where_the_fleet_file_asks_for_it() -> None:
    script = launch_linux(NONCE, AGENT, Policy(cloud_init=("logs", "seed", "machine-id")))

    assert "cloud-init clean --logs --seed --machine-id >" in script
    assert script.index("cloud-init clean") < script.index(f"{AGENT} -deprovision")
    assert "cloud-init clean  >" in launch_linux(NONCE, AGENT, Policy(cloud_init=()))
    assert "cloud-init" not in linux()


def test_a_channel_of_its_own_has_the_script_look_which_machine_it_is_before_anything_else() -> None:
    script = launch_linux(NONCE, AGENT, Policy(), VM_ID)

    assert f"{VM_ID.lower()} | {SWAPPED}) ;;" in script
    assert script.index("product_uuid") < script.index("cat >")
    assert "product_uuid" not in linux()


def test_a_machine_that_has_another_uuid_is_left_alone(tmp_path: Path) -> None:
    script = launch_linux(NONCE, AGENT, Policy(), VM_ID)
    firmware = tmp_path / "product_uuid"
    head = script[: script.index("script=/run/")].replace("/sys/class/dmi/id/product_uuid", str(firmware))
    for said, code in ((VM_ID, 0), (SWAPPED.upper() + "\n", 0), (NONCE, 1), ("", 1)):
        firmware.write_text(said)
        done = subprocess.run(["/bin/sh"], input=head, text=True, capture_output=True, check=False)
        assert (done.returncode, "another machine" in done.stderr) == (code, bool(code))
    firmware.unlink()
    assert subprocess.run(["/bin/sh"], input=head, text=True, capture_output=True, check=False).returncode == 1


def test_a_vm_id_that_is_no_uuid_is_refused() -> None:
    with pytest.raises(StepError, match="no UUID"):
        launch_linux(NONCE, AGENT, Policy(), "$(reboot)")


def test_sysprep_shuts_the_guest_down_and_is_quiet() -> None:
    assert "/generalize /oobe /shutdown /quiet" in launch_windows(NONCE)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "waagent",
        "./waagent",
        "/usr/sbin/waagent; rm -rf /",
        "/usr/sbin/$(reboot)",
        "/usr/sbin/`reboot`",
        "/usr/sbin/waagent\n/bin/true",
        "/usr/sbin/waagent\n",
        "/opt/my agent/waagent",
        "/opt/'agent'",
        "/opt/agent|sh",
        "/opt/@NONCE@",
        "/" + "a" * 300,
    ],
)
def test_a_hostile_path_of_the_agent_is_refused(agent: str) -> None:
    with pytest.raises(StepError, match="not a plain absolute path: not launched") as refusal:
        launch_linux(NONCE, agent, Policy())

    assert len(str(refusal.value)) < 400


@given(st.text(max_size=30))
def test_no_text_of_a_guest_gets_into_the_script_unless_it_is_a_plain_path(agent: str) -> None:
    try:
        script = launch_linux(NONCE, agent, Policy())
    except StepError:
        return
    assert re.fullmatch(r"/[A-Za-z0-9._+/-]+", agent)
    assert f" {agent} -deprovision+user -force " in script


@pytest.mark.parametrize("nonce", ["", "short", "0123456789ABCDEF", NONCE + "\n", f"{NONCE}'", "g" * 32])
def test_a_nonce_that_is_not_plain_hexadecimal_is_refused(nonce: str) -> None:
    with pytest.raises(StepError, match="can't be put into a script"):
        launch_windows(nonce)


@pytest.mark.parametrize("key", ["", "Machine-Id", "machine-id; reboot", "a b", "x\n"])
def test_a_clean_key_that_is_not_a_plain_word_is_refused(key: str) -> None:
    with pytest.raises(StepError, match="can't be put into a script"):
        linux((key,))
    with pytest.raises(StepError, match="can't be put into a script"):
        launch_linux(NONCE, AGENT, Policy(cloud_init=(key,)))
