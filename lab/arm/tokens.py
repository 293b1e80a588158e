"""The token endpoint, and the bearer check of every ARM call.

The error codes and texts of the token endpoint and of the 401s are recalled, not recorded; that a wrong secret is a
401 with `invalid_client` was seen to be what the clients expect.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.arm import times
from lab.arm.errors import ArmError

_LIFETIME = 3599
_AZURE_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")


@dataclass
class Tokens:
    """Issues and checks the access tokens of one lab."""

    endpoint: str
    tenant_id: str
    client_id: str
    client_secret: str
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def issue(self, audience: str) -> str:
        """Return a signed access token for `audience`."""
        issued = int(time.time())
        claims = {
            "aud": audience,
            "iss": f"{self.endpoint}/{self.tenant_id}/v2.0",
            "iat": issued,
            "exp": issued + _LIFETIME,
            "appid": self.client_id,
            "idtyp": "app",
            "oid": str(uuid.uuid5(uuid.UUID(self.client_id), "object")),
            "tid": self.tenant_id,
        }
        text = ".".join(_encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
        return f"{text}.{self._sign(text)}"

    def check(self, authorization: str | None) -> None:
        """Raise the 401 that ARM answers, unless `authorization` is `Bearer` and a good token of this lab."""
        if not authorization:
            raise self._refusal("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise self._refusal(
                "AuthenticationFailedInvalidHeader",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.",
            )
        claims = self._claims(token.strip())
        if claims["exp"] <= time.time():
            raise self._refusal("ExpiredAuthenticationToken", "The access token has expired.")
        if claims["aud"].rstrip("/") not in (self.endpoint, *_AZURE_AUDIENCES):
            raise self._refusal(
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. "
                f"It should exactly match with one of the allowed audiences '{self.endpoint}'.",
            )

    def _claims(self, token: str) -> dict[str, Any]:
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(text).encode()):
            raise self._refusal("InvalidAuthenticationToken", "The access token is invalid.")
        claims: dict[str, Any] = json.loads(_decode(text.partition(".")[2]))
        return claims

    def _sign(self, text: str) -> str:
        return _encode(hmac.new(self._key, text.encode(), hashlib.sha256).digest())

    def _refusal(self, code: str, message: str) -> ArmError:
        challenge = (
            f'Bearer authorization_uri="{self.endpoint}/{self.tenant_id}", error="invalid_token", '
            f'error_description="{message}"'
        )
        return ArmError(401, code, message, gateway=True, headers={"WWW-Authenticate": challenge})

    async def discover(self, request: Request) -> Response:
        """Answer GET /{tenant}/v2.0/.well-known/openid-configuration."""
        self._known_tenant(request)
        base = f"{self.endpoint}/{self.tenant_id}"
        return JSONResponse(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "tenant_region_scope": "WW",
            }
        )

    async def grant(self, request: Request) -> Response:
        """Answer POST /{tenant}/oauth2/v2.0/token for the client credentials flow with a secret."""
        if request.path_params["tenant"].lower() != self.tenant_id.lower():
            return _oauth_error(400, "invalid_request", 90002, f"Tenant '{request.path_params['tenant']}' not found.")
        sent = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        if sent.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type", 70003, "The lab knows client_credentials only.")
        if sent.get("client_id", "").lower() != self.client_id.lower():
            known = f"Application with identifier '{sent.get('client_id', '')}' was not found in the directory."
            return _oauth_error(400, "unauthorized_client", 700016, known)
        if not hmac.compare_digest(sent.get("client_secret", "").encode(), self.client_secret.encode()):
            return _oauth_error(401, "invalid_client", 7000215, "Invalid client secret provided.")
        audience = sent.get("scope", "").split(" ")[0].removesuffix("/.default")
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": _LIFETIME,
                "ext_expires_in": _LIFETIME,
                "access_token": self.issue(audience),
            },
            headers={"Cache-Control": "no-store, no-cache"},
        )

    def _known_tenant(self, request: Request) -> None:
        if request.path_params["tenant"].lower() != self.tenant_id.lower():
            raise ArmError(400, "invalid_tenant", f"Tenant '{request.path_params['tenant']}' not found.", gateway=True)


def _oauth_error(status: int, error: str, number: int, text: str) -> Response:
    trace = str(uuid.uuid4())
    moment = times.now().strftime("%Y-%m-%d %H:%M:%SZ")
    return JSONResponse(
        {
            "error": error,
            "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Timestamp: {moment}",
            "error_codes": [number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": str(uuid.uuid4()),
        },
        status_code=status,
    )


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
