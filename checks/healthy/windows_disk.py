"""What the stopped disk of a Windows VM says that Sysprep sealed and that a careful team built, by topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.facts import DiskCertificate, DiskProfile, Fact, LocalAccount

DISK_TOPICS: Mapping[str, Mapping[str, Any]] = {
    "log": {
        "run_began": "2026-11-22 10:20:01",
        "run_options": ("GENERALIZE", "OOBE", "QUIET", "SHUTDOWN"),
        "run_tagged": True,
        "run_errors": (),
    },
    "accounts": {
        "local_accounts": (
            LocalAccount(500, "azureuser", "enabled"),
            LocalAccount(501, "Guest", "disabled"),
            LocalAccount(503, "DefaultAccount", "disabled"),
            LocalAccount(504, "WDAGUtilityAccount", "disabled"),
        ),
        "profiles": (DiskProfile("S-1-5-21-1-2-3-500", r"C:\Users\azureuser"),),
        "profile_folders": ("azureuser",),
        "computer_name": "GOLDENVM",
        "machine_sid": "S-1-5-21-1-2-3",
        "machine_guid": "38f5a857fc346f24",
        "automatic_logon": False,
        "logon_password": False,
        "logon_secret": False,
        "cached_logons": 0,
        "machine_account": False,
    },
    "secrets": {
        "answer_files": (),
        "answer_files_with_password": (),
        "custom_data": (),
        "protected_settings": (),
        "shell_histories": (),
        "tool_credentials": (),
        "stored_credentials": (),
        "ssh_host_keys": (),
        "ssh_authorized_keys": (),
    },
    "access": {
        "rdp_certificate": Fact.missing(),
        "rdp_store": (),
        "winrm_https": (),
        "winrm_basic": 0,
        "winrm_unencrypted": 0,
        "winrm_rules": (),
        "certificates": (DiskCertificate("A2" * 20, "azure"),),
        "machine_keys": 1,
    },
    "agents": {
        "agent_services": ("RdAgent", "WindowsAzureGuestAgent"),
        "virtual_desktop_agents": (),
        "agents_with_identity": (),
        "scheduled_tasks": (),
        "startup_programs": (),
        "setup_scripts": (),
    },
    "leftovers": {
        "event_logs": (),
        "memory_files": (),
        "panther_files": 0,
        "shadow_copies": 0,
        "recycled": 0,
        "old_windows": (),
        "downloaded_updates": 0,
        "temporary_files": 0,
        "agent_logs": (),
        "run_command_files": (),
        "build_scripts": (),
    },
}
