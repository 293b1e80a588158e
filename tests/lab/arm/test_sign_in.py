"""Signing in with the real azure-identity: by secret, by federated token, as a managed identity; and refusals."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CredentialUnavailableError,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from lab.arm.issuer import Issuer
from lab.arm.sign_in import ASSERTION_TYPE, EXCHANGE_AUDIENCE
from lab.principal import Principal, Role
from lab.scenario_loader import load_scenario
from lab.server import Lab, LabError, serve
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import compute, credential, memory_guest

READER = (Role(actions=("*/read",), scope="/subscriptions/22222222-2222-4222-8222-222222222222"),)
CI = Principal(
    name="ci", client_id=uuid.UUID(int=1), federated_subject="repo:contoso/images:ref:refs/heads/main", roles=READER
)
OTHER_CI = Principal(name="other-ci", client_id=uuid.UUID(int=2), federated_subject="repo:contoso/web")
HOST = Principal(name="host", client_id=uuid.UUID(int=3), managed_identity=True, roles=READER)
OTHER_HOST = Principal(name="other-host", client_id=uuid.UUID(int=4), managed_identity=True, roles=READER)
FORGOTTEN = Principal(name="forgotten", client_id=uuid.UUID(int=5), secret="old", secret_expired=True)


@pytest.fixture(scope="module")
def tenant() -> Iterator[Lab]:
    scenario = load_scenario(SCENARIO).model_copy(update={"principals": (CI, OTHER_CI, HOST, OTHER_HOST, FORGOTTEN)})
    with serve(scenario, guests=memory_guest) as lab:
        yield lab


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.delenv(name, raising=False)


def who_reads(lab: Lab, signed_in: TokenCredential) -> str:
    """Make a real ARM call, and return as whom the lab saw it."""
    with compute(lab, signed_in=signed_in) as client:
        assert client.virtual_machines.get("rg-Test", "Linux01").name == "Linux01"
    return lab.requests[-1].principal


def workload(lab: Lab, principal: Principal, token_file: Path) -> WorkloadIdentityCredential:
    return WorkloadIdentityCredential(
        tenant_id=lab.tenant_id.upper(),
        client_id=str(principal.client_id),
        token_file_path=str(token_file),
        authority=lab.authority,
        disable_instance_discovery=True,
        connection_verify=str(lab.ca_file),
    )


def scope(lab: Lab) -> str:
    return f"{lab.endpoint}/.default"


# Ways in


def test_a_secret_signs_in(tenant: Lab) -> None:
    assert who_reads(tenant, credential(tenant)) == "owner"


def test_a_federated_token_in_a_file_signs_in(tenant: Lab, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(tenant.federated_token("ci"))
    assert who_reads(tenant, workload(tenant, CI, token_file)) == "ci"


def test_the_lab_s_own_principal_has_a_federated_token_as_well(tenant: Lab, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(tenant.federated_token())
    assert who_reads(tenant, workload(tenant, tenant.principal(), token_file)) == "owner"


@pytest.mark.parametrize(("client_id", "name"), [(None, "host"), (str(OTHER_HOST.client_id), "other-host")])
def test_a_managed_identity_signs_in(
    tenant: Lab, monkeypatch: pytest.MonkeyPatch, client_id: str | None, name: str
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", tenant.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", tenant.identity_header)
    managed = ManagedIdentityCredential(client_id=client_id, connection_verify=str(tenant.ca_file))
    assert who_reads(tenant, managed) == name


def test_without_a_managed_identity_in_the_scenario_the_owner_is_one(
    shared: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", shared.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", shared.identity_header)
    assert who_reads(shared, ManagedIdentityCredential(connection_verify=str(shared.ca_file))) == "owner"


@pytest.mark.parametrize("way", ["secret", "federated token", "managed identity"])
def test_the_default_credential_finds_each_way_in_the_environment(
    tenant: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(tenant.federated_token("ci"))
    signs_in = {"secret": tenant.principal(), "federated token": CI, "managed identity": HOST}[way]
    environment = {
        "secret": {"AZURE_CLIENT_SECRET": tenant.client_secret},
        "federated token": {"AZURE_FEDERATED_TOKEN_FILE": str(token_file)},
        "managed identity": {"IDENTITY_ENDPOINT": tenant.identity_endpoint, "IDENTITY_HEADER": tenant.identity_header},
    }[way] | {
        "AZURE_TENANT_ID": tenant.tenant_id,
        "AZURE_CLIENT_ID": str(signs_in.client_id),
        "AZURE_AUTHORITY_HOST": tenant.authority,
        "REQUESTS_CA_BUNDLE": str(tenant.ca_file),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with DefaultAzureCredential(disable_instance_discovery=True) as default:
        assert who_reads(tenant, default) == signs_in.name


@pytest.mark.parametrize("resource", ["/.default", "//.default"])
def test_a_resource_that_ends_with_a_slash_is_the_same_resource(tenant: Lab, resource: str) -> None:
    token = credential(tenant).get_token(f"{tenant.endpoint}{resource}").token
    url = f"{tenant.endpoint}/subscriptions?api-version=2022-12-01"
    answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, verify=str(tenant.ca_file), timeout=10)
    assert (answer.status_code, len(answer.json()["value"])) == (200, 1)


def test_anybody_can_check_the_federated_token_with_the_published_keys(tenant: Lab) -> None:
    def get(url: str) -> dict[str, str]:
        found: dict[str, str] = requests.get(url, verify=str(tenant.ca_file), timeout=10).json()
        return found

    token = tenant.federated_token("ci")
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    published = get(get(f"{issuer}/.well-known/openid-configuration")["jwks_uri"])
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=EXCHANGE_AUDIENCE, issuer=issuer)
    assert claims["sub"] == CI.federated_subject


# Refusals


def test_a_wrong_secret_is_refused_with_entra_s_error(tenant: Lab) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"):
        credential(tenant, secret="wrong").get_token(scope(tenant))
    assert tenant.requests[-1].principal == ""


def test_an_expired_secret_is_refused_with_entra_s_error(tenant: Lab) -> None:
    with pytest.raises(ClientAuthenticationError, match=rf"AADSTS7000222.*'{FORGOTTEN.client_id}' are expired"):
        credential(tenant, principal=FORGOTTEN).get_token(scope(tenant))


def tampered(token: str) -> str:
    header, payload, signature = token.split(".")
    return f"{header}.{payload}.{signature[:-6]}{'A' if signature[-6] != 'A' else 'B'}{signature[-5:]}"


@pytest.mark.parametrize(
    ("mistake", "number"),
    [
        ("tampered", "AADSTS700027"),
        ("another lab's", "AADSTS700211"),
        ("forged", "AADSTS700027"),
        ("another subject", "AADSTS700213: No matching federated identity record .* subject 'repo:contoso/web'"),
        ("another audience", "AADSTS700212: No matching federated identity record .* audience 'api://else'"),
        ("expired", "AADSTS700024: Client assertion is not within its valid time range"),
        ("nonsense", "AADSTS50027"),
    ],
)
def test_a_federated_token_that_is_not_right_is_refused(
    tenant: Lab, shared: Lab, tmp_path: Path, mistake: str, number: str
) -> None:
    good = tenant.federated_token("ci")
    claims = jwt.decode(good, options={"verify_signature": False})
    federation = tenant._running.sign_in.federation
    token_file = tmp_path / "token"
    token_file.write_text(
        {
            "tampered": tampered(good),
            "another lab's": shared.federated_token(),
            "forged": Issuer(federation.url, "RS256").sign(claims),
            "another subject": tenant.federated_token("other-ci"),
            "another audience": federation.sign(claims | {"aud": "api://else"}),
            "expired": tenant.federated_token("ci", seconds=0),
            "nonsense": "nonsense",
        }[mistake]
    )
    with pytest.raises(ClientAuthenticationError, match=number):
        workload(tenant, CI, token_file).get_token(scope(tenant))


def test_a_principal_without_federation_takes_no_federated_token(tenant: Lab, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(tenant.federated_token("ci"))
    with pytest.raises(ClientAuthenticationError, match="AADSTS70025"):
        workload(tenant, HOST, token_file).get_token(scope(tenant))


def test_a_managed_identity_endpoint_answers_only_who_knows_its_header(
    tenant: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", tenant.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(CredentialUnavailableError, match=r"401.*X-IDENTITY-HEADER"):
        ManagedIdentityCredential(connection_verify=str(tenant.ca_file)).get_token(scope(tenant))


def test_a_managed_identity_that_the_host_has_not_got_is_refused(tenant: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", tenant.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", tenant.identity_header)
    unknown = ManagedIdentityCredential(client_id=str(CI.client_id), connection_verify=str(tenant.ca_file))
    with pytest.raises(CredentialUnavailableError, match="No User Assigned or Delegated Managed Identity"):
        unknown.get_token(scope(tenant))


FORM = {
    "grant_type": "client_credentials",
    "client_id": str(CI.client_id),
    "scope": "https://management.azure.com/.default",
}


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({}, 401, "invalid_client"),
        ({"client_secret": "none"}, 401, "invalid_client"),
        ({"client_id": "11111111-1111-4111-8111-111111111111"}, 400, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_assertion": "x", "client_assertion_type": "saml"}, 400, "invalid_request"),
        ({"client_assertion": "x", "client_assertion_type": ASSERTION_TYPE}, 400, "invalid_request"),
    ],
)
def test_other_token_requests_are_refused(tenant: Lab, change: dict[str, str], status: int, error: str) -> None:
    url = f"{tenant.endpoint}/{tenant.tenant_id}/oauth2/v2.0/token"
    answer = requests.post(url, data=FORM | change, verify=str(tenant.ca_file), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_scope_must_ask_for_the_default(tenant: Lab) -> None:
    with pytest.raises(ClientAuthenticationError, match=r"AADSTS1002012.*/\.default"):
        credential(tenant).get_token("https://management.azure.com/user_impersonation")


def test_an_unknown_tenant_is_refused(tenant: Lab) -> None:
    paths = ("v2.0/.well-known/openid-configuration", "discovery/v2.0/keys", "oauth2/v2.0/token")
    for method, path in zip(("GET", "GET", "POST"), paths, strict=True):
        url = f"{tenant.endpoint}/{CI.client_id}/{path}"
        assert requests.request(method, url, verify=str(tenant.ca_file), timeout=10).status_code == 400


@pytest.mark.parametrize("name", ["common", "organizations", "Organizations"])
def test_the_names_for_any_tenant_are_described_but_sign_nobody_in(tenant: Lab, name: str) -> None:
    described = requests.get(
        f"{tenant.endpoint}/{name}/v2.0/.well-known/openid-configuration", verify=str(tenant.ca_file), timeout=10
    )
    assert described.json()["token_endpoint"].endswith("/oauth2/v2.0/token")
    form = FORM | {"client_id": tenant.client_id, "client_secret": tenant.client_secret}
    asked = requests.post(
        f"{tenant.endpoint}/{name}/oauth2/v2.0/token", data=form, verify=str(tenant.ca_file), timeout=10
    )
    assert (asked.status_code, asked.json()["error_codes"]) == (400, [90002])


def test_a_principal_that_the_scenario_has_not_got_is_named_with_those_it_has(tenant: Lab) -> None:
    with pytest.raises(LabError, match=r"has no principal 'me'.*owner, ci, other-ci"):
        tenant.federated_token("me")
