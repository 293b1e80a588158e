"""Signing in to a lab with the Azure CLI."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.azure_cli.azure_cli import PROGRAM, AzureCli, LabProcess

pytestmark = pytest.mark.azure_cli


def test_a_service_principal_signs_in_with_its_secret(stranger: AzureCli) -> None:
    accounts = stranger.sign_in().json
    assert [(item["id"], item["state"]) for item in accounts] == [(stranger.lab.printed("subscription"), "Enabled")]
    assert stranger("account show").json["tenantId"] == stranger.lab.printed("tenant")


def test_what_the_lab_prints_signs_in_as_it_stands(lab: LabProcess, tmp_path: Path) -> None:
    commands = [line.strip() for line in lab.said.splitlines() if line.startswith(("  export ", "  az "))]
    done = subprocess.run(
        ["bash", "-euc", "\n".join([*commands, "az vm list -o tsv --query '[].name'"])],
        env={"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "locked01"


def test_a_wrong_secret_is_refused_with_the_reason(stranger: AzureCli) -> None:
    refused = stranger.sign_in("-p", "wrong")
    assert refused.code == 1
    assert "AADSTS7000215: Invalid client secret provided." in refused.error
    assert "az login" in stranger("vm list").error


def test_a_federated_token_of_the_lab_is_exchanged(stranger: AzureCli) -> None:
    token = stranger.lab.token_file.read_text()
    assert [item["id"] for item in stranger.sign_in("--federated-token", token).json] == [
        stranger.lab.printed("subscription")
    ]
    assert len(stranger("vm list").json) == 5


def test_a_federated_token_that_was_tampered_with_is_refused(stranger: AzureCli) -> None:
    head, body, signature = stranger.lab.token_file.read_text().split(".")
    forged = f"{head}.{body}.{signature[:-4]}{'AAAA' if signature[-4:] != 'AAAA' else 'BBBB'}"
    refused = stranger.sign_in("--federated-token", forged)
    assert refused.code == 1
    assert "AADSTS" in refused.error
