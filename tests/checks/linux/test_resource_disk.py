from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Mount, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


FORMAT = {"ResourceDisk.Format": "True"}

CLAIMS = (
    clean("LNX-RESOURCE-001", "waagent leaves it alone", guest()),
    clean("LNX-RESOURCE-001", "waagent alone", guest(agent_configuration=FORMAT, cloud_init_unit=NONE)),
    dirty("LNX-RESOURCE-001", "both", guest(agent_configuration=FORMAT), "ResourceDisk.Format"),
    absent("LNX-RESOURCE-001", "no agent", guest(agent_configuration=NONE), "undetermined"),
    unknown(
        "LNX-RESOURCE-001", "unit not asked for", guest(agent_configuration=FORMAT, cloud_init_unit=UNREAD), "cut off"
    ),
    clean("LNX-RESOURCE-002", "nothing", guest()),
    dirty(
        "LNX-RESOURCE-002", "a line of fstab", guest(resource_disk_uses=(Mount("/scratch", "ext4"),)), "/scratch (ext4)"
    ),
    absent("LNX-RESOURCE-002", "no fstab", guest(resource_disk_uses=NONE), "passed"),
    unknown("LNX-RESOURCE-002", "not read", guest(resource_disk_uses=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_resource_disk(claim: Claim) -> None:
    claim.verify()
