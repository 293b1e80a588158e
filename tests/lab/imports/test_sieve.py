"""The allow-list lets nothing through that nobody named, and tells what it left, never its value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.imports import allow_list
from lab.imports.allow_list import KEEP
from lab.imports.sieve import Sieve

SECRETS = {
    "a SAS": "https://md-x.blob.storage.azure.net/x/abcd?sv=2018&sig=PLANTED%3D",
    "a URL with a query": "https://example.net/script.sh?PLANTED",
    "a URL with a password": "https://me:PLANTED@example.net/",
    "a storage key": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=PLANTED==",
    "a token": "eyJ0eXAiOiJKV1Qi.PLANTED.x",
    "a private key": "-----BEGIN PRIVATE KEY-----\nPLANTED",
    "a public key, which names a person": "ssh-ed25519 AAAAPLANTED alice@laptop",
    "a password in a sentence": "password: PLANTED",
}


@pytest.mark.parametrize("value", SECRETS.values(), ids=list(SECRETS))
def test_a_value_that_looks_like_a_secret_is_left_out_wherever_it_stands(value: str) -> None:
    sieve = Sieve()
    assert sieve.keep({"name": value, "tags": {"note": value}}, {"name": KEEP, "tags": {"*": KEEP}}, "vm") == {
        "tags": {}
    }
    assert sieve.secrets == ["vm.name", "vm.tags.note"]


@pytest.mark.parametrize("key", ["adminPassword", "db-password", "apiKey", "sas", "SECRET", "accessToken"])
def test_a_tag_that_is_named_as_a_secret_is_left_out(key: str) -> None:
    sieve = Sieve()
    assert sieve.keep({key: "PLANTED", "team": "images"}, {"*": KEEP}, "tags") == {"team": "images"}
    assert (sieve.secrets, sieve.others) == ([f"tags.{key}"], [])


def test_what_nobody_named_is_left_out_and_listed() -> None:
    sieve = Sieve()
    kept = sieve.keep({"a": 1, "b": {"c": True, "d": "x"}, "e": [{"a": "x"}, 7]}, {"b": {"c": KEEP}, "e": [{}]}, "vm")
    assert kept == {"b": {"c": True}, "e": [{}]}
    assert sieve.others == ["vm.a", "vm.b.d", "vm.e[0].a", "vm.e[1]"]


def test_nothing_is_said_of_what_was_empty() -> None:
    sieve = Sieve()
    assert sieve.keep({"secrets": [], "userData": None, "owner": ""}, {}, "vm") == {}
    assert (sieve.secrets, sieve.others) == ([], [])


def test_a_text_where_a_group_is_expected_is_left_out() -> None:
    assert Sieve().keep({"osProfile": "PLANTED"}, {"osProfile": {"computerName": KEEP}}, "vm") == {}


def test_a_placeholder_of_scenarios_in_a_document_is_left_out() -> None:
    sieve = Sieve()
    assert sieve.keep({"name": "${vm_id}"}, {"name": KEEP}, "vm") == {}
    assert sieve.others == ["vm.name"]


@pytest.mark.parametrize("tree", [allow_list.VIRTUAL_MACHINE, allow_list.INSTANCE_VIEW, allow_list.EXTENSION])
def test_no_place_where_azure_keeps_secrets_is_allowed(tree: Any) -> None:
    names = json.dumps(tree).lower()
    for place in (
        "adminpassword",
        "customdata",
        "userdata",
        "protectedsettings",
        "publickeys",
        "adminusername",
        "message",
    ):
        assert place not in names
