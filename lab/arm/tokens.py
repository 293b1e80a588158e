"""Access tokens: handing them out, and the bearer check of every ARM call.

The texts of the 401s are recalled, not recorded.
"""

from __future__ import annotations

import time
from typing import Any

import jwt

from lab.arm import times
from lab.arm.directory import Directory
from lab.arm.errors import ArmError
from lab.arm.issuer import Issuer
from lab.principal import Principal

_AZURE_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")


class Tokens:
    """Issues and checks the access tokens of one lab."""

    def __init__(self, endpoint: str, directory: Directory) -> None:
        self._endpoint = endpoint
        self._directory = directory
        # Azure signs with RS256. ARM alone reads these tokens, and here each start of a lab would pay for the key.
        self.issuer = Issuer(f"{endpoint}/{directory.tenant_id}/v2.0", "ES256")

    def issue(self, principal: Principal, audience: str) -> str:
        """Return an access token of `principal` for `audience`."""
        issued = int(time.time())
        return self.issuer.sign(
            {
                "aud": audience,
                "iat": issued,
                "nbf": issued,
                "exp": issued + principal.token_seconds,
                "appid": str(principal.client_id),
                "idtyp": "app",
                "oid": principal.object_id,
                "sub": principal.object_id,
                "tid": self._directory.tenant_id,
            }
        )

    def check(self, authorization: str | None) -> Principal:
        """Return whose token `authorization` brings, or raise the 401 that ARM answers."""
        if not authorization:
            raise self._refusal("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise self._refusal(
                "AuthenticationFailedInvalidHeader",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.",
            )
        claims = self._claims(token.strip())
        local = self._endpoint.replace("//localhost:", "//127.0.0.1:")
        if str(claims["aud"]).rstrip("/") not in (self._endpoint, local, *_AZURE_AUDIENCES):
            raise self._refusal(
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. "
                f"It should exactly match with one of the allowed audiences '{self._endpoint}'.",
            )
        principal = self._directory.by_client_id(str(claims["appid"]))
        if principal is None:
            raise self._refusal("InvalidAuthenticationToken", "The access token is invalid.")
        return principal

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return self.issuer.claims(token)
        except jwt.ExpiredSignatureError:
            expiry = times.wordy(jwt.decode(token, options={"verify_signature": False})["exp"])
            raise self._refusal(
                "ExpiredAuthenticationToken",
                f"The access token expiry UTC time '{expiry}' is earlier than current UTC time "
                f"'{times.wordy(time.time())}'.",
            ) from None
        except jwt.InvalidTokenError:
            raise self._refusal("InvalidAuthenticationToken", "The access token is invalid.") from None

    def _refusal(self, code: str, message: str) -> ArmError:
        challenge = (
            f'Bearer authorization_uri="{self._endpoint}/{self._directory.tenant_id}", error="invalid_token", '
            f'error_description="{message}"'
        )
        return ArmError(401, code, message, gateway=True, headers={"WWW-Authenticate": challenge})
