from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


def rhel(**overrides: Any) -> Observation:
    return guest(**{"distribution": "rhel", "distribution_version": "9.4", "root_on_lvm": True, **overrides})


CLAIMS = (
    clean("LNX-LVM-001", "a plain partition", guest()),
    dirty("LNX-LVM-001", "a logical volume", guest(root_on_lvm=True), "a logical volume"),
    absent("LNX-LVM-001", "nothing told", guest(root_on_lvm=NONE), "undetermined"),
    unknown("LNX-LVM-001", "not read", guest(root_on_lvm=UNREAD), "cut off"),
    clean("LNX-LVM-002", "RHEL 9 without the file", rhel()),
    dirty("LNX-LVM-002", "RHEL 9 with the file", rhel(lvm_devices_file=True), "system.devices"),
    dirty(
        "LNX-LVM-002",
        "RHEL 10 with the file",
        rhel(distribution_version="10.0", lvm_devices_file=True),
        "system.devices",
    ),
    absent("LNX-LVM-002", "no such file", rhel(lvm_devices_file=NONE), "passed"),
    absent("LNX-LVM-002", "RHEL 8", rhel(distribution_version="8.9", lvm_devices_file=True), "not applicable"),
    absent("LNX-LVM-002", "no version", rhel(distribution_version=NONE, lvm_devices_file=True), "not applicable"),
    absent("LNX-LVM-002", "plain partitions", guest(distribution="rhel", distribution_version="9.4"), "not applicable"),
    absent("LNX-LVM-002", "Debian", guest(root_on_lvm=True, lvm_devices_file=True), "not applicable"),
    unknown("LNX-LVM-002", "not read", rhel(lvm_devices_file=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_lvm(claim: Claim) -> None:
    claim.verify()
