"""What the control plane says about a VM (vantage `azure`): types only."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """`instanceView.vmAgent`. A stopped VM keeps the last one: trust it only while the VM runs."""

    version: str
    display_status: str
    """`Ready`, `Not Ready`, ... as the platform words it."""
    time: str
    """When the agent last reported, ISO 8601 UTC; empty where the platform gave none."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One VM extension, from the extensions list of the VM."""

    name: str
    publisher: str
    type: str
    provisioning_state: str


@dataclass(frozen=True, slots=True)
class Lock:
    """One management lock that applies to the VM, whatever scope it was set on."""

    name: str
    level: str
    """`CanNotDelete` or `ReadOnly`."""
    scope: str
    """ARM id of the scope that carries the lock."""


@dataclass(frozen=True, slots=True)
class DiskEncryption:
    """Encryption of one disk as the instance view tells it (the VM model may say nothing)."""

    disk: str
    enabled: bool
    status: str
    """The displayed status, such as `Encryption is enabled on disk`."""


@dataclass(frozen=True, slots=True)
class OsDisk:
    """The managed OS disk, from the disk resource itself."""

    id: str
    name: str
    unique_id: str
    size_bytes: int
    network_access_policy: str
    """`AllowAll`, `AllowPrivate` or `DenyAll`."""
    public_network_access: str
    """`Enabled` or `Disabled`."""
    disk_access_id: str
    encryption_settings_enabled: bool
    """`encryptionSettingsCollection.enabled`: Azure Disk Encryption, first version."""
    security_type: str
    """`TrustedLaunch`, `ConfidentialVM_...`, or empty."""
    disk_state: str
    """`Attached`, `Reserved`, `Unattached`, `ActiveSAS`, ..."""
    encryption: str = ""
    """How Azure encrypts it at rest: `EncryptionAtRestWithPlatformKey`, ..."""
    managed_by: str = ""
    """The ARM id of the VM that it is attached to; empty where there is none."""
    data_access_auth_mode: str = ""
    """`AzureActiveDirectory` where reading takes a token beside the SAS; `None`, or empty, where the SAS is enough."""


@dataclass(frozen=True, slots=True)
class AzureFacts:
    """One observation of a VM through ARM."""

    id: str
    name: str
    vm_id: str
    location: str
    platform: str
    """`linux` or `windows`, from the OS disk's type."""
    power_state: Fact[str]
    """`running`, `stopped`, `deallocated`, ...; unknown where the platform gave no PowerState."""
    generalized: Fact[tuple[bool, ...]]
    """Whether `OSState/generalized` was there, one entry for each read of the instance view."""
    agent: Fact[AgentStatus]
    extensions: Fact[tuple[Extension, ...]]
    locks: Fact[tuple[Lock, ...]]
    disk_encryption: Fact[tuple[DiskEncryption, ...]]
    model_encryption: Fact[bool]
    """`storageProfile.osDisk.encryptionSettings.enabled` of the VM model."""
    security_type: Fact[str]
    """`securityProfile.securityType` of the VM model: `TrustedLaunch`, `ConfidentialVM`, `Standard`; absent where it is
    not stated, which is Standard."""
    os_disk: Fact[OsDisk]
    data_disks: Fact[tuple[str, ...]]
    """ARM ids of the attached data disks."""
    serial_log: Fact[bool]
    """Whether boot diagnostics keep a serial log."""
    tags: Fact[dict[str, str]]
    """Sealproof's own tags of the VM. Others' are not looked at."""
    etag: str
