"""The scripts that act in a Windows guest, and the one that watches Sysprep, as they are sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from runners.errors import StepError
from runners.generalize.sysprep_script import Look, Sysprep, launch_windows, prepare_windows, watch_windows
from tests.runners.probes.powershell import functions, lacking, writing

NONCE = "0123456789abcdef0123456789abcdef"
STARTED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VM_ID = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1002"
WATCH = watch_windows(NONCE, STARTED, "quit", Look(480, 600, 4711, 30))
SCRIPTS = {
    "launch": launch_windows(NONCE, Sysprep(), VM_ID),
    "prepare": prepare_windows(NONCE, VM_ID),
    "watch": WATCH,
}


def command(sysprep: Sysprep) -> str:
    found = re.search(r"\$command = '\"\{0\}\\sysprep\.exe\" ([^']*)'", launch_windows(NONCE, sysprep))
    assert found
    return found[1]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_one_that_windows_powershell_5_1_knows(name: str) -> None:
    assert lacking(SCRIPTS[name]) == []
    assert not re.search(r"@[A-Z_]+@", SCRIPTS[name])


def test_sysprep_is_always_told_to_generalize_to_the_first_start_and_to_be_quiet() -> None:
    assert command(Sysprep()) == "/generalize /oobe /shutdown /quiet"
    assert command(Sysprep(end="quit", mode="vm")) == "/generalize /oobe /quit /quiet /mode:vm"


@pytest.mark.parametrize("sysprep", [Sysprep(end="reboot"), Sysprep(mode="vm /unattend:x"), Sysprep(end="")])
def test_nothing_else_is_ever_said_to_it(sysprep: Sysprep) -> None:
    with pytest.raises(StepError, match="is not launched with"):
        launch_windows(NONCE, sysprep)


def test_it_starts_in_its_own_folder_and_as_no_child_of_the_channel() -> None:
    text = launch_windows(NONCE)

    assert "CurrentDirectory = $folder" in text
    assert "-ClassName Win32_Process -MethodName Create" in text


def test_the_script_gives_up_as_system_only_where_a_supported_identity_is_required() -> None:
    assert "if ('no' -eq 'yes' -and $identity.IsSystem)" in launch_windows(NONCE)
    assert "if ('yes' -eq 'yes' -and $identity.IsSystem)" in launch_windows(NONCE, Sysprep(supported_identity=True))


def test_the_account_and_the_machine_are_looked_at_before_sysprep_starts() -> None:
    text = SCRIPTS["launch"]
    places = [text.index(word) for word in ("-notcontains $seen", "IsSystem", "IsInRole", "Win32_Process")]

    assert places == sorted(places)


def test_the_machine_is_looked_at_before_anything_is_deleted() -> None:
    text = SCRIPTS["prepare"]

    assert text.index("-notcontains $seen") < text.index("Remove-Item")
    assert "Win32_ComputerSystemProduct" not in prepare_windows(NONCE)


@pytest.mark.parametrize("vm_id", ["golden", "'; Restart-Computer; '"])
def test_a_vm_id_that_is_no_uuid_is_refused(vm_id: str) -> None:
    with pytest.raises(StepError, match="is no UUID"):
        prepare_windows(NONCE, vm_id)


def test_the_watch_script_says_what_it_waits_for() -> None:
    assert WATCH.splitlines()[:8] == [
        "# step: watch",
        f"# nonce: {NONCE}",
        "# clean: ",
        "# end: quit",
        "# seconds: 480",
        "# stall-seconds: 600",
        "# page-bytes: 3840",
        "# page-limit: 1",
    ]
    assert "$log_bytes, $quiet_seconds = 4711, 30" in WATCH
    assert "Parse('2026-11-22T12:00:00+00:00'" in WATCH


def test_a_size_of_the_logs_that_is_unknown_twice_carries_the_quiet_time_over_too() -> None:
    # -1 is what is sent of a size that was not known.
    size = WATCH.index("$size = -1\n")
    assert size < WATCH.index("{ $size = $view.log_bytes.value }") < WATCH.index("$size -eq $log_bytes) { $changed =")
    assert "value -eq $log_bytes" not in WATCH


def test_the_watch_script_writes_nothing() -> None:
    own = "$logs = " + WATCH.partition("$logs = ")[2]
    waits = {"start-sleep"}

    assert writing(own, functions(WATCH) | waits | {"new-object"}) == []
    assert writing(own, functions(WATCH) | {"new-object"})
