"""What a Linux guest holds before the step that deprovisioning may leave behind: counts and names, no content."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class ShellHistory:
    """A shell history that is not empty."""

    account: str
    """`-` in a home that is left in /home, `+` in one that no key of `clean` visits: further down, or elsewhere."""
    file: str
    """Its name in the account's home, such as `.bash_history`."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that somebody keeps."""

    account: str
    """`-` for what lies in no account's home, `+` for homes that no key of `clean` visits."""
    file: str
    """Its path: in an account's home from there, else absolute."""


@dataclass(frozen=True, slots=True)
class LoginKey:
    """A key that lets somebody log in as an account."""

    account: str
    """As that of a file; `=NAME` for a key of NAME's that stays where NAME's home, or root's .ssh, is removed."""
    fingerprint: str
    """`SHA256:...`; `-` for a line that ssh-keygen does not take for a key."""


@dataclass(frozen=True, slots=True)
class Residue:
    """What is there now, and the tool that removes cloud-init's part of it."""

    host_keys: Fact[int]
    """Files /etc/ssh/ssh_host_*; private and public ones count."""
    shell_histories: Fact[tuple[ShellHistory, ...]]
    backup_hashes: Fact[int]
    """Password hashes in /etc/shadow-; absent where there is no such file."""
    cloud_instances: Fact[int]
    """Instances whose state cloud-init keeps (/var/lib/cloud/instances)."""
    cloud_user_data: Fact[int]
    """Copies of the user data that cloud-init keeps of instances."""
    cloud_seed: Fact[int]
    """Files with user data in cloud-init's seed."""
    cloud_hostname: Fact[bool]
    """Whether cloud-init remembers which host name it has set."""
    authorized_keys: Fact[tuple[LoginKey, ...]]
    private_keys: Fact[tuple[HeldFile, ...]]
    """In homes, and where servers keep theirs; SSH host keys are not among them."""
    credentials: Fact[tuple[HeldFile, ...]]
    """Of clouds, registries and databases, in homes."""
    tool_histories: Fact[tuple[HeldFile, ...]]
    """Histories of other tools than shells."""
    ssh_peers: Fact[tuple[HeldFile, ...]]
    """What homes know of machines that were logged in to."""
    copied_hashes: Fact[int]
    """Password hashes in copies of shadow and gshadow other than /etc/shadow-."""
    crontabs: Fact[tuple[str, ...]]
    """Accounts that have a crontab."""
    lease_files: Fact[int]
    """Files of NetworkManager and wicked about networks; waagent removes those of others."""
    log_files: Fact[int]
    """Files in /var/log that hold something, but for waagent.log."""
    temporary_files: Fact[int]
    """Files in /tmp and /var/tmp, unless they are in memory; those of services go when the services stop."""
    cloud_init_tool: Fact[str]
    """Absolute path of cloud-init; absent where it is not installed."""
