"""A running Linux guest, as one observation tells of it (vantage `guest`): types only."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact
from checks.facts.guest import Guest
from checks.facts.linux.boot import Boot, Kernel, Modules
from checks.facts.linux.cloud_init import CloudInit
from checks.facts.linux.deprovision import Deprovision
from checks.facts.linux.disks import Disks, Filesystems
from checks.facts.linux.identities import LinuxEnrolments, LinuxExtensions, LinuxPeers, LinuxStartup
from checks.facts.linux.kept import Kept
from checks.facts.linux.logins import LinuxLogins
from checks.facts.linux.network import LinuxEgress, LinuxNetwork
from checks.facts.linux.packages import LinuxPackages
from checks.facts.linux.residue import Residue
from checks.facts.linux.security import LinuxPrograms, LinuxSecurity
from checks.facts.linux.sshd import LinuxSshd
from checks.facts.linux.sudo import Sudo


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
    layer: str
    """What the file system lies on: `partition`, `lvm` (a logical volume straight on partitions), `stacked` (one that
    is made of other volumes: thin, cached, mirrored, with a snapshot, or on encryption or RAID), `crypt`, `raid`,
    `bind` (a folder of another mount), `unlisted` (mounted by something else than /etc/fstab), `other`, or
    `unknown`."""
    disks: str
    """The disks that it lies on, parted by commas: `sda`; `unknown` where the guest does not say."""


@dataclass(frozen=True, slots=True)
class LinuxGuest(Guest):
    """One observation of a running Linux guest."""

    system_uuid: Fact[str]
    """The UUID in the machine's firmware tables (/sys/class/dmi/id/product_uuid); absent on a machine without them."""
    distribution: Fact[str]
    """`ID` of os-release: `debian`, `ubuntu`, `rhel`, ..."""
    distribution_like: Fact[str]
    """`ID_LIKE` of os-release, such as `rhel centos fedora`; absent without one. See checks/linux/families.py."""
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
    network: LinuxNetwork
    egress: LinuxEgress
    sshd: LinuxSshd
    logins: LinuxLogins
    security: LinuxSecurity
    programs: LinuxPrograms
    packages: LinuxPackages
    enrolments: LinuxEnrolments
    peers: LinuxPeers
    extensions: LinuxExtensions
    startup: LinuxStartup
    boot: Boot
    cloud_init: CloudInit
    deprovision: Deprovision
    disks: Disks
    filesystems: Filesystems
    kernel: Kernel
    modules: Modules
    residue: Residue
    kept: Kept
    sudo: Sudo
