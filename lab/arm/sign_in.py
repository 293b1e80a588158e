"""Where clients sign in: the token endpoint, the managed identity endpoint, and what they read before.

The texts are those that users of the real endpoints quote (issues of Azure/login and azure-workload-identity); which
status goes with which number is recalled, but that a wrong secret is a 401 with `invalid_client` was seen.
"""

from __future__ import annotations

import hmac
import secrets
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.arm import times
from lab.arm.directory import Directory
from lab.arm.errors import ArmError
from lab.arm.issuer import Issuer
from lab.arm.tokens import Tokens
from lab.principal import Principal

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE_AUDIENCE = "api://AzureADTokenExchange"
_ANY_TENANT = ("common", "organizations")
"""Names that stand for every tenant: `az logout` reads the configuration of one of them."""
_FEDERATION_DOCS = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"


class _RefusedError(Exception):
    """The token endpoint says no: HTTP status, OAuth's error, and the number and text of AADSTS."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text

    def response(self) -> Response:
        moment = times.now().strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        return JSONResponse(
            {
                "error": self.error,
                "error_description": f"AADSTS{self.number}: {self.text} Trace ID: {trace} "
                f"Correlation ID: {correlation} Timestamp: {moment}",
                "error_codes": [self.number],
                "timestamp": moment,
                "trace_id": trace,
                "correlation_id": correlation,
            },
            status_code=self.status,
        )


def _client(number: int, text: str) -> _RefusedError:
    return _RefusedError(401, "invalid_client", number, text)


class SignIn:
    """The endpoints at which the principals of one lab get their tokens."""

    def __init__(self, endpoint: str, directory: Directory, tokens: Tokens) -> None:
        self._directory = directory
        self._tokens = tokens
        self._tenant = f"{endpoint}/{directory.tenant_id}"
        self.federation = Issuer(f"{endpoint}/federation", "RS256")
        """Stands for the issuer outside of Azure whose tokens are exchanged: a CI service, a Kubernetes cluster."""
        self.identity_endpoint = f"{endpoint}/msi/token"
        self.identity_header = secrets.token_hex(16).upper()

    def federated_token(self, subject: str, seconds: int) -> str:
        """Return a token of the federation's issuer for `subject`, good for `seconds`."""
        issued = int(time.time())
        return self.federation.sign(
            {
                "sub": subject,
                "aud": EXCHANGE_AUDIENCE,
                "iat": issued,
                "nbf": issued,
                "exp": issued + seconds,
                "jti": str(uuid.uuid4()),
            }
        )

    # What a client reads before it signs in

    async def discover(self, request: Request) -> Response:
        """Answer GET /{tenant}/v2.0/.well-known/openid-configuration."""
        self._known_tenant(request)
        return JSONResponse(
            {
                "issuer": self._tokens.issuer.url,
                "authorization_endpoint": f"{self._tenant}/oauth2/v2.0/authorize",
                "token_endpoint": f"{self._tenant}/oauth2/v2.0/token",
                "jwks_uri": f"{self._tenant}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": [self._tokens.issuer.algorithm],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "tenant_region_scope": "WW",
            }
        )

    async def keys(self, request: Request) -> Response:
        """Answer GET /{tenant}/discovery/v2.0/keys: with what the access tokens are signed."""
        self._known_tenant(request)
        return JSONResponse(self._tokens.issuer.keys())

    async def discover_federation(self, _request: Request) -> Response:
        """Answer GET /federation/.well-known/openid-configuration."""
        return JSONResponse(
            {
                "issuer": self.federation.url,
                "jwks_uri": f"{self.federation.url}/keys",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [self.federation.algorithm],
            }
        )

    async def federation_keys(self, _request: Request) -> Response:
        """Answer GET /federation/keys: with what the tokens to be exchanged are signed."""
        return JSONResponse(self.federation.keys())

    # Signing in

    async def grant(self, request: Request) -> Response:
        """Answer POST /{tenant}/oauth2/v2.0/token: client credentials, by secret or by federated token."""
        sent = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        try:
            principal = self._principal(request.path_params["tenant"], sent)
            audience = _audience(sent.get("scope", ""))
        except _RefusedError as refused:
            return refused.response()
        request.state.principal = principal.name
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": principal.token_seconds,
                "ext_expires_in": principal.token_seconds,
                "access_token": self._tokens.issue(principal, audience),
            },
            headers={"Cache-Control": "no-store, no-cache"},
        )

    async def identity(self, request: Request) -> Response:
        """Answer GET of IDENTITY_ENDPOINT, as App Service does, for managed identities."""
        query = request.query_params
        if not hmac.compare_digest(
            request.headers.get("x-identity-header", "").encode(), self.identity_header.encode()
        ):
            return _identity_error(401, "The X-IDENTITY-HEADER does not match the one of this host.")
        if query.get("api-version") != "2019-08-01" or not query.get("resource"):
            return _identity_error(400, "api-version=2019-08-01 and resource are required.")
        principal = self._directory.managed(query.get("client_id") or query.get("object_id") or "")
        if principal is None or "mi_res_id" in query:
            return _identity_error(
                400,
                "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
            )
        request.state.principal = principal.name
        return JSONResponse(
            {
                "access_token": self._tokens.issue(principal, query["resource"]),
                "expires_on": str(int(time.time()) + principal.token_seconds),
                "resource": query["resource"],
                "token_type": "Bearer",
                "client_id": str(principal.client_id),
            }
        )

    def _principal(self, tenant: str, sent: Mapping[str, str]) -> Principal:
        """Return who signs in, or raise what the token endpoint answers instead."""
        if tenant.lower() != self._directory.tenant_id:
            raise _RefusedError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud.",
            )
        if sent.get("grant_type") != "client_credentials":
            raise _RefusedError(400, "unsupported_grant_type", 70003, "The lab knows client_credentials only.")
        principal = self._directory.by_client_id(sent.get("client_id", ""))
        if principal is None:
            raise _RefusedError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{sent.get('client_id', '')}' was not found in the directory '{tenant}'.",
            )
        if "client_assertion" in sent:
            self._check_assertion(principal, sent)
        elif "client_secret" in sent:
            _check_secret(principal, sent["client_secret"])
        else:
            raise _client(
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        return principal

    def _check_assertion(self, principal: Principal, sent: Mapping[str, str]) -> None:
        if sent.get("client_assertion_type") != ASSERTION_TYPE:
            raise _RefusedError(
                400,
                "invalid_request",
                900144,
                f"The request body must contain 'client_assertion_type': {ASSERTION_TYPE}.",
            )
        try:
            presented = self.federation.claims(sent["client_assertion"], EXCHANGE_AUDIENCE)
        except jwt.InvalidTokenError as error:
            raise self._refused_assertion(sent["client_assertion"], error) from None
        if principal.federated_subject is None:
            raise _client(
                70025,
                f"The client '{principal.client_id}'({principal.name}) has no configured federated identity "
                "credentials.",
            )
        # Entra compares case-sensitively since 2025 (Azure/login#517)
        if presented.get("sub") != principal.federated_subject:
            raise _no_record(700213, "subject", presented.get("sub"))

    def _refused_assertion(self, assertion: str, error: jwt.InvalidTokenError) -> _RefusedError:
        try:
            claimed = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return _RefusedError(400, "invalid_request", 50027, "JWT token is invalid or malformed.")
        # before the signature: without the issuer nobody knows whose key to check it with
        if claimed.get("iss") != self.federation.url:
            return _no_record(700211, "issuer", claimed.get("iss"))
        if isinstance(error, jwt.ExpiredSignatureError | jwt.ImmatureSignatureError):
            return _client(
                700024,
                "Client assertion is not within its valid time range. "
                f"Current time: {times.fine(times.now())}, assertion valid from {_when(claimed.get('nbf'))}, "
                f"expiry time of assertion {_when(claimed.get('exp'))}.",
            )
        if isinstance(error, jwt.InvalidAudienceError):
            return _no_record(700212, "audience", claimed.get("aud"))
        return _client(700027, "Client assertion failed signature validation.")

    def _known_tenant(self, request: Request) -> None:
        if request.path_params["tenant"].lower() not in (self._directory.tenant_id, *_ANY_TENANT):
            raise ArmError(400, "invalid_tenant", f"Tenant '{request.path_params['tenant']}' not found.", gateway=True)


def _check_secret(principal: Principal, sent: str) -> None:
    if principal.secret is None or not hmac.compare_digest(sent.encode(), principal.secret.encode()):
        raise _client(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{principal.client_id}'.",
        )
    if principal.secret_expired:
        raise _client(
            7000222,
            f"The provided client secret keys for app '{principal.client_id}' are expired. Visit the Azure portal to "
            "create new keys for your app: https://aka.ms/NewClientSecret.",
        )


def _audience(scope: str) -> str:
    """Return the audience of `https://host/.default`. A slash of the resource itself stays: `https://host//.default`."""
    first = scope.split(" ")[0]
    if not first.endswith("/.default"):
        raise _RefusedError(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
            "/.default suffixed to the resource identifier (application ID URI).",
        )
    return first.removesuffix("/.default")


def _no_record(number: int, part: str, presented: object) -> _RefusedError:
    return _client(
        number,
        f"No matching federated identity record found for presented assertion {part} '{presented}'. Check your "
        "federated identity credential Subject, Audience and Issuer against the presented assertion. "
        f"{_FEDERATION_DOCS}",
    )


def _identity_error(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status_code=status)


def _when(seconds: object) -> str:
    return times.fine(datetime.fromtimestamp(seconds, UTC)) if isinstance(seconds, int) else "unknown"
