"""cloud-init in a Linux guest."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class CloudInit:
    """Whether cloud-init starts at boot, how its last run ended, and what its configuration says."""

    cloud_init_unit: Fact[str]
    """`systemctl is-enabled cloud-init-local.service`; absent without such a unit."""
    cloud_init_status: Fact[str]
    """`done`, `running`, `error`, `degraded done`, `disabled`, ...; absent where cloud-init is not installed."""
    cloud_init_off: Fact[tuple[str, ...]]
    """What keeps cloud-init from starting: paths, or `the kernel command line`."""
    datasources: Fact[str]
    """`Azure`, `Azure and 24 more`, or the names where Azure is not among them; absent where no list is configured."""
    ds_identify: Fact[str]
    """The data source that /etc/cloud/ds-identify.cfg pins; absent where it pins none."""
    installer_leftovers: Fact[tuple[str, ...]]
    """Paths of the files that an installer wrote for the machine that it ran on."""
    network_disabled: Fact[str]
    """The file that tells cloud-init to leave the network alone; absent without one."""
    dhcp_elsewhere: Fact[bool]
    """Whether something else configures DHCP; absent where cloud-init does."""
    ssh_deletekeys: Fact[bool]
    """cloud-init's setting; absent where it is not configured, which means true."""
