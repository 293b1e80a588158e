"""Healthy Linux guests and sealed Linux disks."""

from __future__ import annotations

import dataclasses
from typing import Any

from checks.facts import (
    Fact,
    FreeSpace,
    LinuxAgent,
    LinuxDisk,
    LinuxGuest,
    LinuxIdentities,
    LinuxSecrets,
    LinuxState,
    LoginKey,
    OvfAccount,
    PasswordField,
    ShellHistory,
    SystemMount,
)
from checks.healthy.build import Own, build, own_answers
from checks.healthy.disk import coverage
from checks.healthy.linux_topics import handed_on


def ovf_account(**overrides: Any) -> OvfAccount:
    """Return the account that Azure made when it provisioned the VM."""
    return build(OvfAccount, {"name": "azureuser", "uid": 1000, "home": "/home/azureuser"}, overrides)


def _topics() -> dict[str, dict[str, Any]]:
    """Return the healthy facts of each topic."""
    return {
        "boot": {
            "root_argument": "UUID",
            "serial_console": True,
            "serial_console_configured": True,
            "boot_missing": (),
            "boot_extra": (),
            "nvme_timeout": False,
            "efi_fallback": True,
        },
        "cloud_init": {
            "cloud_init_unit": "enabled",
            "cloud_init_status": "done",
            "cloud_init_off": (),
            "datasources": "Azure",
            "ds_identify": Fact.missing(),
            "installer_leftovers": (),
            "network_disabled": Fact.missing(),
            "dhcp_elsewhere": Fact.missing(),
            "ssh_deletekeys": Fact.missing(),
        },
        "deprovision": {
            "bad_switches": (),
            "sudoers_accounts": ("azureuser",),
            "primary_interface": "eth0",
            "primary_ifcfg": False,
            "ifcfg_rewrite": Fact.missing(),
            "suse_dhcp_file": False,
        },
        "disks": {
            "os_disk": "sda",
            "bare_devices": (),
            "mounts_without_nofail": (),
            "fstab_valid": True,
            "swap_on_os_disk": (),
            "resource_disk_uses": (),
            "unread_volumes": (),
            "ade_key_volume": False,
            "root_on_lvm": False,
            "lvm_devices_file": False,
        },
        "filesystems": {
            "free_space": (FreeSpace("/", 24000, 80, 96),),
            "root_read_only": False,
            "filesystem_errors": 0,
            "check_forced": False,
        },
        "kernel": {
            "running_kernel": "6.1.0-41-cloud-amd64",
            "default_kernel": "6.1.0-41-cloud-amd64",
            "initramfs_missing": (),
            "reboot_pending": False,
        },
        "modules": {"unloadable_modules": ()},
    }


def linux_guest(own: Own | None = None, **overrides: Any) -> LinuxGuest:
    """Return a running Debian guest that waagent can deprovision."""
    healthy = {
        "own_answers": own_answers(own),
        "system_uuid": "aaaaaaaa-0000-0000-0000-000000000000",
        "distribution": "debian",
        "distribution_like": Fact.missing(),
        "distribution_version": "12",
        "system_mounts": (
            SystemMount("/", "/dev/sda1", "ext4", "partition", "sda"),
            SystemMount("/boot/efi", "/dev/sda15", "vfat", "partition", "sda"),
        ),
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
        **handed_on(),
        **_topics(),
        "residue": {
            "host_keys": 6,
            "shell_histories": (ShellHistory("root", ".bash_history"), ShellHistory("azureuser", ".bash_history")),
            "backup_hashes": 1,
            "cloud_instances": 1,
            "cloud_user_data": 0,
            "cloud_seed": 0,
            "cloud_hostname": True,
            "authorized_keys": (LoginKey("azureuser", "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"),),
            "private_keys": (),
            "credentials": (),
            "tool_histories": (),
            "ssh_peers": (),
            "copied_hashes": 0,
            "crontabs": (),
            "lease_files": 0,
            "log_files": 12,
            "temporary_files": 0,
            "cloud_init_tool": "/usr/bin/cloud-init",
        },
    }
    return build(LinuxGuest, healthy, overrides)


def linux_disk(**overrides: Any) -> LinuxDisk:
    """Return the stopped disk of a Linux VM that was deprovisioned and cleaned."""
    healthy = {
        "coverage": coverage(),
        "agent_folder": (),
        "agent_log_failure": Fact.missing(),
        "accounts": {"root": ("/etc/passwd", "/etc/shadow", "/etc/group"), "daemon": ("/etc/passwd", "/etc/shadow")},
        "human_accounts": (),
        "homes": (),
        "password_fields": (PasswordField("root", "locked"), PasswordField("daemon", "locked")),
        "password_backup_fields": Fact.missing(),
        "machine_id": "empty",
        "dbus_machine_id": "link",
        "hostname": "localhost.localdomain",
        "host_keys": (),
        "sudo_accounts": {},
        "shell_histories": (),
        "cloud_instances": (),
        "secrets": _nothing(LinuxSecrets),
        "identities": _nothing(LinuxIdentities),
        "state": _nothing(LinuxState),
    }
    return build(LinuxDisk, healthy, overrides)


def _nothing(kind: type[Any]) -> dict[str, tuple[()]]:
    """Return the record of a disk on which each place was looked at, and nothing found."""
    return {item.name: () for item in dataclasses.fields(kind)}
