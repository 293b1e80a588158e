"""What a stopped Linux disk still holds of the machine that it was: types only.

A fact that is a tuple of texts has absolute paths, unless it says otherwise, and is empty where all places were looked
at and nothing was found. No content is among them, and neither is a secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthorizedKey:
    """One line of an authorized_keys file."""

    path: str
    account: str
    """The account whose home it lies in; empty for a home that /etc/passwd does not name."""
    fingerprint: str
    """As `ssh-keygen -l` prints it, `SHA256:...`; empty for a line that is no key, such as a certificate authority's
    pattern or damage."""
    refers: bool
    """Whether it only tells to log in as somebody else, as cloud-init writes it for root."""


@dataclass(frozen=True, slots=True)
class LinuxSecrets:
    """What lets somebody in, or was never meant for others."""

    host_keys_elsewhere: Fact[Paths]
    """SSH host keys outside of /etc/ssh, where sshd_config names them."""
    authorized_keys: Fact[tuple[AuthorizedKey, ...]]
    private_keys: Fact[Paths]
    """Private keys in homes and where servers keep theirs; SSH host keys are not among them."""
    ssh_peers: Fact[Paths]
    """known_hosts and config files of ssh in homes."""
    tool_histories: Fact[Paths]
    """Histories of other tools than shells."""
    hashed_copies: Fact[Paths]
    """Copies of shadow and gshadow other than /etc/shadow- that hold a password hash."""
    named_copies: Fact[Paths]
    """Copies of the account files that name an account which is gone."""
    sudo_rules: Fact[Paths]
    """Files of sudo with a rule, other than NOPASSWD, for an account that is gone."""
    credentials: Fact[Paths]
    """Files of tools that hold somebody's credentials, in homes."""
    user_data: Fact[Paths]
    """Copies of the user data that the machine was provisioned with."""
    memory_dumps: Fact[Paths]
    """Core dumps and crash dumps."""
    installer_hashes: Fact[Paths]
    """Files that an installer left and that hold a password hash."""
    swap: Fact[Paths]
    """Swap on this disk: names of volumes, and paths of swap files that /etc/fstab names."""


@dataclass(frozen=True, slots=True)
class LinuxIdentities:
    """What makes others take a machine for this one."""

    domain_accounts: Fact[Paths]
    """Keytabs, and the state of sssd, Samba and IPA."""
    registrations: Fact[Paths]
    """Registrations with Red Hat, SUSE and Ubuntu, and credentials of apt."""
    onboardings: Fact[Paths]
    """Defender's onboarding and Azure Arc."""
    monitoring: Fact[Paths]
    """State of Azure Monitor's agents, of Log Analytics' and of Defender."""
    peer_keys: Fact[Paths]
    """Keys of VPNs and meshes."""
    cluster_keys: Fact[Paths]
    """Keys of configuration management and of cluster nodes."""
    storage_names: Fact[Paths]
    """Names under which storage knows this machine."""
    lvm_devices: Fact[Paths]
    """LVM's list of this machine's disks."""
    pinned_secrets: Fact[Paths]
    """Network configuration that holds a secret, a fixed address, or a rule that names a network card."""
    pinned_cards: Fact[Paths]
    """Other network configuration that names this machine's network card."""
    installation_ids: Fact[Paths]
    """Smaller identities and caches: of yum, blkid, snapd."""


@dataclass(frozen=True, slots=True)
class LinuxState:
    """What the machine was doing, and what would go on in another one."""

    kept_hostname: Fact[Paths]
    """What makes cloud-init believe that it has set the host name already."""
    leases: Fact[Paths]
    logs: Fact[Paths]
    """What lies in /var/log and holds anything: files, and folders with such a file. Not waagent.log."""
    crontabs: Fact[Paths]
    orphaned_crontabs: Fact[Paths]
    """Those of accounts that /etc/passwd does not name."""
    mail: Fact[Paths]
    temporary: Fact[Paths]
    """What lies in /tmp and /var/tmp."""
    stale_units: Fact[Paths]
    """Units of systemd that start something in /var/lib/waagent."""
    own_host_names: Fact[tuple[str, ...]]
    """Names that /etc/hosts gives the machine itself (127.0.1.1)."""
    foreign_mounts: Fact[tuple[str, ...]]
    """Mount points of /etc/fstab that the start waits for, and whose volume is not on this disk."""
    encrypted_mounts: Fact[tuple[str, ...]]
    """Names of volumes that /etc/crypttab opens."""
    own_traces: Fact[Paths]
    """What Run Command and Sealproof's own scripts left."""
    editor_copies: Fact[Paths]
    """Copies that editors keep, in /etc and homes."""
