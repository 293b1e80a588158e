"""What a running guest says about itself (vantage `guest`): types only.

Secrets never get here: probes classify in the guest (`hash`, `locked`, `empty`) and return no value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.facts.fact import Fact
from checks.facts.own import OwnAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What one observation of a running guest holds on every platform."""

    own_answers: OwnAnswers = field(default_factory=OwnAnswers)
    """What a team's own probes printed; read them by `own`."""
    probes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each probe that was sent, ours and own, by name."""

    def own(self, name: str) -> Fact[str]:
        """Return what the own probe `name` (a file NAME.sh or NAME.ps1 below --checks) printed, as text.

        *Absent* where it ran well and printed nothing; *unknown*, with the reason, where it was not sent, failed
        (another exit status than 0, or an exception on Windows) or printed more than can be sent. Line ends are "\n",
        those at the end are dropped, and bytes that are no UTF-8 are replaced.
        """
        return self.own_answers.text(name)

    def own_json(self, name: str) -> Fact[Any]:
        """Return the same as the value that its JSON text stands for; *unknown* where it is no JSON."""
        fact = self.own(name)
        if not fact.known or fact.absent:
            return fact
        try:
            return Fact.of(json.loads(fact.value))
        except ValueError as error:
            return Fact.unknown(f"what the own probe {name} printed is no JSON: {error}")


@dataclass(frozen=True, slots=True)
class LinuxAgent:
    """The Azure Linux agent as it is installed in the guest."""

    path: str
    """Absolute path of waagent."""
    version: str
    """First line of `waagent -version`, such as `WALinuxAgent-2.7.3.0 running on debian 12`."""
    traceback: str
    """Last line of a Python traceback that `waagent -version` printed; empty when it ran well."""


@dataclass(frozen=True, slots=True)
class OvfAccount:
    """The account that `-deprovision+user` will remove: the one that ovf-env.xml names."""

    name: str
    uid: Fact[int]
    """Absent where no such account exists in /etc/passwd."""
    home: Fact[str]


@dataclass(frozen=True, slots=True)
class PasswordField:
    """How one account's password field looks. The field itself never leaves the guest."""

    account: str
    kind: str
    """`hash`, `locked` or `empty`."""


@dataclass(frozen=True, slots=True)
class SystemMount:
    """One volume that is mounted where the system lives."""

    point: str
    """`/`, `/boot`, `/var`, ..."""
    device: str
    """`/dev/sda1`, `/dev/mapper/rootvg-rootlv`, ..."""
    filesystem: str
    """`ext4`, `xfs`, ..."""


@dataclass(frozen=True, slots=True)
class LinuxGuest(Guest):
    """One observation of a running Linux guest."""

    system_uuid: Fact[str]
    """The UUID in the machine's firmware tables (/sys/class/dmi/id/product_uuid); absent on a machine without them."""
    distribution: Fact[str]
    """`ID` of os-release: `debian`, `ubuntu`, `rhel`, ..."""
    distribution_version: Fact[str]
    system_mounts: Fact[tuple[SystemMount, ...]]
    """The volumes that make up the system; those of data disks elsewhere are left out."""
    uid_min: Fact[int]
    """First uid of ordinary accounts, from login.defs; 1000 where it says nothing."""
    agent: Fact[LinuxAgent]
    agent_configuration: Fact[dict[str, str]]
    """Effective values, as `waagent -show-configuration` prints them."""
    agent_unit_enabled: Fact[str]
    """`systemctl is-enabled` of the agent's unit: `enabled`, `disabled`, ...; absent without such a unit."""
    agent_unit_active: Fact[str]
    agent_disabled_file: Fact[bool]
    """Whether /var/lib/waagent/disable_agent exists."""
    ovf_account: Fact[OvfAccount]
    """Absent where there is no ovf-env.xml; unknown where it could not be read or parsed."""
    encrypted_volumes: Fact[tuple[str, ...]]
    """Block devices of type crypt or with a LUKS signature, as `NAME (why)`."""
    crypttab_entries: Fact[int]
    """Active lines of /etc/crypttab; absent where there is no such file."""
    machine_id: Fact[str]
    """`set`, `empty` or `uninitialized`; absent where /etc/machine-id does not exist."""
    dbus_machine_id: Fact[str]
    """As `machine_id`, of /var/lib/dbus/machine-id; `link` where it is a symbolic link."""
    password_fields: Fact[tuple[PasswordField, ...]]
    """/etc/shadow, classified."""
    password_backups: Fact[tuple[str, ...]]
    """Which of passwd-, shadow-, group-, gshadow-, subuid-, subgid- exist below /etc, as absolute paths."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume of `Win32_EncryptableVolume`."""

    mount: str
    conversion_status: int
    """0 fully decrypted, 1 fully encrypted, 2 encrypting, 3 decrypting, 4 and 5 paused."""
    protection_status: int
    """Recorded only: 0 is also what a suspended, still encrypted volume reports."""


@dataclass(frozen=True, slots=True)
class Service:
    """One Windows service."""

    name: str
    status: str
    """`Running`, `Stopped`, ..."""


@dataclass(frozen=True, slots=True)
class WindowsGuest(Guest):
    """One observation of a running Windows guest."""

    system_uuid: Fact[str]
    """The UUID in the machine's firmware tables (`Win32_ComputerSystemProduct.UUID`)."""
    product_type: Fact[int]
    """1 client, 2 domain controller, 3 server (`Win32_OperatingSystem.ProductType`)."""
    build: Fact[str]
    """Build and update, such as `20348.2849`."""
    installed_roles: Fact[tuple[str, ...]]
    """Names of server roles, role services and features that are installed, or wait for a restart to be so or to be
    gone; absent on client editions."""
    virtual_switches: Fact[int]
    """Hyper-V virtual switches; absent without Hyper-V's service, unknown where it is there without its module."""
    deployment_services_initialized: Fact[bool]
    """Whether Windows Deployment Services was initialized; absent without the role."""
    encrypted_iis_settings: Fact[int]
    """Attribute values that start with `[enc:` in applicationHost.config; absent without IIS."""
    volumes: Fact[tuple[Volume, ...]]
    """Absent where BitLocker's WMI class does not exist: then nothing can be encrypted by it."""
    agent_services: Fact[tuple[Service, ...]]
    """Those of RdAgent and WindowsAzureGuestAgent that exist."""
    image_state: Fact[str]
    """`ImageState` in the registry, such as `IMAGE_STATE_COMPLETE`."""
    panther_folder: Fact[bool]
    """Whether C:\\Windows\\Panther exists."""
    answer_files: Fact[tuple[str, ...]]
    """Paths of answer files that Sysprep would find. Never their content."""
    launched_as: Fact[str]
    """The account that our scripts run as, such as `NT AUTHORITY\\SYSTEM`."""
