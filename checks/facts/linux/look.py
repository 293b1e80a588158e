"""What a Linux guest sees of itself after it was sealed and before it powers off: types only.

It stands in for the stopped disk where the fleet file says `witness: guest`, and is less: whoever was sealed says so
himself, and what happens while the system goes down comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact
from checks.facts.linux.sudo import SudoRule
from checks.facts.linux_guest import PasswordField


@dataclass(frozen=True, slots=True)
class NamedIn:
    """An account, and a file that names it."""

    account: str
    file: str


@dataclass(frozen=True, slots=True)
class LinuxLook:
    """The facts, each as that of `LinuxDisk` of its name; `account_files` and `sudo_rules` are lists."""

    agent_folder: Fact[tuple[str, ...]]
    agent_log_failure: Fact[str]
    account_files: Fact[tuple[NamedIn, ...]]
    human_accounts: Fact[tuple[str, ...]]
    homes: Fact[tuple[str, ...]]
    password_fields: Fact[tuple[PasswordField, ...]]
    password_backup_fields: Fact[tuple[PasswordField, ...]]
    machine_id: Fact[Literal["set", "empty", "uninitialized"]]
    dbus_machine_id: Fact[Literal["set", "empty", "uninitialized", "link"]]
    hostname: Fact[str]
    host_keys: Fact[tuple[str, ...]]
    sudo_rules: Fact[tuple[SudoRule, ...]]
    shell_histories: Fact[tuple[str, ...]]
    cloud_instances: Fact[tuple[str, ...]]
