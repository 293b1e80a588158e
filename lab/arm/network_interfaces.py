"""Network interfaces of the VMs: list and get, since `az vm show -d` and `az vm list -d` ask for them.

They are made up from the ids in the VMs' models, in the public API's shape; the addresses are the lab's own and lead
nowhere. No VM has a public address: that list is empty.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.cloud import Cloud
from lab.arm.json_response import ArmJson, value_list
from lab.arm.paging import page_of


async def list_subscription(call: Call) -> Response:
    """GET the network interfaces of the subscription."""
    call.cloud.check_group(call.name("subscription"))
    page = page_of(call, list(_interfaces(call.cloud)))
    return page.response(page.items)


async def get(call: Call) -> Response:
    """GET a network interface."""
    name = call.name("interface")
    wanted = f"{call.group().id}/providers/Microsoft.Network/networkInterfaces/{name}"
    for interface in _interfaces(call.cloud):
        if interface["id"].lower() == wanted.lower():
            return ArmJson(interface)
    raise errors.resource_missing("networkInterfaces", name, call.name("group"), namespace="Microsoft.Network")


async def list_public_addresses(call: Call) -> Response:
    """GET the public addresses of the subscription: none."""
    call.cloud.check_group(call.name("subscription"))
    return value_list([])


def _interfaces(cloud: Cloud) -> Iterator[dict[str, Any]]:
    for number, machine in enumerate(cloud.machines.values()):
        profile = machine.documents.model.get("properties", {}).get("networkProfile", {})
        for reference in profile.get("networkInterfaces", []):
            yield _document(str(reference["id"]), machine.id, number, cloud.scenario.azure.location)


def _document(id_: str, machine: str, number: int, location: str) -> dict[str, Any]:
    guid = uuid.uuid5(uuid.NAMESPACE_URL, id_.lower())
    address = number + 4  # Azure keeps the first four of a subnet
    configuration = {
        "name": "ipconfig1",
        "id": f"{id_}/ipConfigurations/ipconfig1",
        "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": f"10.{address // 65536 % 256}.{address // 256 % 256}.{address % 256}",
            "privateIPAllocationMethod": "Dynamic",
            "primary": True,
            "privateIPAddressVersion": "IPv4",
        },
    }
    return {
        "name": id_.rpartition("/")[2],
        "id": id_,
        "type": "Microsoft.Network/networkInterfaces",
        "location": location,
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": str(guid),
            "ipConfigurations": [configuration],
            "macAddress": f"00-0D-3A-{guid.hex[0:2]}-{guid.hex[2:4]}-{guid.hex[4:6]}".upper(),
            "primary": True,
            "virtualMachine": {"id": machine},
        },
    }
