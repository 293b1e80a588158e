"""What a Linux guest holds before the step that deprovisioning may leave behind: counts and names, no content."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class ShellHistory:
    """A shell history that is not empty."""

    account: str
    file: str
    """Its name in the account's home, such as `.bash_history`."""


@dataclass(frozen=True, slots=True)
class Residue:
    """What is there now, and the tool that removes cloud-init's part of it."""

    host_keys: Fact[int]
    """Files /etc/ssh/ssh_host_*; private and public ones count."""
    sudo_accounts: Fact[tuple[str, ...]]
    """Accounts with a NOPASSWD rule in a file of /etc/sudoers.d other than waagent's own."""
    shell_histories: Fact[tuple[ShellHistory, ...]]
    backup_hashes: Fact[int]
    """Password hashes in /etc/shadow-; absent where there is no such file."""
    cloud_instances: Fact[int]
    """Instances whose state cloud-init keeps (/var/lib/cloud/instances)."""
    cloud_init_tool: Fact[str]
    """Absolute path of cloud-init; absent where it is not installed."""
