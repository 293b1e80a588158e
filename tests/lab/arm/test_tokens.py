"""The token endpoint and the bearer check."""

from __future__ import annotations

import base64
import json
import time

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError

from lab.arm.errors import ArmError
from lab.arm.tokens import Tokens
from lab.server import Lab
from tests.lab.machines import Arm, credential

TENANT = "11111111-1111-4111-8111-111111111111"
CLIENT = "33333333-3333-4333-8333-333333333333"


def tokens() -> Tokens:
    return Tokens("https://localhost:1", TENANT, CLIENT, "secret")


def refused(authorization: str | None) -> ArmError:
    with pytest.raises(ArmError) as caught:
        tokens().check(authorization)
    assert caught.value.status == 401
    return caught.value


def test_azure_identity_gets_a_token_for_this_lab(shared: Lab) -> None:
    token = credential(shared).get_token(f"{shared.endpoint}/.default").token
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == shared.endpoint
    assert (claims["tid"], claims["appid"]) == (TENANT, CLIENT)


def test_a_wrong_secret_is_refused_with_azures_error(shared: Lab) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret"):
        credential(shared, secret="wrong").get_token("https://management.azure.com/.default")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_id": TENANT}, 400, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
    ],
)
def test_other_token_requests_are_refused(shared: Lab, change: dict[str, str], status: int, error: str) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": shared.client_secret,
        "scope": "https://management.azure.com/.default",
    }
    url = f"{shared.endpoint}/{TENANT}/oauth2/v2.0/token"
    answer = requests.post(url, data=form | change, verify=str(shared.ca_file), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_an_unknown_tenant_is_refused(shared: Lab) -> None:
    for method, path in (("GET", "v2.0/.well-known/openid-configuration"), ("POST", "oauth2/v2.0/token")):
        url = f"{shared.endpoint}/{CLIENT}/{path}"
        assert requests.request(method, url, verify=str(shared.ca_file), timeout=10).status_code == 400


def test_a_call_without_a_token_is_a_401_with_a_challenge(shared: Lab) -> None:
    url = f"{shared.endpoint}/subscriptions?api-version=2022-12-01"
    answer = requests.get(url, verify=str(shared.ca_file), timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AuthenticationFailed"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")
    assert answer.headers["x-ms-failure-cause"] == "gateway"


def test_a_changed_token_is_refused() -> None:
    token = tokens().issue("https://localhost:1")
    assert refused(f"Bearer {token}").code == "InvalidAuthenticationToken"  # another lab's key
    assert refused("Bearer nonsense").code == "InvalidAuthenticationToken"
    assert refused(f"Basic {token}").code == "AuthenticationFailedInvalidHeader"


def test_a_token_for_another_audience_is_refused() -> None:
    issuer = tokens()
    with pytest.raises(ArmError, match=r"vault\.azure\.net") as caught:
        issuer.check(f"Bearer {issuer.issue('https://vault.azure.net')}")
    assert caught.value.code == "InvalidAuthenticationTokenAudience"
    issuer.check(f"Bearer {issuer.issue('https://management.azure.com/')}")


def test_an_expired_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = tokens()
    token = issuer.issue("https://localhost:1")
    later = time.time() + 4000
    monkeypatch.setattr("lab.arm.tokens.time.time", lambda: later)
    with pytest.raises(ArmError) as caught:
        issuer.check(f"Bearer {token}")
    assert caught.value.code == "ExpiredAuthenticationToken"


def test_the_secret_is_new_for_every_lab_and_travels_in_no_log(shared: Lab, shared_arm: Arm) -> None:
    shared_arm("GET", shared_arm.machine)
    assert shared.client_secret not in repr(shared.requests)
