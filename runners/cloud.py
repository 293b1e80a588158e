"""Which Azure a run talks to, and as whom."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runners.errors import UsageError
from runners.way_in import WayIn

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


@dataclass(frozen=True, slots=True)
class Cloud:
    """An Azure Resource Manager and what is needed to reach it."""

    endpoint: str
    """Base URL of ARM, without a slash at its end."""
    scope: str
    """OAuth scope of its tokens."""
    ca_file: Path | None
    """Certificates to trust instead of the public authorities'; None for those."""
    lab: bool
    """True for anything that is not one of Azure's own clouds."""
    poll_seconds: float
    """How long to wait between two looks where the platform gives no Retry-After."""
    authority: str = ""
    """Base URL of the token authority, without a slash at its end."""

    @property
    def trusted(self) -> str:
        """The file of the certificates to trust, for every connection.

        Never left to the environment: REQUESTS_CA_BUNDLE could let anybody answer in Azure's name, and evidence that
        says Azure would not tell.
        """
        from requests.utils import DEFAULT_CA_BUNDLE_PATH  # takes a while, and whoever reads a fleet needs none

        return str(self.ca_file or DEFAULT_CA_BUNDLE_PATH)


def _azure(host: str, audience: str, authority: str) -> Cloud:
    return Cloud(
        endpoint=f"https://{host}",
        scope=f"https://{audience}/.default",
        ca_file=None,
        lab=False,
        poll_seconds=10.0,
        authority=f"https://{authority}",
    )


AZURE_CLOUDS = {
    "AzureCloud": _azure("management.azure.com", "management.azure.com", "login.microsoftonline.com"),
    "AzureUSGovernment": _azure(
        "management.usgovcloudapi.net", "management.core.usgovcloudapi.net", "login.microsoftonline.us"
    ),
    "AzureChinaCloud": _azure("management.chinacloudapi.cn", "management.chinacloudapi.cn", "login.chinacloudapi.cn"),
}
"""Azure's own clouds, by the Azure CLI's names (`az cloud list`). Nothing else is Azure in evidence."""
PUBLIC = AZURE_CLOUDS["AzureCloud"]
_AZURE_AUDIENCES = frozenset(
    {
        "management.azure.com",
        "management.core.windows.net",
        "management.usgovcloudapi.net",
        "management.core.usgovcloudapi.net",
        "management.chinacloudapi.cn",
        "management.core.chinacloudapi.cn",
    }
)
"""Whose tokens open Azure itself: they are sent nowhere else."""
_NEAR_POLL_SECONDS = 0.5
"""On this very host nobody throttles, and somebody waits."""


def cloud_of(way: WayIn) -> Cloud:
    """Return the cloud that `way` leads to. Asks it how to sign in where it is not Azure's and names no authority.

    It is Azure only where endpoint, authority and trusted certificates all are; for everything else `lab` is true.
    Raises `UsageError` for what can't go together or could not be asked.
    """
    endpoint = way.arm_endpoint or PUBLIC.endpoint
    known = next((cloud for cloud in AZURE_CLOUDS.values() if cloud.endpoint == endpoint), None)
    if known is not None:
        if way.authority not in (None, known.authority):
            raise UsageError(
                f"{endpoint} takes tokens of {known.authority} alone, and the authority given is {way.authority}. "
                "Leave the authority out, or give the endpoint that it belongs to (--arm-endpoint)."
            )
        return replace(known, ca_file=way.ca, lab=way.ca is not None)
    cloud = Cloud(
        endpoint=endpoint,
        scope=f"{endpoint}/.default",
        ca_file=way.ca,
        lab=True,
        poll_seconds=_NEAR_POLL_SECONDS if _is_near(endpoint) else PUBLIC.poll_seconds,
        authority=way.authority or "",
    )
    if way.authority is not None:
        return cloud
    from runners import cloud_metadata

    told = cloud_metadata.ask(endpoint, cloud.trusted)
    if (urlsplit(told.audience).hostname or told.audience).lower() in _AZURE_AUDIENCES:
        raise UsageError(
            f"{endpoint} asks for tokens for {told.audience}, which open Azure itself, and it is none of Azure's own "
            f"endpoints ({', '.join(item.endpoint for item in AZURE_CLOUDS.values())}). No token was sent. Give one of "
            "those with --arm-endpoint."
        )
    return replace(cloud, scope=f"{told.audience}/.default", authority=told.authority)


def _is_near(endpoint: str) -> bool:
    return urlsplit(endpoint).hostname in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a run acts as, as the token says. Read for the record; nothing is decided by it."""

    tenant: str
    principal: str


def identify(credential: TokenCredential, cloud: Cloud) -> Identity:
    """Ask for a token and return whom it names: tenant id and object (or application) id, empty where it does not say.

    The token itself is not kept. Errors of the credential pass through to the caller.
    """
    token = credential.get_token(cloud.scope).token
    claims = _claims(token)
    principal = claims.get("oid") or claims.get("appid") or claims.get("sub") or ""
    return Identity(tenant=str(claims.get("tid", "")), principal=str(principal))


def _claims(token: str) -> dict[str, object]:
    """Return the claims of a JWT (header.payload.signature, each base64url), or nothing where it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
