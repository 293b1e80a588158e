"""Access tokens: what is in them, and the bearer check of every ARM call."""

from __future__ import annotations

import base64
import json
import uuid

import jwt
import pytest
import requests

from lab.arm.directory import Directory
from lab.arm.errors import ArmError
from lab.arm.tokens import Tokens
from lab.principal import Principal
from lab.scenario import Azure
from lab.server import Lab
from tests.lab.machines import Arm, credential

TENANT = "11111111-1111-4111-8111-111111111111"
CLIENT = "33333333-3333-4333-8333-333333333333"
ENDPOINT = "https://localhost:1"
LATE = Principal(name="late", client_id=uuid.UUID(int=7), token_seconds=0)


def tokens() -> Tokens:
    return Tokens(ENDPOINT, Directory(Azure(), "secret", [LATE]))


def issued(issuer: Tokens, audience: str) -> str:
    return f"Bearer {issuer.issue(Directory(Azure(), 'secret').owner, audience)}"


def refused(issuer: Tokens, authorization: str | None) -> ArmError:
    with pytest.raises(ArmError) as caught:
        issuer.check(authorization)
    assert caught.value.status == 401
    return caught.value


def test_azure_identity_gets_a_token_for_this_lab(shared: Lab) -> None:
    token = credential(shared).get_token(f"{shared.endpoint}/.default").token
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == shared.endpoint
    assert (claims["tid"], claims["appid"]) == (TENANT, CLIENT)


def test_the_published_keys_are_those_of_the_access_tokens(shared: Lab) -> None:
    discovery = f"{shared.endpoint}/{TENANT.upper()}/v2.0/.well-known/openid-configuration"
    configuration = requests.get(discovery, verify=str(shared.ca_file), timeout=10).json()
    published = requests.get(configuration["jwks_uri"], verify=str(shared.ca_file), timeout=10).json()
    token = credential(shared).get_token(f"{shared.endpoint}/.default").token

    claims = jwt.decode(
        token,
        jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]],
        algorithms=configuration["id_token_signing_alg_values_supported"],
        audience=shared.endpoint,
        issuer=configuration["issuer"],
    )
    assert claims["oid"] == shared.principal().object_id
    assert "d" not in published["keys"][0]


def test_a_call_without_a_token_is_a_401_with_a_challenge(shared: Lab) -> None:
    url = f"{shared.endpoint}/subscriptions?api-version=2022-12-01"
    answer = requests.get(url, verify=str(shared.ca_file), timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AuthenticationFailed"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    assert shared.requests[-1].principal == ""


def test_a_changed_token_is_refused() -> None:
    another_labs = issued(tokens(), ENDPOINT)
    assert refused(tokens(), another_labs).code == "InvalidAuthenticationToken"
    assert refused(tokens(), "Bearer nonsense").code == "InvalidAuthenticationToken"
    assert refused(tokens(), another_labs.replace("Bearer", "Basic")).code == "AuthenticationFailedInvalidHeader"


def test_a_token_for_another_audience_is_refused() -> None:
    issuer = tokens()
    refusal = refused(issuer, issued(issuer, "https://vault.azure.net"))
    assert refusal.code == "InvalidAuthenticationTokenAudience"
    assert "https://vault.azure.net" in refusal.message


@pytest.mark.parametrize(
    "audience",
    [ENDPOINT, f"{ENDPOINT}/", "https://127.0.0.1:1/", "https://management.azure.com/", "https://management.azure.com"],
)
def test_the_audiences_of_arm_are_accepted_with_and_without_their_slash(audience: str) -> None:
    issuer = tokens()
    assert issuer.check(issued(issuer, audience)).name == "owner"


def test_an_expired_token_is_refused_with_the_times() -> None:
    issuer = tokens()
    refusal = refused(issuer, f"Bearer {issuer.issue(LATE, ENDPOINT)}")
    assert refusal.code == "ExpiredAuthenticationToken"
    assert refusal.message.startswith("The access token expiry UTC time '")


def test_the_token_of_someone_who_is_gone_is_refused() -> None:
    issuer = tokens()
    gone = Principal(name="gone", client_id=uuid.UUID(int=8))
    assert refused(issuer, f"Bearer {issuer.issue(gone, ENDPOINT)}").code == "InvalidAuthenticationToken"


def test_the_secret_is_new_for_every_lab_and_travels_in_no_log(shared: Lab, shared_arm: Arm) -> None:
    shared_arm("GET", shared_arm.machine)
    assert shared.requests[-1].principal == "owner"
    assert shared.client_secret not in repr(shared.requests)
