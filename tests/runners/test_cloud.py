"""Whom a token names. Nothing is decided by it, and the token is not kept."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from hypothesis import given
from hypothesis import strategies as st

from runners.cloud import PUBLIC, Cloud, Identity, identify


class Static:
    def __init__(self, token: str) -> None:
        self.token = token
        self.scopes: tuple[str, ...] = ()

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes = scopes
        return AccessToken(self.token, 0)


def token_of(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2ln"


@pytest.mark.parametrize(
    ("claims", "principal"),
    [
        ({"oid": "o", "appid": "a", "sub": "s"}, "o"),
        ({"appid": "a", "sub": "s"}, "a"),
        ({"oid": "", "sub": "s"}, "s"),
        ({}, ""),
    ],
)
def test_the_principal_is_the_object_or_else_the_application(claims: dict[str, str], principal: str) -> None:
    assert identify(Static(token_of(claims | {"tid": "t"})), PUBLIC) == Identity("t", principal)


def test_the_token_is_asked_for_the_cloud_s_own_scope() -> None:
    credential = Static(token_of({}))
    identify(credential, Cloud("https://localhost:1", "https://localhost:1/.default", None, lab=True, poll_seconds=1))

    assert credential.scopes == ("https://localhost:1/.default",)


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!!.c", "a.bm90IGpzb24.c", token_of(["tid"]), token_of(7)])
def test_a_token_that_is_no_jwt_names_nobody(token: str) -> None:
    assert identify(Static(token), PUBLIC) == Identity("", "")


@given(st.text(max_size=60), st.binary(max_size=40))
def test_no_token_breaks_it(text: str, payload: bytes) -> None:
    for token in (text, f"a.{text}.c", f"a.{base64.urlsafe_b64encode(payload).decode()}.c"):
        assert isinstance(identify(Static(token), PUBLIC), Identity)


def test_the_public_cloud_is_azure_and_no_lab() -> None:
    assert (PUBLIC.endpoint, PUBLIC.lab, PUBLIC.ca_file) == ("https://management.azure.com", False, None)
    assert PUBLIC.scope == f"{PUBLIC.endpoint}/.default"
