"""What the stopped disk of a Windows VM says (vantage `disk`): types only. Paths are those of drive C."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.disk import Coverage
from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class SysprepLog:
    """The last run of Sysprep, as System32\\Sysprep\\Panther tells it: no line of an earlier run counts."""

    run_began: Fact[str]
    """When the run began, in the guest's local time: `2026-11-22 18:20:01`. Absent where setupact.log tells of none."""
    run_options: Fact[tuple[str, ...]]
    """Its options as Sysprep understood them, in capitals: `GENERALIZE`, `OOBE`, `QUIET`, `SHUTDOWN`, `AUDIT`, ..."""
    run_tagged: Fact[bool]
    """Whether it says that it wrote its success tag."""
    run_errors: Fact[tuple[str, ...]]
    """Lines of setuperr.log since it began, the last 20, each cut to 300 characters."""


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """An account in the SAM hive."""

    rid: int
    """The last part of its SID: 500 is the built-in administrator."""
    name: str
    state: Literal["enabled", "disabled"]


@dataclass(frozen=True, slots=True)
class DiskProfile:
    """A profile that the registry knows."""

    sid: str
    folder: str


@dataclass(frozen=True, slots=True)
class DiskAccounts:
    """Who is at home in the image, and what identifies it."""

    local_accounts: Fact[tuple[LocalAccount, ...]]
    profiles: Fact[tuple[DiskProfile, ...]]
    """Those of people: `S-1-5-21-...` and `S-1-12-1-...` in ProfileList."""
    profile_folders: Fact[tuple[str, ...]]
    """Names of the folders in C:\\Users, but for Public, Default and the two links."""
    computer_name: Fact[str]
    machine_sid: Fact[str]
    """Recorded. A generalized disk may still have the old one: the first start makes the new one."""
    machine_guid: Fact[str]
    """A fingerprint of Cryptography\\MachineGuid."""
    automatic_logon: Fact[bool]
    """Whether Winlogon's AutoAdminLogon is on, or AutoLogonCount is not 0."""
    logon_password: Fact[bool]
    """Whether Winlogon has a DefaultPassword that is not empty."""
    logon_secret: Fact[bool]
    """Whether the SECURITY hive has a secret DefaultPassword."""
    cached_logons: Fact[int]
    """How many domain logons the SECURITY hive keeps."""
    machine_account: Fact[bool]
    """Whether the SECURITY hive has the password of an account of this machine in a domain."""


@dataclass(frozen=True, slots=True)
class DiskSecrets:
    """Files that hold secrets: their paths, and never what is in them."""

    answer_files: Fact[tuple[str, ...]]
    answer_files_with_password: Fact[tuple[str, ...]]
    custom_data: Fact[tuple[str, ...]]
    protected_settings: Fact[tuple[str, ...]]
    """Settings of extensions, but for Run Command's, with a protected part."""
    shell_histories: Fact[tuple[str, ...]]
    """PowerShell's histories and transcripts that are not empty."""
    tool_credentials: Fact[tuple[str, ...]]
    """Of .azure, .aws, .ssh, .kube, .docker and .git-credentials in profiles, what holds anything."""
    stored_credentials: Fact[tuple[str, ...]]
    """Windows' own saved credentials, and private keys, of users."""
    ssh_host_keys: Fact[tuple[str, ...]]
    ssh_authorized_keys: Fact[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DiskCertificate:
    """A certificate in the machine's own store."""

    thumbprint: str
    made_by: Literal["azure", "other"]
    """`azure`: the guest agent's own, which it makes on every machine."""


@dataclass(frozen=True, slots=True)
class DiskAccess:
    """Ways into the machines made from the image, and what they are known by."""

    rdp_certificate: Fact[str]
    """Thumbprint of the certificate that Remote Desktop was told to use."""
    rdp_store: Fact[tuple[str, ...]]
    """Thumbprints in the store of Remote Desktop."""
    winrm_https: Fact[tuple[str, ...]]
    """Listeners of WinRM for HTTPS: `*+HTTPS`."""
    winrm_basic: Fact[int]
    winrm_unencrypted: Fact[int]
    winrm_rules: Fact[tuple[str, ...]]
    """Active firewall rules that let anybody in on 5985 or 5986, in a public network too."""
    certificates: Fact[tuple[DiskCertificate, ...]]
    machine_keys: Fact[int]
    """How many key files ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys holds. Windows has some of its own."""


@dataclass(frozen=True, slots=True)
class DiskAgents:
    """What acts by itself on a machine made from the image."""

    agent_services: Fact[tuple[str, ...]]
    """Those of WindowsAzureGuestAgent and RdAgent that are registered."""
    virtual_desktop_agents: Fact[tuple[str, ...]]
    agents_with_identity: Fact[tuple[str, ...]]
    """Names of products that keep an identity of this machine."""
    scheduled_tasks: Fact[tuple[str, ...]]
    """Tasks that are no part of Windows, by their path in the task scheduler."""
    startup_programs: Fact[tuple[str, ...]]
    """What a start runs once: names in RunOnce, and files in the machine's folder Startup."""
    setup_scripts: Fact[tuple[str, ...]]
    """Scripts that Setup runs when a new machine is set up, but for Azure's own."""


@dataclass(frozen=True, slots=True)
class EventLog:
    """An event log that holds more than an empty one."""

    name: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class DiskLeftovers:
    """What else was left, counted or by its path."""

    event_logs: Fact[tuple[EventLog, ...]]
    memory_files: Fact[tuple[str, ...]]
    """Page file, hibernation file, crash dumps."""
    panther_files: Fact[int]
    shadow_copies: Fact[int]
    recycled: Fact[int]
    old_windows: Fact[tuple[str, ...]]
    downloaded_updates: Fact[int]
    temporary_files: Fact[int]
    """How many names there are in Windows\\Temp, and in Temp of each profile."""
    agent_logs: Fact[tuple[str, ...]]
    run_command_files: Fact[tuple[str, ...]]
    """Scripts that Run Command ran: Sealproof's own are among them."""
    build_scripts: Fact[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class WindowsDisk:
    """One observation of the stopped disk of a Windows VM."""

    coverage: Coverage
    image_state: Fact[str]
    """`ImageState` in the SOFTWARE hive."""
    image_state_file: Fact[str]
    """`ImageState` in Windows\\Setup\\State\\State.ini."""
    setup_type: Fact[int]
    """`Setup\\SetupType` in the SYSTEM hive."""
    setup_command: Fact[str]
    """`Setup\\CmdLine` in the SYSTEM hive."""
    setup_in_progress: Fact[int]
    """`Setup\\SystemSetupInProgress` in the SYSTEM hive."""
    oobe_in_progress: Fact[int]
    """`Setup\\OOBEInProgress` in the SYSTEM hive."""
    generalization_state: Fact[int]
    """`Setup\\Status\\SysprepStatus\\GeneralizationState`: recorded, never a proof by itself."""
    cleanup_state: Fact[int]
    """`Setup\\Status\\SysprepStatus\\CleanupState`: recorded only."""
    success_tag: Fact[str]
    """Modification time of Sysprep_succeeded.tag, ISO 8601 UTC; absent where there is no tag."""
    error_lines: Fact[tuple[str, ...]]
    """Last lines of Sysprep's setuperr.log, at most 20, each cut to 300 characters; absent without the log."""
    log: SysprepLog
    accounts: DiskAccounts
    secrets: DiskSecrets
    access: DiskAccess
    agents: DiskAgents
    leftovers: DiskLeftovers
