"""Not signed in, or not allowed: what Azure said, once and without its padding, and what to do about it."""

from __future__ import annotations

import re

_SIGN_IN = "Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET."
_AGAIN = (
    "Sign in again (`az login`; where a job brought the token, start another job) and run again. If the token is new, "
    "look at this machine's clock."
)
_RESET = (
    "`az ad app credential reset --append --id APPLICATION` makes a new secret; set AZURE_CLIENT_SECRET to its value."
)
_FEDERATION = (
    "Compare the token's issuer, subject and audience with the application's federated credentials (`az ad app "
    "federated-credential list --id APPLICATION`): they must be the same, letter by letter."
)
_REISSUE = (
    "Have its issuer (the CI job, the cluster) write a new token into the file that AZURE_FEDERATED_TOKEN_FILE names, "
    "and run again."
)

_REMEDIES = {
    "7000215": _RESET,
    "7000222": _RESET,
    "7000218": "No credential was sent: set AZURE_CLIENT_SECRET, or AZURE_FEDERATED_TOKEN_FILE.",
    "700016": "Check AZURE_CLIENT_ID, and that AZURE_TENANT_ID names the tenant that holds the application.",
    "90002": "Check AZURE_TENANT_ID, and that the authority is that of your cloud.",
    "900023": "Check AZURE_TENANT_ID: it is neither a tenant's id nor its domain.",
    "700024": f"{_REISSUE} If it is new, look at this machine's clock.",
    "700027": f"The federated token was changed, cut, or signed by somebody else. {_REISSUE}",
    "50013": f"The federated token was changed, cut, or signed by somebody else. {_REISSUE}",
    "50027": f"What was sent is no token. {_REISSUE}",
    "70025": f"The application has no federated credential. {_FEDERATION}",
    **dict.fromkeys(("70021", "700211", "700212", "700213", "7002138"), _FEDERATION),
    **dict.fromkeys(("50173", "70043", "700082", "50076", "50078", "50079"), "Sign in again with `az login`."),
}
"""What to do, by the number of AADSTS (Microsoft Learn, "Microsoft Entra authentication and authorization error codes";
those of federation as users quote them in Azure/login and azure-workload-identity)."""

_ARM_REMEDIES = {
    "ExpiredAuthenticationToken": _AGAIN,
    "InvalidAuthenticationTokenTenant": (
        "The subscription belongs to another tenant: sign in to that one (`az login --tenant TENANT`, or "
        "AZURE_TENANT_ID)."
    ),
    "InvalidAuthenticationTokenAudience": (
        "The token is for another cloud or service: check that the endpoint and the authority belong together."
    ),
}

# such as "AADSTS7000215: Invalid client secret provided."
_NUMBER = re.compile(r"\bAADSTS(\d+)")
# such as " Trace ID: 66db5d76-... Correlation ID: 3f27e7e9-... Timestamp: 2026-11-23 00:17:56Z"
_TRACE = re.compile(r"\s*Trace ID: .*")
# such as "Microsoft Entra ID error '(invalid_client) AADSTS700024: ..."
_ENTRA = re.compile(r"Microsoft Entra ID error '(?:\(\w+\) )?|Authentication failed: (?=AADSTS)")
# such as "The client '1f..' with object id '9a..' does not have authorization to perform action 'Microsoft.Compute/
# virtualMachines/read' over scope '/subscriptions/..' or the scope is invalid. If access was recently granted, ..."
_RIGHT = re.compile(
    r"client '([^']*)' with object id '([^']*)' does not have authorization to perform action '([^']*)' over scope "
    r"'([^']*)'"
)
_PADDING = ("Attempted credentials:", "Content: ", "To mitigate this issue", "Visit https://aka.ms/")
_NOT_SET_UP = ("unavailable", "not found on path", "is not installed", "could not be found", "azure-identity-broker")
_OF_A_CHAIN = "failed to retrieve a token from the included credentials"
_LONGEST = 1000


def not_signed_in(text: str) -> str:
    """Return what the credentials said that were tried, `text` being an error of azure-identity, and what to do next.

    Of a chain of credentials only those are told that were set up and failed.
    """
    lines = [line.strip() for line in text.splitlines()]
    tried = [line for line in lines if line and not line.startswith(_PADDING) and _OF_A_CHAIN not in line]
    said = [_TRACE.sub("", _ENTRA.sub("", line)) for line in tried if not _is_not_set_up(line)]
    if not said:
        return f"no way to sign in is set up. {_SIGN_IN}"
    told = " ".join(said)[:_LONGEST].rstrip(". ")
    number = _NUMBER.search(told)
    return f"{told}. {_REMEDIES.get(number[1] if number else '', _SIGN_IN)}"


def refused(status: int, code: str, message: str) -> str:
    """Return what ARM's refusal says; of a 401 or 403 also what to do next."""
    told = f"HTTP {status} {code}: {message}"
    if status == 401:
        return f"not signed in: {told.rstrip('. ')}. {_ARM_REMEDIES.get(code, _SIGN_IN)}"
    if status != 403 or not code.endswith("AuthorizationFailed"):
        return told
    right = _RIGHT.search(message)
    if right is None:
        told = f"{told.rstrip('. ')}. Ask for a role that allows it (docs/azure-roles/)"
    else:
        client, object_id, action, scope = right.groups()
        # What to do comes first: reports cut long texts at their end, and a scope is long.
        told = (
            f"ask for a role (docs/azure-roles/) that lets the client {client} (object id {object_id}) perform "
            f"{action} over {scope} (HTTP 403 {code})"
        )
    return f"not allowed: {told}. A role just given holds after some minutes."


def _is_not_set_up(line: str) -> bool:
    return any(words in line.lower() for words in _NOT_SET_UP)
