"""Which Azure a run talks to, and as whom."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    """Certificates to trust instead of the system's; None for the system's."""
    lab: bool
    """True for anything that is not one of Azure's own clouds."""
    poll_seconds: float
    """How long to wait between two looks where the platform gives no Retry-After."""


PUBLIC = Cloud(
    endpoint="https://management.azure.com",
    scope="https://management.azure.com/.default",
    ca_file=None,
    lab=False,
    poll_seconds=10.0,
)


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
