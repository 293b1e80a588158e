"""Facts of healthy targets, for tests of checks: each function returns such facts, and keywords change single ones.

A keyword takes a `Fact`, or a plain value that is wrapped as `Fact.of(value)` where the field is a fact; `own` takes
what own probes print:

    linux_guest(encrypted_volumes=("sda2 (crypto_LUKS)",), agent=Fact.missing())
    linux_guest(own={"kernel_args": "quiet", "broken": Fact.unknown("the own probe broken failed")})
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from checks.facts import (
    AgentStatus,
    AzureFacts,
    Coverage,
    DiskVolume,
    Fact,
    LinuxAgent,
    LinuxDisk,
    LinuxGuest,
    Observation,
    OsDisk,
    OvfAccount,
    OwnAnswers,
    PasswordField,
    Policy,
    Receipt,
    Service,
    SystemMount,
    Unobserved,
    Volume,
    WindowsDisk,
    WindowsGuest,
)

T = TypeVar("T")
Own = Mapping[str, str | Fact[str]]
"""What own probes print, by probe name."""

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"


def _build(kind: type[T], healthy: dict[str, Any], overrides: dict[str, Any]) -> T:
    hints = typing.get_type_hints(kind)
    values = healthy | overrides
    for name, value in values.items():
        if typing.get_origin(hints[name]) is Fact and not isinstance(value, Fact):
            values[name] = Fact.of(value)
    return kind(**values)


def _own_answers(own: Own | None) -> OwnAnswers:
    texts = (own or {}).items()
    return OwnAnswers({name: text if isinstance(text, Fact) else Fact.of(text) for name, text in texts})


def os_disk(**overrides: Any) -> OsDisk:
    """Return a managed OS disk that may be exported and that nobody exports now."""
    healthy = {
        "id": f"{GROUP}/disks/golden-os",
        "name": "golden-os",
        "unique_id": "aaaaaaaa-0000-0000-0000-000000000001",
        "size_bytes": 32 * 1024**3,
        "network_access_policy": "AllowAll",
        "public_network_access": "Enabled",
        "disk_access_id": "",
        "encryption_settings_enabled": False,
        "security_type": "",
        "disk_state": "Attached",
    }
    return _build(OsDisk, healthy, overrides)


def azure_facts(**overrides: Any) -> AzureFacts:
    """Return the control plane's view of a running Linux VM that may be generalized."""
    healthy = {
        "id": f"{GROUP}/virtualMachines/golden",
        "name": "golden",
        "vm_id": "aaaaaaaa-0000-0000-0000-000000000000",
        "location": "westeurope",
        "platform": "linux",
        "power_state": "running",
        "generalized": (False,),
        "agent": AgentStatus(version="2.11.1.4", display_status="Ready", time="2026-11-22T10:00:00+00:00"),
        "extensions": (),
        "locks": (),
        "disk_encryption": (),
        "model_encryption": False,
        "os_disk": os_disk(),
        "data_disks": (),
        "serial_log": True,
        "tags": {},
        "etag": '"1"',
    }
    return _build(AzureFacts, healthy, overrides)


def sealed_azure_facts(**overrides: Any) -> AzureFacts:
    """Return the control plane's view of a VM that was deallocated and generalized."""
    healthy = {
        "power_state": "deallocated",
        "generalized": (True, True),
        "agent": Fact.missing(),
        "os_disk": os_disk(disk_state="Reserved"),
    }
    return azure_facts(**(healthy | overrides))


def ovf_account(**overrides: Any) -> OvfAccount:
    """Return the account that Azure made when it provisioned the VM."""
    return _build(OvfAccount, {"name": "azureuser", "uid": 1000, "home": "/home/azureuser"}, overrides)


def linux_guest(own: Own | None = None, **overrides: Any) -> LinuxGuest:
    """Return a running Debian guest that waagent can deprovision."""
    healthy = {
        "own_answers": _own_answers(own),
        "system_uuid": "aaaaaaaa-0000-0000-0000-000000000000",
        "distribution": "debian",
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
    return _build(LinuxGuest, healthy, overrides)


def windows_guest(own: Own | None = None, **overrides: Any) -> WindowsGuest:
    """Return a running Windows Server 2022 guest that Sysprep can generalize."""
    healthy = {
        "own_answers": _own_answers(own),
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
        "launched_as": "GOLDEN\\builder",
    }
    return _build(WindowsGuest, healthy, overrides)


def coverage(**overrides: Any) -> Coverage:
    """Return the coverage of a disk that was read whole: a boot partition and a root file system."""
    healthy = {
        "size_bytes": 32 * 1024**3,
        "bytes_read": 4 * 1024**2,
        "files_examined": 14,
        "volumes": (DiskVolume("partition 1", "none", ""), DiskVolume("partition 2", "ext4", "")),
        "isolation": ("no-environment", "memory"),
    }
    return _build(Coverage, healthy, overrides)


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
    return _build(LinuxDisk, healthy, overrides)


def windows_disk(**overrides: Any) -> WindowsDisk:
    """Return the stopped disk of a Windows VM that Sysprep sealed."""
    healthy = {
        "coverage": coverage(volumes=(DiskVolume("partition 1", "ntfs", ""),)),
        "image_state": SEALED,
        "image_state_file": SEALED,
        "setup_type": 2,
        "setup_command": r"C:\Windows\System32\oobe\windeploy.exe",
        "generalization_state": 4,
        "success_tag": "2026-11-22T10:30:00+00:00",
        "error_lines": (),
    }
    return _build(WindowsDisk, healthy, overrides)


def receipt(**overrides: Any) -> Receipt:
    """Return the receipt of a generalization that succeeded."""
    return _build(Receipt, {"outcome": "succeeded", "cause": "", "launched_as": "root", "excerpt": ()}, overrides)


def observation(platform: str = "linux", **vantages: Any) -> Observation:
    """Return the observation of a healthy target before it is generalized: azure and guest were seen.

    Keywords set vantages whole: `observation(guest=linux_guest(...), policy=Policy(...))`.
    """
    guest = linux_guest() if platform == "linux" else windows_guest()
    return _build(
        Observation, {"platform": platform, "azure": azure_facts(platform=platform), "guest": guest}, vantages
    )


def sealed_observation(platform: str = "linux", **vantages: Any) -> Observation:
    """Return the observation of a target that was generalized well: azure, disk, receipt and the one before."""
    healthy = {
        "platform": platform,
        "azure": sealed_azure_facts(platform=platform),
        "guest": Unobserved("a generalized VM can't be asked", applicable=False),
        "disk": linux_disk() if platform == "linux" else windows_disk(),
        "receipt": receipt(),
        "before": observation(platform),
        "policy": Policy(),
    }
    return _build(Observation, healthy, vantages)
