from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_disk, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "LNX-MACHINE-001"
UNREAD: Fact[Any] = Fact.unknown("the file system is damaged")


def ids(machine_id: Any, dbus: Any = "link") -> Observation:
    return sealed_observation(disk=linux_disk(machine_id=machine_id, dbus_machine_id=dbus))


CLAIMS = (
    clean(CHECK, "empty", ids("empty")),
    clean(CHECK, "uninitialized", ids("uninitialized")),
    dirty(CHECK, "the source VM's id", ids("set"), "/etc/machine-id"),
    dirty(CHECK, "D-Bus keeps a copy", ids("empty", "set"), "/var/lib/dbus/machine-id"),
    dirty(CHECK, "D-Bus has an empty file, which it can't fill", ids("empty", "empty"), "/var/lib/dbus/machine-id"),
    dirty(CHECK, "both", ids("set", "set"), "/etc/machine-id", "/var/lib/dbus/machine-id"),
    dirty(CHECK, "one seen, the other not", ids("set", UNREAD), "/etc/machine-id"),
    dirty(CHECK, "a state that nobody knows", ids("short"), "short"),
    absent(CHECK, "neither file", ids(Fact.missing(), Fact.missing()), "passed"),
    unknown(CHECK, "not read", ids(UNREAD), "damaged"),
    unknown(CHECK, "D-Bus' copy not read", ids("empty", UNREAD), "damaged"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_machine_id(claim: Claim) -> None:
    claim.verify()
