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


OFF = "/etc/cloud/cloud-init.disabled"
LEFT = "/etc/cloud/cloud.cfg.d/99-installer.cfg"
NETWORK = "/etc/cloud/cloud.cfg.d/99-custom.cfg"
BY_WAAGENT: dict[str, Any] = {"agent_configuration": {"Provisioning.Agent": "auto"}, "cloud_init_unit": "disabled"}

CLAIMS = (
    clean("LNX-CLOUDINIT-001", "done", guest()),
    clean("LNX-CLOUDINIT-001", "failed, but over", guest(cloud_init_status="error")),
    dirty("LNX-CLOUDINIT-001", "at work", guest(cloud_init_status="running"), "running"),
    dirty(
        "LNX-CLOUDINIT-001", "at work after an error", guest(cloud_init_status="degraded running"), "degraded running"
    ),
    absent("LNX-CLOUDINIT-001", "not installed", guest(cloud_init_status=NONE), "passed"),
    unknown("LNX-CLOUDINIT-001", "not told", guest(cloud_init_status=UNREAD), "cut off"),
    clean("LNX-CLOUDINIT-002", "done", guest()),
    clean("LNX-CLOUDINIT-002", "disabled on purpose", guest(cloud_init_status="disabled")),
    dirty("LNX-CLOUDINIT-002", "an error", guest(cloud_init_status="error"), "error"),
    dirty("LNX-CLOUDINIT-002", "an error it got over", guest(cloud_init_status="degraded done"), "degraded done"),
    absent("LNX-CLOUDINIT-002", "not installed", guest(cloud_init_status=NONE), "passed"),
    unknown("LNX-CLOUDINIT-002", "not told", guest(cloud_init_status=UNREAD), "cut off"),
    clean("LNX-CLOUDINIT-003", "on", guest()),
    dirty("LNX-CLOUDINIT-003", "its file", guest(cloud_init_off=(OFF,)), OFF),
    dirty(
        "LNX-CLOUDINIT-003", "both ways", guest(cloud_init_off=(OFF, "the kernel command line")), OFF, "command line"
    ),
    absent("LNX-CLOUDINIT-003", "nothing found", guest(cloud_init_off=NONE), "passed"),
    absent("LNX-CLOUDINIT-003", "waagent provisions", guest(**BY_WAAGENT, cloud_init_off=(OFF,)), "not applicable"),
    unknown("LNX-CLOUDINIT-003", "not looked for", guest(cloud_init_off=UNREAD), "cut off"),
    clean("LNX-CLOUDINIT-004", "Azure alone", guest()),
    clean("LNX-CLOUDINIT-004", "Azure among others", guest(datasources="Azure and 24 more")),
    dirty("LNX-CLOUDINIT-004", "another cloud", guest(datasources="Ec2 None"), "Ec2 None"),
    dirty("LNX-CLOUDINIT-004", "AzureStack is no Azure", guest(datasources="AzureStack"), "AzureStack"),
    dirty("LNX-CLOUDINIT-004", "pinned elsewhere", guest(ds_identify="NoCloud"), "ds-identify.cfg"),
    absent("LNX-CLOUDINIT-004", "nothing configured", guest(datasources=NONE), "passed"),
    absent("LNX-CLOUDINIT-004", "waagent provisions", guest(**BY_WAAGENT, datasources="Ec2"), "not applicable"),
    unknown("LNX-CLOUDINIT-004", "not read", guest(datasources=UNREAD), "cut off"),
    clean("LNX-CLOUDINIT-005", "none", guest()),
    dirty("LNX-CLOUDINIT-005", "the installer's", guest(installer_leftovers=(LEFT,)), LEFT),
    absent("LNX-CLOUDINIT-005", "no folder", guest(installer_leftovers=NONE), "passed"),
    unknown("LNX-CLOUDINIT-005", "not looked for", guest(installer_leftovers=UNREAD), "cut off"),
    clean("LNX-CLOUDINIT-006", "cloud-init's", guest()),
    clean("LNX-CLOUDINIT-006", "DHCP by others", guest(network_disabled=NETWORK, dhcp_elsewhere=True)),
    dirty("LNX-CLOUDINIT-006", "nobody's", guest(network_disabled=NETWORK, dhcp_elsewhere=False), NETWORK),
    absent("LNX-CLOUDINIT-006", "nothing disabled", guest(network_disabled=NONE, dhcp_elsewhere=UNREAD), "passed"),
    unknown("LNX-CLOUDINIT-006", "not read", guest(network_disabled=UNREAD), "cut off"),
    unknown("LNX-CLOUDINIT-006", "others not read", guest(network_disabled=NETWORK, dhcp_elsewhere=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_cloud_init(claim: Claim) -> None:
    claim.verify()
