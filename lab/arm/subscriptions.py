"""What an ARM client asks before it asks for machines: cloud metadata, subscriptions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.arm import access
from lab.arm.call import Call
from lab.arm.cloud import Cloud
from lab.arm.json_response import ArmJson, value_list


async def metadata(cloud: Cloud, _request: Request) -> Response:
    """Answer GET /metadata/endpoints, which the Azure CLI reads when a cloud is registered."""
    return JSONResponse(
        {
            "name": "SealproofLab",
            "resourceManager": cloud.endpoint,
            "authentication": {"loginEndpoint": cloud.endpoint, "audiences": [cloud.endpoint], "tenant": "common"},
            "suffixes": {},
        }
    )


async def list_all(call: Call) -> Response:
    """GET the one subscription, or none: what the caller has no role in is not shown."""
    mine = access.sees(call.principal.roles, f"/subscriptions/{call.cloud.subscription_id}")
    return value_list([_subscription(call.cloud)] if mine else [])


async def get(call: Call) -> Response:
    """GET the subscription."""
    call.cloud.check_group(call.name("subscription"))
    return ArmJson(_subscription(call.cloud))


def _subscription(cloud: Cloud) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{cloud.subscription_id}",
        "subscriptionId": cloud.subscription_id,
        "tenantId": str(cloud.scenario.azure.tenant_id),
        "displayName": "Sealproof lab",
        "state": "Enabled",
    }
