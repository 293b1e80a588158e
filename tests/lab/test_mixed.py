"""The scenario `mixed`: what is broken in the control plane shows there, and only where it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lab
from tests.lab.machines import Arm, memory_guest


@pytest.fixture(scope="module")
def arm() -> Iterator[Arm]:
    with lab.serve("mixed", guests=memory_guest) as running:
        client = Arm(running)
        yield client
        client.close()


def names_where(arm: Arm, path: str, seen: str) -> list[str]:
    """Return the machines for which a GET of their id and `path` says `seen`."""
    machines = arm.running.scenario.machines
    return [machine.name for machine in machines if seen in arm("GET", f"{machine.id}{path}").text]


@pytest.mark.parametrize(
    ("path", "seen", "expected"),
    [
        ("/instanceView", "EncryptionState/encrypted", ["encrypted01"]),
        ("/extensions", "AzureDiskEncryption", ["encrypted01"]),
        ("/instanceView", "OSState/generalized", ["done01"]),
        ("/providers/Microsoft.Authorization/locks", "CanNotDelete", ["locked01"]),
        ("/providers/Microsoft.Authorization/locks", "ReadOnly", ["readonly01"]),
    ],
)
def test_one_machine_alone_shows_it(arm: Arm, path: str, seen: str, expected: list[str]) -> None:
    assert names_where(arm, path, seen) == expected


def test_one_machine_alone_keeps_no_serial_log(arm: Arm) -> None:
    with_log = names_where(arm, "", '"bootDiagnostics":{"enabled":true}')
    assert [item.name for item in arm.running.scenario.machines if item.name not in with_log] == ["mute01"]


def test_one_disk_alone_can_not_be_exported(arm: Arm) -> None:
    machines = arm.running.scenario.machines
    disks = {machine.name: arm("GET", machine.os_disk["id"]).json()["properties"] for machine in machines}
    closed = [name for name, disk in disks.items() if disk["networkAccessPolicy"] != "AllowAll"]
    assert closed == ["private01"]
    assert disks["private01"]["publicNetworkAccess"] == "Disabled"
