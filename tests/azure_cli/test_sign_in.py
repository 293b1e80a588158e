"""Signing in to a lab with the Azure CLI."""

from __future__ import annotations

import pytest

from tests.azure_cli.azure_cli import AzureCli

pytestmark = pytest.mark.azure_cli


def test_a_service_principal_signs_in_with_its_secret(stranger: AzureCli) -> None:
    accounts = stranger.sign_in().json
    assert [(item["id"], item["state"]) for item in accounts] == [(stranger.lab.printed("subscription"), "Enabled")]
    assert stranger("account show").json["tenantId"] == stranger.lab.printed("tenant")


def test_a_wrong_secret_is_refused_with_the_reason(stranger: AzureCli) -> None:
    refused = stranger.sign_in("-p", "wrong")
    assert refused.code == 1
    assert "AADSTS7000215: Invalid client secret provided." in refused.error
    assert "az login" in stranger("vm list").error
