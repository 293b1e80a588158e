"""What the stopped disk says (vantage `disk`): types only."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact
from checks.facts.linux.remains import LinuxIdentities, LinuxSecrets, LinuxState
from checks.facts.linux_guest import PasswordField


@dataclass(frozen=True, slots=True)
class DiskVolume:
    """One volume of the disk."""

    name: str
    """Its place, such as `partition 1`; the name of a logical volume, such as `rootvg/rootlv`."""
    filesystem: str
    """`ext2`, `ext3`, `ext4`, `xfs`, `ntfs`, `fat`, `swap`, `lvm` (it holds logical volumes, which are listed by
    themselves), `none` (unformatted by design, such as a BIOS boot partition), or `unreadable`."""
    reason: str
    """Why it was not read, or why no rule looks into it; empty for one that was read, or holds no file system."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the reader saw of the disk. Nothing is proven by a disk that was not read."""

    size_bytes: int
    bytes_read: int
    files_examined: int
    volumes: tuple[DiskVolume, ...]
    isolation: tuple[str, ...]
    """Which limits held for the reader process: `no-environment`, `memory`, `cpu`, `network-namespace`, ..."""
    read_sha256: str = ""
    """SHA-256 over what was read: of every range its offset, length and SHA-256, in the order of the disk."""
    requests: int = 0
    """How often the disk was asked for bytes, repetitions included."""
    seconds: float = 0.0
    """From the start of the reader process to its answer."""
    remarks: tuple[str, ...] = ()
    """Sentences about how the disk was read, such as whether zeros were known without asking."""
    gaps: tuple[str, ...] = ()
    """What could not be looked at on volumes that were read: the reason, and the facts that hang on it."""
    peak_memory_bytes: int = 0
    """The most memory that the reader process had in use; 0 where the system does not say."""


@dataclass(frozen=True, slots=True)
class LinuxDisk:
    """One observation of the stopped disk of a Linux VM."""

    coverage: Coverage
    agent_folder: Fact[tuple[str, ...]]
    """Names in /var/lib/waagent; empty tuple when the folder is there and empty; absent when it is not there."""
    agent_log_failure: Fact[str]
    """The line of /var/log/waagent.log that says the deprovisioning failed; absent where there is none (or no log)."""
    accounts: Fact[dict[str, tuple[str, ...]]]
    """Account name -> the files that name it, as paths: /etc/passwd, shadow, group, gshadow, subuid, subgid."""
    human_accounts: Fact[tuple[str, ...]]
    """Accounts in /etc/passwd with a uid of people (UID_MIN to UID_MAX of /etc/login.defs), or with uid 0 beside
    root."""
    homes: Fact[tuple[str, ...]]
    """Names of the folders in /home."""
    password_fields: Fact[tuple[PasswordField, ...]]
    """/etc/shadow, classified."""
    password_backup_fields: Fact[tuple[PasswordField, ...]]
    """/etc/shadow-, classified; absent where there is no such file."""
    machine_id: Fact[str]
    """`set`, `empty` or `uninitialized`; absent where /etc/machine-id does not exist."""
    dbus_machine_id: Fact[str]
    """As `machine_id`, of /var/lib/dbus/machine-id; `link` where it is a symbolic link."""
    hostname: Fact[str]
    host_keys: Fact[tuple[str, ...]]
    """Names of the SSH host keys in /etc/ssh, private and public."""
    sudo_accounts: Fact[dict[str, tuple[str, ...]]]
    """Account that sudo asks for no password -> the files with its rules: /etc/sudoers, and what belongs to it."""
    shell_histories: Fact[tuple[str, ...]]
    """Paths of shell histories that are not empty, in the homes that /etc/passwd names and in those that are left."""
    cloud_instances: Fact[tuple[str, ...]]
    """Names in /var/lib/cloud/instances: machines whose state cloud-init keeps."""
    secrets: LinuxSecrets
    identities: LinuxIdentities
    state: LinuxState
