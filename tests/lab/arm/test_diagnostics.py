"""Boot diagnostics: the serial log as a blob."""

from __future__ import annotations

import pytest
import requests
from azure.core.exceptions import ResourceExistsError
from azure.mgmt.compute import ComputeManagementClient

from lab.server import Lab
from tests.lab.machines import guest


def test_the_serial_log_is_read_through_a_signed_url(sdk: ComputeManagementClient, running: Lab) -> None:
    found = sdk.virtual_machines.retrieve_boot_diagnostics_data("rg-Test", "Linux01")
    url = str(found.serial_console_log_blob_uri)
    ca = str(running.ca_file)
    assert requests.get(url, verify=ca, timeout=10).content == b"booting\n"
    guest(running, "Linux01").serial += b"sealproof[1]: end\n"
    assert requests.get(url, verify=ca, timeout=10).content == b"booting\nsealproof[1]: end\n"
    assert requests.get(url.partition("?")[0], verify=ca, timeout=10).status_code == 403
    assert requests.get(str(found.console_screenshot_blob_uri), verify=ca, timeout=10).content == b""


def test_without_boot_diagnostics_there_is_none(sdk: ComputeManagementClient) -> None:
    with pytest.raises(ResourceExistsError, match="Boot diagnostics is not enabled on VM 'windows01'"):
        sdk.virtual_machines.retrieve_boot_diagnostics_data("rg-Test", "windows01")
