"""A running Windows guest, as one observation tells of it (vantage `guest`): types only."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact
from checks.facts.guest import Guest
from checks.facts.windows.appx import StorePackages
from checks.facts.windows.azure_guest import AzureGuest
from checks.facts.windows.encryption import DeviceEncryption, EncryptedFiles
from checks.facts.windows.installation import Installation
from checks.facts.windows.licensing import Licensing
from checks.facts.windows.profiles import UserProfiles
from checks.facts.windows.providers import Providers
from checks.facts.windows.roles import ServerRoles
from checks.facts.windows.security_agents import SecurityAgents
from checks.facts.windows.servicing import Servicing
from checks.facts.windows.vhd_upload import VhdUpload


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
    answer_files_with_password: Fact[tuple[str, ...]]
    """Those in which a password stands, where Sysprep would find them and where it would not. Never the password."""
    launched_as: Fact[str]
    """The account that our scripts run as, such as `NT AUTHORITY\\SYSTEM`."""
    roles: ServerRoles
    device_encryption: DeviceEncryption
    efs: EncryptedFiles
    appx: StorePackages
    profiles: UserProfiles
    azure_guest: AzureGuest
    installation: Installation
    licensing: Licensing
    providers: Providers
    security_agents: SecurityAgents
    servicing: Servicing
    vhd_upload: VhdUpload
