"""Healthy Windows guests and sealed Windows disks."""

from __future__ import annotations

from typing import Any

from checks.facts import DiskVolume, Fact, Service, Volume, WindowsDisk, WindowsGuest
from checks.healthy.build import Own, build, own_answers
from checks.healthy.disk import coverage
from checks.healthy.windows_disk import DISK_TOPICS
from checks.healthy.windows_upload import vhd_upload

SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"


def windows_guest(own: Own | None = None, **overrides: Any) -> WindowsGuest:
    """Return a running Windows Server 2022 guest that Sysprep can generalize."""
    healthy: dict[str, Any] = {
        "own_answers": own_answers(own),
        "system_uuid": "aaaaaaaa-0000-0000-0000-000000000000",
        "product_type": 3,
        "build": "20348.2849",
        "installed_roles": ("FileAndStorage-Services", "Storage-Services", "NET-Framework-45-Core"),
        "virtual_switches": Fact.missing(),
        "deployment_services_initialized": Fact.missing(),
        "encrypted_iis_settings": Fact.missing(),
        "volumes": (Volume(mount="C:", conversion_status=0, protection_status=0),),
        "agent_services": (Service("RdAgent", "Running"), Service("WindowsAzureGuestAgent", "Running")),
        "image_state": "IMAGE_STATE_COMPLETE",
        "panther_folder": False,
        "answer_files": (),
        "answer_files_with_password": (),
        "launched_as": "GOLDEN\\builder",
        "roles": {"domain_role": 2, "client_features": Fact.missing(), "sql_instances": Fact.missing()},
        "device_encryption": {"tpm_present": False, "device_encryption_prevented": Fact.missing()},
        "efs": {"encrypted_files": ()},
        "appx": {
            "unprovisioned_packages": (),
            "unprovisioned_packages_total": 0,
            "newer_packages": (),
            "newer_packages_total": 0,
            "store_auto_download": Fact.missing(),
        },
        "profiles": {"extra_profiles": (), "extra_profiles_total": 0},
        "azure_guest": {
            "cdrom_start": 1,
            "removable_storage_denials": (),
            "primary_adapter_dhcp": True,
            "push_service_start": 3,
            "secondary_logon_start": 3,
            "logs_without_folder": (),
        },
        "installation": {
            "image_state_file": "IMAGE_STATE_COMPLETE",
            "generalization_state": 7,
            "cleanup_state": 2,
            "setup_in_progress": 0,
            "oobe_in_progress": 0,
            "setup_type": 0,
            "source_systems": (),
            "windows_old": False,
            "domain_joined": False,
            "entra_joined": False,
            "mdm_providers": (),
            "cluster_start": Fact.missing(),
            "sysprep_build": 20348,
            "system_build": 20348,
            "other_volumes": (),
            "system_loaders": 1,
            "free_megabytes": 110_000,
            "write_filter": Fact.missing(),
            "elevated": True,
            "process_64_bit": True,
        },
        "licensing": {"rearms_left": 1001, "skip_rearm": 0, "edition": "ServerDatacenter"},
        "providers": {"broken_providers": ()},
        "security_agents": {
            "defender_onboarding": Fact.missing(),
            "tamper_protection": 4,
            "antivirus_products": (),
            "virtual_desktop_agents": (),
            "agents_with_identity": (),
        },
        "servicing": {
            "restart_signs": (),
            "pending_renames": Fact.missing(),
            "computer_rename_pending": False,
            "busy_processes": (),
            "installer_start": 3,
            "reserve_scenario": Fact.missing(),
            "component_store": "Healthy",
        },
        "vhd_upload": vhd_upload(),
    }
    return build(WindowsGuest, healthy, overrides)


def windows_disk(**overrides: Any) -> WindowsDisk:
    """Return the stopped disk of a Windows VM that Sysprep sealed."""
    healthy = {
        "coverage": coverage(volumes=(DiskVolume("partition 1", "ntfs", ""),)),
        "image_state": SEALED,
        "image_state_file": SEALED,
        "setup_type": 2,
        "setup_command": r"C:\Windows\System32\oobe\windeploy.exe",
        "setup_in_progress": 1,
        "oobe_in_progress": 1,
        "generalization_state": 4,
        "cleanup_state": 2,
        "success_tag": "2026-11-22T10:30:00+00:00",
        "error_lines": (),
        **DISK_TOPICS,
    }
    return build(WindowsDisk, healthy, overrides)
