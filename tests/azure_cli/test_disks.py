"""Disks and snapshots of a lab, by the Azure CLI."""

from __future__ import annotations

import pytest
import requests

from tests.azure_cli.azure_cli import AzureCli

pytestmark = pytest.mark.azure_cli


def test_it_snapshots_a_disk_and_shares_the_snapshot_until_it_is_revoked(az: AzureCli) -> None:
    disk = az("disk list -g rg-shown").json[0]
    made = az(f"snapshot create -g rg-shown -n before --source {disk['id']}").json
    assert (made["name"], made["creationData"]["sourceResourceId"]) == ("before", disk["id"])
    shared = az("snapshot grant-access -g rg-shown -n before --duration-in-seconds 600").json["accessSAS"]
    first = {"Range": "bytes=0-511"}
    read = requests.get(shared, headers=first, verify=str(az.lab.ca_file), timeout=10)
    assert (read.status_code, len(read.content)) == (206, 512)
    assert az("snapshot revoke-access -g rg-shown -n before").code == 0
    assert requests.get(shared, headers=first, verify=str(az.lab.ca_file), timeout=10).status_code == 403
    assert az("snapshot delete -g rg-shown -n before").code == 0
    assert az("snapshot list -g rg-shown").json == []
