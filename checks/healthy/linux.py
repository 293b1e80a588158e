"""Healthy Linux guests and sealed Linux disks."""

from __future__ import annotations

from typing import Any

from checks.facts import Fact, LinuxAgent, LinuxDisk, LinuxGuest, OvfAccount, PasswordField, SystemMount
from checks.healthy.build import Own, build, own_answers
from checks.healthy.disk import coverage


def ovf_account(**overrides: Any) -> OvfAccount:
    """Return the account that Azure made when it provisioned the VM."""
    return build(OvfAccount, {"name": "azureuser", "uid": 1000, "home": "/home/azureuser"}, overrides)


def linux_guest(own: Own | None = None, **overrides: Any) -> LinuxGuest:
    """Return a running Debian guest that waagent can deprovision."""
    healthy = {
        "own_answers": own_answers(own),
        "system_uuid": "aaaaaaaa-0000-0000-0000-000000000000",
        "distribution": "debian",
        "distribution_like": Fact.missing(),
        "distribution_version": "12",
        "system_mounts": (SystemMount("/", "/dev/sda1", "ext4"), SystemMount("/boot/efi", "/dev/sda15", "vfat")),
        "uid_min": 1000,
        "agent": LinuxAgent(
            path="/usr/sbin/waagent", version="WALinuxAgent-2.7.3.0 running on debian 12", traceback=""
        ),
        "agent_configuration": {
            "Provisioning.Agent": "cloud-init",
            "Provisioning.DeleteRootPassword": "True",
            "Provisioning.RegenerateSshHostKeyPair": "True",
        },
        "agent_unit_enabled": "enabled",
        "agent_unit_active": "active",
        "agent_disabled_file": False,
        "ovf_account": ovf_account(),
        "encrypted_volumes": (),
        "crypttab_entries": 0,
        "machine_id": "set",
        "dbus_machine_id": "link",
        "password_fields": (PasswordField("root", "locked"), PasswordField("azureuser", "hash")),
        "password_backups": ("/etc/passwd-", "/etc/shadow-"),
    }
    return build(LinuxGuest, healthy, overrides)


def linux_disk(**overrides: Any) -> LinuxDisk:
    """Return the stopped disk of a Linux VM that was deprovisioned and cleaned."""
    healthy = {
        "coverage": coverage(),
        "agent_folder": (),
        "agent_log_failure": Fact.missing(),
        "accounts": {"root": ("/etc/passwd", "/etc/shadow", "/etc/group"), "daemon": ("/etc/passwd", "/etc/shadow")},
        "homes": (),
        "password_fields": (PasswordField("root", "locked"), PasswordField("daemon", "locked")),
        "password_backup_fields": Fact.missing(),
        "machine_id": "empty",
        "dbus_machine_id": "link",
        "hostname": "localhost.localdomain",
    }
    return build(LinuxDisk, healthy, overrides)
