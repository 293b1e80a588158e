"""The control plane's view of healthy VMs."""

from __future__ import annotations

from typing import Any

from checks.facts import AgentStatus, AzureFacts, Fact, OsDisk
from checks.healthy.build import build

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"


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
    return build(OsDisk, healthy, overrides)


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
        "security_type": Fact.missing(),
        "os_disk": os_disk(),
        "data_disks": (),
        "serial_log": True,
        "tags": {},
        "etag": '"1"',
    }
    return build(AzureFacts, healthy, overrides)


def sealed_azure_facts(**overrides: Any) -> AzureFacts:
    """Return the control plane's view of a VM that was deallocated and generalized."""
    healthy = {
        "power_state": "deallocated",
        "generalized": (True, True),
        "agent": Fact.missing(),
        "os_disk": os_disk(disk_state="Reserved"),
    }
    return azure_facts(**(healthy | overrides))
