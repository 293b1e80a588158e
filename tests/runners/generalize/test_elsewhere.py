"""Which channels may launch, since the launch itself finds the VM by its UUID."""

from __future__ import annotations

import pytest

from runners.fleet import Target
from runners.generalize.elsewhere import elsewhere, launches_by_uuid

ID = (
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/images/providers/Microsoft.Compute"
    "/virtualMachines/golden"
)


def target(channel: str) -> Target:
    return Target(name="golden", id=ID, channel=channel, channel_password_env="SEALPROOF_TEST")


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_run_command_is_tied_to_the_vm_by_azure(platform: str) -> None:
    assert not launches_by_uuid(target("run-command"))
    assert elsewhere(target("run-command"), platform) == ""


@pytest.mark.parametrize("channel", ["ssh://root@10.0.0.4", "safe-ssh://root@10.0.0.4", "paramiko://root@10.0.0.4"])
def test_over_ssh_the_launch_has_to_find_the_uuid(channel: str) -> None:
    assert launches_by_uuid(target(channel))
    assert elsewhere(target(channel), "linux") == ""


def test_over_winrm_a_windows_machine_shows_in_each_script_which_one_it_is() -> None:
    assert elsewhere(target("winrm://builder@10.0.0.5"), "windows") == ""


@pytest.mark.parametrize(
    ("platform", "channel"),
    [
        ("linux", "ansible://golden"),
        ("linux", "salt://golden"),
        ("windows", "ssh://golden"),
        ("linux", "winrm://b@golden"),
    ],
)
def test_other_hosts_are_only_observed(platform: str, channel: str) -> None:
    assert launches_by_uuid(target(channel))
    assert f"launches on {platform} through " in elsewhere(target(channel), platform)
