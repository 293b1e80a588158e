"""Sign-ins and calls that were refused: what is told, and what to do."""

from __future__ import annotations

import pytest

from runners.denied import not_signed_in, refused

CHAIN = """\
DefaultAzureCredential failed to retrieve a token from the included credentials.
Attempted credentials:
\tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not set.
Visit https://aka.ms/azsdk/python/identity/environmentcredential/troubleshoot to troubleshoot this issue.
{}
\tAzurePowerShellCredential: PowerShell is not installed
To mitigate this issue, please refer to the troubleshooting guidelines here at https://aka.ms/azsdk/python/identity.
"""
EXPIRED = "AADSTS700024: Client assertion is not within its valid time range."
TRACE = "Trace ID: 3b4f4773 Correlation ID: 877def58 Timestamp: 2026-11-23 00:17:56Z"
TRIED = f"""\
\tWorkloadIdentityCredential: Microsoft Entra ID error '(invalid_client) {EXPIRED} {TRACE}'
Content: {{"error":"invalid_client","error_description":"{EXPIRED} {TRACE}"}}"""
RIGHT = (
    "The client 'me' with object id 'my-object' does not have authorization to perform action "
    "'Microsoft.Compute/disks/read' over scope '/subscriptions/1/resourceGroups/rg' or the scope is invalid. If access "
    "was recently granted, please refresh your credentials."
)


def test_of_a_chain_only_what_was_tried_is_told_and_once() -> None:
    told = not_signed_in(CHAIN.format(TRIED))

    assert told.startswith(f"WorkloadIdentityCredential: {EXPIRED} Have its issuer (the CI job, the cluster) write")
    assert told.count("700024") == 1
    for padding in ("unavailable", "PowerShell", "Content", "Trace ID", "mitigate", "aka.ms"):
        assert padding not in told


def test_a_chain_within_a_chain_is_no_reason() -> None:
    inner = f"\tDefaultAzureCredential: {CHAIN.format('')}"
    assert not_signed_in(CHAIN.format(inner)).startswith("no way to sign in is set up. Sign in with `az login`")


@pytest.mark.parametrize(
    ("said", "todo"),
    [
        ("AADSTS7000215: Invalid client secret provided.", "credential reset --append"),
        ("AADSTS7000222: The provided client secret keys for app '1' are expired.", "credential reset --append"),
        ("AADSTS700016: Application with identifier '1' was not found", "Check AZURE_CLIENT_ID"),
        ("AADSTS90002: Tenant 'x' not found.", "Check AZURE_TENANT_ID"),
        ("AADSTS700213: No matching federated identity record found", "letter by letter"),
        ("AADSTS70043: The refresh token has expired", "Sign in again with `az login`"),
        ("AADSTS1: Something new", "Sign in with `az login`, or set AZURE_TENANT_ID"),
        ("The connection was reset", "Sign in with `az login`, or set AZURE_TENANT_ID"),
    ],
)
def test_each_reason_has_its_remedy(said: str, todo: str) -> None:
    told = not_signed_in(f"Authentication failed: {said} {TRACE}")
    assert said.rstrip(".") in told
    assert todo in told
    assert TRACE not in told


def test_an_error_without_a_word_still_says_what_to_do() -> None:
    assert not_signed_in("") == (
        "no way to sign in is set up. Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
        "AZURE_CLIENT_SECRET."
    )


def test_a_missing_right_keeps_azure_s_facts_and_says_whom_to_ask() -> None:
    told = refused(403, "AuthorizationFailed", RIGHT)
    assert told.startswith(
        "not allowed: ask for a role (docs/azure-roles/) that lets the client me (object id my-object) perform "
        "Microsoft.Compute/disks/read over /subscriptions/1/resourceGroups/rg (HTTP 403 AuthorizationFailed). A role"
    )


@pytest.mark.parametrize("code", ["AuthorizationFailed", "LinkedAuthorizationFailed"])
def test_a_missing_right_in_other_words_keeps_them(code: str) -> None:
    told = refused(403, code, "No linked scope.")
    assert told.startswith(f"not allowed: HTTP 403 {code}: No linked scope. Ask for a role that allows it")


@pytest.mark.parametrize(
    ("code", "todo"),
    [
        ("ExpiredAuthenticationToken", "Sign in again"),
        ("InvalidAuthenticationTokenTenant", "az login --tenant"),
        ("InvalidAuthenticationTokenAudience", "endpoint and the authority"),
        ("InvalidAuthenticationToken", "Sign in with `az login`"),
    ],
)
def test_a_token_that_arm_refuses_has_its_remedy(code: str, todo: str) -> None:
    assert refused(401, code, "No.").startswith(f"not signed in: HTTP 401 {code}: No. ")
    assert todo in refused(401, code, "No.")


@pytest.mark.parametrize(
    ("status", "code"), [(409, "OperationNotAllowed"), (403, "RequestDisallowedByPolicy"), (500, "")]
)
def test_other_refusals_are_azure_s_words_alone(status: int, code: str) -> None:
    assert refused(status, code, "Because.") == f"HTTP {status} {code}: Because."
